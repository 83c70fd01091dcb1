import { Link, useNavigate } from "@tanstack/react-router";
import type { Service } from "@tombolo/sdk";
import { useTranslation } from "react-i18next";
import { Act } from "../../components/act.tsx";
import { Loaded } from "../../components/failure.tsx";
import { Card, Empty, Page } from "../../components/page.tsx";
import { type Column, Table } from "../../components/table.tsx";
import { Num, Time } from "../../components/values.tsx";
import { useRead } from "../../lib/queries.ts";
import { championOf, ServiceState } from "./service-state.tsx";

function useColumns(): Column<Service>[] {
  const { t } = useTranslation();
  return [
    {
      key: "name",
      title: t("services.name"),
      cell: (row) => (
        <div>
          <Link to="/services/$name" params={{ name: row.name }}>
            <b style={{ fontWeight: 600 }}>{row.title}</b>
          </Link>
          <div className="small muted">
            <code>{row.name}</code>
          </div>
        </div>
      ),
    },
    { key: "state", title: t("services.stateTitle"), cell: (row) => <ServiceState of={row.state} /> },
    {
      key: "champion",
      title: t("services.champion"),
      cell: (row) => {
        const champion = championOf(row);
        if (champion === undefined) return null;
        return (
          <Link to="/models/$id" params={{ id: champion.modelId }}>
            {champion.modelName}
          </Link>
        );
      },
    },
    { key: "calls", title: t("services.callsToday"), num: true, cell: (row) => <Num of={row.today.calls} /> },
    { key: "rows", title: t("services.rowsToday"), num: true, cell: (row) => <Num of={row.today.rows} /> },
    { key: "errors", title: t("services.errorsToday"), num: true, cell: (row) => <Num of={row.today.errors} /> },
    { key: "ends", title: t("services.ends"), num: true, cell: (row) => <Time at={championOf(row)?.until ?? null} /> },
  ];
}

export function ServicesPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const list = useRead("listServices", {});
  const columns = useColumns();
  const deploy = (
    <Act type="primary" needs="services:manage" onClick={() => void navigate({ to: "/deploy" })}>
      {t("services.deploy")}
    </Act>
  );
  return (
    <Page title={t("services.title")} sub={t("services.sub")} actions={deploy}>
      <Card flush>
        <Loaded of={list}>
          {({ items }) =>
            items.length === 0 ? (
              <Empty title={t("services.empty")} hint={t("services.emptyHint")} action={deploy} />
            ) : (
              <Table
                label={t("services.title")}
                columns={columns}
                rows={items}
                keyOf={(row) => row.name}
                onOpen={(row) => void navigate({ to: "/services/$name", params: { name: row.name } })}
              />
            )
          }
        </Loaded>
      </Card>
    </Page>
  );
}
