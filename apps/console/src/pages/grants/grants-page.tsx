import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import type { Grant } from "@tombolo/sdk";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Act, ReasonModal } from "../../components/act.tsx";
import { Loaded } from "../../components/failure.tsx";
import { Bar, Card, Empty, Page, Tabs } from "../../components/page.tsx";
import { Party } from "../../components/party.tsx";
import { State } from "../../components/state.tsx";
import { type Column, Table } from "../../components/table.tsx";
import { Num, When } from "../../components/values.tsx";
import { useAct, useRead } from "../../lib/queries.ts";
import { Budgets } from "./budgets.tsx";
import { GrantDetails } from "./grant-details.tsx";
import { GrantModal } from "./grant-modal.tsx";

function RevokeModal({ grant, onClose }: { grant: Grant; onClose(): void }) {
  const { t } = useTranslation();
  const revoke = useAct("revokeGrant", {
    refresh: ["listGrants", "listJobs", "listModels"],
    said: t("grants.revoked"),
    after: onClose,
  });
  return (
    <ReasonModal
      title={t("grants.revokeTitle", { name: grant.datasetName })}
      okText={t("grants.revoke")}
      danger
      busy={revoke.isPending}
      onClose={onClose}
      onOk={(reason) => revoke.mutate({ params: { id: grant.id }, body: { reason } })}
    >
      <p>{t("grants.revokeHint")}</p>
      {grant.jobs.length > 0 && (
        <p>
          {t("grants.revokeJobs", { count: grant.jobs.length })}{" "}
          {grant.jobs.slice(0, 5).map((id) => (
            <Link key={id} to="/jobs/$id" params={{ id }} style={{ marginRight: 8 }}>
              <code>{id}</code>
            </Link>
          ))}
        </p>
      )}
    </ReasonModal>
  );
}

interface Opened {
  readonly grant: Grant;
  readonly what: "terms" | "revoke";
}

function Confirm({ id }: { id: string }) {
  const { t } = useTranslation();
  const confirm = useAct("confirmGrant", { refresh: ["listGrants"], said: t("grants.confirmed") });
  return (
    <Act
      size="small"
      type="primary"
      needs="approvals:decide"
      loading={confirm.isPending}
      onClick={() => confirm.mutate({ params: { id } })}
    >
      {t("grants.confirm")}
    </Act>
  );
}

function useColumns(open: (opened: Opened) => void): Column<Grant>[] {
  const { t } = useTranslation();
  return [
    {
      key: "dataset",
      title: t("grants.dataset"),
      cell: (row) => (
        <div>
          <b style={{ fontWeight: 600 }}>{row.datasetName}</b>
          <div className="small muted">{row.terms.purpose}</div>
        </div>
      ),
    },
    { key: "owner", title: t("grants.owner"), cell: (row) => <Party id={row.owner} /> },
    {
      key: "partners",
      title: t("grants.partners"),
      cell: (row) => (
        <span className="row wrap">
          {row.terms.partners.map((id) => (
            <Party key={id} id={id} />
          ))}
        </span>
      ),
    },
    {
      key: "use",
      title: t("grants.use"),
      cell: (row) => row.terms.use.map((use) => t(`grants.useOf.${use}`)).join(", "),
    },
    {
      key: "status",
      title: t("grants.status"),
      cell: (row) => (
        <div>
          <State of={row.status} />
          {row.reason !== null && row.status !== "ACTIVE" && <div className="small muted break">{row.reason}</div>}
        </div>
      ),
    },
    {
      key: "uses",
      title: t("grants.usesLeft"),
      num: true,
      width: 130,
      cell: (row) => (
        <div>
          <Num of={row.usesLeft} /> / <Num of={row.terms.uses} />
          <Bar share={row.usesLeft / row.terms.uses} tone={row.usesLeft / row.terms.uses < 0.2 ? "wait" : "idle"} />
        </div>
      ),
    },
    { key: "expires", title: t("grants.expires"), num: true, cell: (row) => <When at={row.terms.expiresAt} /> },
    {
      key: "do",
      title: "",
      num: true,
      cell: (row) => (
        <span className="row" style={{ justifyContent: "flex-end" }}>
          <Act size="small" onClick={() => open({ grant: row, what: "terms" })}>
            {t("grants.details")}
          </Act>
          {row.direction === "given" && row.status === "SUSPENDED" && <Confirm id={row.id} />}
          {row.direction === "given" && (
            <Act
              size="small"
              danger
              needs="approvals:decide"
              because={row.status === "ACTIVE" || row.status === "SUSPENDED" ? undefined : t("grants.revokeNot")}
              onClick={() => open({ grant: row, what: "revoke" })}
            >
              {t("grants.revoke")}
            </Act>
          )}
        </span>
      ),
    },
  ];
}

type Tab = "received" | "given" | "budgets";

function GrantList({ tab, rows, ask, open }: GrantListProps) {
  const { t } = useTranslation();
  const columns = useColumns(open);
  if (rows.length > 0) return <Table label={t("grants.title")} columns={columns} rows={rows} keyOf={(row) => row.id} />;
  return (
    <Empty
      title={tab === "received" ? t("grants.emptyReceived") : t("grants.emptyGiven")}
      hint={tab === "received" ? t("grants.emptyReceivedHint") : t("grants.emptyGivenHint")}
      action={ask}
    />
  );
}

interface GrantListProps {
  readonly tab: "received" | "given";
  readonly rows: readonly Grant[];
  readonly ask: React.ReactNode;
  open(opened: Opened): void;
}

export function GrantsPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { dataset, owner } = useSearch({ from: "/shell/grants" });
  const [tab, setTab] = useState<Tab>("received");
  const [asking, setAsking] = useState(dataset !== undefined);
  const [opened, setOpened] = useState<Opened | undefined>();
  const list = useRead("listGrants", {});
  const of = (direction: "received" | "given") =>
    (list.data?.items ?? []).filter((each) => each.direction === direction);
  const close = () => {
    setAsking(false);
    if (dataset !== undefined) void navigate({ to: "/grants", search: {}, replace: true });
  };
  const ask = (
    <Act type="primary" needs="grants:request" onClick={() => setAsking(true)}>
      {tab === "received" ? t("grants.request") : t("grants.propose")}
    </Act>
  );
  return (
    <Page title={t("grants.title")} sub={t("grants.sub")} actions={tab === "budgets" ? undefined : ask}>
      <Tabs
        label={t("grants.title")}
        active={tab}
        onChange={setTab}
        tabs={[
          { key: "received", title: t("grants.received"), count: of("received").length },
          { key: "given", title: t("grants.given"), count: of("given").length },
          { key: "budgets", title: t("grants.budgets") },
        ]}
      />
      {tab === "budgets" ? (
        <Budgets />
      ) : (
        <Card flush>
          <Loaded of={list}>{() => <GrantList tab={tab} rows={of(tab)} ask={ask} open={setOpened} />}</Loaded>
        </Card>
      )}
      {asking && (
        <GrantModal
          mode={tab === "given" ? "propose" : "request"}
          {...(dataset === undefined ? {} : { datasetId: dataset })}
          {...(owner === undefined ? {} : { owner })}
          onClose={close}
        />
      )}
      {opened?.what === "revoke" && <RevokeModal grant={opened.grant} onClose={() => setOpened(undefined)} />}
      {opened?.what === "terms" && (
        <GrantDetails id={opened.grant.id} name={opened.grant.datasetName} onClose={() => setOpened(undefined)} />
      )}
    </Page>
  );
}
