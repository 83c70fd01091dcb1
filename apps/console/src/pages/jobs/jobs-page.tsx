import { Link, useNavigate } from "@tanstack/react-router";
import type { JobSummary } from "@tombolo/sdk";
import { useTranslation } from "react-i18next";
import { Act } from "../../components/act.tsx";
import { Loaded } from "../../components/failure.tsx";
import { Bar, Card, Empty, Page } from "../../components/page.tsx";
import { Party } from "../../components/party.tsx";
import { JobState, toneOf } from "../../components/state.tsx";
import { type Column, Table } from "../../components/table.tsx";
import { Took, When } from "../../components/values.tsx";
import { formatBytes } from "../../lib/format.ts";
import { useRead } from "../../lib/queries.ts";

function useColumns(): Column<JobSummary>[] {
  const { t } = useTranslation();
  return [
    {
      key: "name",
      title: t("jobs.name"),
      cell: (row) => (
        <div>
          <Link to="/jobs/$id" params={{ id: row.id }}>
            <b style={{ fontWeight: 600 }}>{row.name}</b>
          </Link>
          {row.failure !== null && (
            <div className="small clip" style={{ color: "var(--bad)", maxWidth: 320 }} title={row.failure.message}>
              {row.failure.message}
            </div>
          )}
        </div>
      ),
    },
    { key: "status", title: t("jobs.status"), width: 150, cell: (row) => <JobState of={row.status} /> },
    {
      key: "parties",
      title: t("jobs.parties"),
      cell: (row) => (
        <span className="row">
          {row.parties.map((each) => (
            <Party key={each.party} id={each.party} bare />
          ))}
        </span>
      ),
    },
    {
      key: "progress",
      title: t("jobs.progress"),
      width: 110,
      cell: (row) => <Bar share={row.progress} tone={toneOf(row.status)} />,
    },
    { key: "sent", title: t("jobs.sent"), num: true, cell: (row) => formatBytes(row.bytesOut) },
    { key: "received", title: t("jobs.received"), num: true, cell: (row) => formatBytes(row.bytesIn) },
    { key: "took", title: t("jobs.took"), num: true, cell: (row) => <Took from={row.startedAt} to={row.endedAt} /> },
    { key: "created", title: t("jobs.created"), num: true, cell: (row) => <When at={row.createdAt} /> },
  ];
}

export function JobsPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const list = useRead("listJobs", { query: { limit: 200 } });
  const columns = useColumns();
  const build = (
    <Act type="primary" needs="jobs:submit" onClick={() => void navigate({ to: "/joint-model" })}>
      {t("jobs.buildJoint")}
    </Act>
  );
  return (
    <Page
      title={t("jobs.title")}
      sub={t("jobs.sub")}
      actions={
        <>
          <Act needs="jobs:submit" onClick={() => void navigate({ to: "/jobs/new" })}>
            {t("jobs.fromYaml")}
          </Act>
          <Act needs="jobs:submit" onClick={() => void navigate({ to: "/match" })}>
            {t("match.title")}
          </Act>
          {build}
        </>
      }
    >
      <Card flush>
        <Loaded of={list}>
          {({ items }) =>
            items.length === 0 ? (
              <Empty title={t("jobs.empty")} hint={t("jobs.emptyHint")} action={build} />
            ) : (
              <Table
                label={t("jobs.title")}
                columns={columns}
                rows={items}
                keyOf={(row) => row.id}
                onOpen={(row) => void navigate({ to: "/jobs/$id", params: { id: row.id } })}
              />
            )
          }
        </Loaded>
      </Card>
    </Page>
  );
}
