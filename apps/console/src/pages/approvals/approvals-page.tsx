import { Link, useNavigate } from "@tanstack/react-router";
import type { Approval } from "@tombolo/sdk";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Loaded } from "../../components/failure.tsx";
import { Card, Empty, Page, Tabs } from "../../components/page.tsx";
import { Party } from "../../components/party.tsx";
import { State } from "../../components/state.tsx";
import { type Column, Table } from "../../components/table.tsx";
import { When } from "../../components/values.tsx";
import { useText } from "../../i18n/i18n.ts";
import { useRead } from "../../lib/queries.ts";

function useColumns(): Column<Approval>[] {
  const { t } = useTranslation();
  const say = useText();
  return [
    {
      key: "request",
      title: t("approvals.request"),
      cell: (row) => (
        <div>
          <Link to="/approvals/$id" params={{ id: row.id }}>
            <b style={{ fontWeight: 600 }}>{row.title}</b>
          </Link>
          {row.status === "WAITING" && row.mayNotDecideBecause !== null && (
            <div className="small muted">{say(row.mayNotDecideBecause)}</div>
          )}
        </div>
      ),
    },
    { key: "kind", title: t("approvals.kindTitle"), cell: (row) => t(`approvals.kind.${row.kind}`) },
    {
      key: "from",
      title: t("approvals.from"),
      cell: (row) => (
        <span className="row">
          <Party id={row.requestedParty} /> <span className="small muted">{row.requestedBy}</span>
        </span>
      ),
    },
    { key: "status", title: t("approvals.status"), cell: (row) => <State of={row.status} /> },
    { key: "when", title: t("approvals.when"), num: true, cell: (row) => <When at={row.createdAt} /> },
    {
      key: "expires",
      title: t("approvals.expires"),
      num: true,
      cell: (row) => (row.status === "WAITING" ? <When at={row.expiresAt} /> : (row.decidedBy ?? "")),
    },
  ];
}

export function ApprovalsPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [status, setStatus] = useState<"waiting" | "all">("waiting");
  const list = useRead("listApprovals", { query: { status } }, { keep: true });
  const columns = useColumns();
  return (
    <Page title={t("approvals.title")} sub={t("approvals.sub")}>
      <Tabs
        label={t("approvals.title")}
        active={status}
        onChange={setStatus}
        tabs={[
          {
            key: "waiting",
            title: t("approvals.waiting"),
            ...(list.data === undefined ? {} : { count: list.data.waiting }),
          },
          { key: "all", title: t("approvals.decided") },
        ]}
      />
      <Card flush>
        <Loaded of={list}>
          {({ items }) =>
            items.length === 0 ? (
              <Empty
                title={status === "waiting" ? t("approvals.empty") : t("approvals.emptyAll")}
                hint={t("approvals.emptyHint")}
              />
            ) : (
              <Table
                label={t("approvals.title")}
                columns={columns}
                rows={items}
                keyOf={(row) => row.id}
                onOpen={(row) => void navigate({ to: "/approvals/$id", params: { id: row.id } })}
              />
            )
          }
        </Loaded>
      </Card>
    </Page>
  );
}
