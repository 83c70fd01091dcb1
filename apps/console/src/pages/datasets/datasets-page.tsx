import { Link, useNavigate } from "@tanstack/react-router";
import type { Dataset } from "@tombolo/sdk";
import { useTranslation } from "react-i18next";
import { Loaded } from "../../components/failure.tsx";
import { Card, Empty, Page } from "../../components/page.tsx";
import { State } from "../../components/state.tsx";
import { type Column, Table } from "../../components/table.tsx";
import { Num, When } from "../../components/values.tsx";
import { DASH, formatBytes } from "../../lib/format.ts";
import { useRead } from "../../lib/queries.ts";
import { UploadZone } from "./upload-zone.tsx";
import "./datasets.css";

function useColumns(): Column<Dataset>[] {
  const { t } = useTranslation();
  return [
    {
      key: "name",
      title: t("datasets.name"),
      cell: (row) => (
        <div>
          <Link to="/datasets/$id" params={{ id: row.id }}>
            <b style={{ fontWeight: 600 }}>{row.name}</b>
          </Link>
          <div className="small muted">
            <code>{row.id}</code>
            {row.derivedFromRevoked && <State of="REVOKED" label={t("datasets.derivedMark")} />}
          </div>
        </div>
      ),
    },
    {
      key: "ids",
      title: t("datasets.idColumn"),
      cell: (row) => (
        <code className="soft">
          {row.columns
            .filter((column) => column.role === "id")
            .map((column) => column.name)
            .join(", ") || DASH}
        </code>
      ),
    },
    {
      key: "label",
      title: t("datasets.labelColumn"),
      cell: (row) => (
        <code className="soft">{row.columns.find((column) => column.role === "label")?.name ?? DASH}</code>
      ),
    },
    { key: "rows", title: t("datasets.rows"), num: true, cell: (row) => <Num of={row.rowCount} /> },
    { key: "columns", title: t("datasets.columns"), num: true, cell: (row) => row.columns.length },
    { key: "size", title: t("datasets.size"), num: true, cell: (row) => formatBytes(row.bytes) },
    {
      key: "status",
      title: t("datasets.status"),
      cell: (row) => <State of={row.published ? "published" : "private"} />,
    },
    { key: "created", title: t("datasets.created"), num: true, cell: (row) => <When at={row.createdAt} /> },
  ];
}

export function DatasetsPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const list = useRead("listDatasets", {});
  const columns = useColumns();
  return (
    <Page title={t("datasets.title")} sub={t("datasets.sub")}>
      <UploadZone />
      <Card flush>
        <Loaded of={list}>
          {({ items }) =>
            items.length === 0 ? (
              <Empty title={t("datasets.empty")} hint={t("datasets.emptyHint")} />
            ) : (
              <Table
                label={t("datasets.title")}
                columns={columns}
                rows={items}
                keyOf={(row) => row.id}
                onOpen={(row) => void navigate({ to: "/datasets/$id", params: { id: row.id } })}
              />
            )
          }
        </Loaded>
      </Card>
    </Page>
  );
}
