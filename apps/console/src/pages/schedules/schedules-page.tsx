import { Link, useNavigate } from "@tanstack/react-router";
import type { Schedule } from "@tombolo/sdk";
import { useTranslation } from "react-i18next";
import { Loaded } from "../../components/failure.tsx";
import { Card, Empty, Page } from "../../components/page.tsx";
import { Party } from "../../components/party.tsx";
import { ownZone } from "../../components/schedule-modal.tsx";
import { State } from "../../components/state.tsx";
import { type Column, Table } from "../../components/table.tsx";
import { useTimingText } from "../../components/timing-text.ts";
import { Time, When } from "../../components/values.tsx";
import { useRead } from "../../lib/queries.ts";
import { RunState } from "./run-state.tsx";

function useColumns(): Column<Schedule>[] {
  const { t } = useTranslation();
  const timing = useTimingText();
  return [
    {
      key: "name",
      title: t("schedules.name"),
      cell: (row) => (
        <div>
          <Link to="/schedules/$id" params={{ id: row.id }}>
            <b style={{ fontWeight: 600 }}>{row.name}</b>
          </Link>
          {row.reason !== null && (
            <div className="small soft clip" style={{ maxWidth: 320 }} title={row.reason}>
              {row.reason}
            </div>
          )}
        </div>
      ),
    },
    { key: "status", title: t("schedules.status"), cell: (row) => <State of={row.status} /> },
    {
      key: "when",
      title: t("schedules.when"),
      cell: (row) => (
        <div>
          {timing(row.cron)}
          <div className="small muted">{row.timeZone}</div>
        </div>
      ),
    },
    {
      key: "next",
      title: t("schedules.next"),
      cell: (row) =>
        row.nextRunAt === null ? (
          <span className="muted">{t("schedules.nextNone")}</span>
        ) : (
          <div>
            <Time at={row.nextRunAt} />
            <div className="small muted">
              <When at={row.nextRunAt} />
            </div>
          </div>
        ),
    },
    {
      key: "last",
      title: t("schedules.last"),
      cell: (row) => (row.runs[0] === undefined ? null : <RunState run={row.runs[0]} />),
    },
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
  ];
}

export function SchedulesPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const list = useRead("listSchedules", {});
  const columns = useColumns();
  return (
    <Page title={t("schedules.title")} sub={t("schedules.sub")}>
      <Card flush>
        <Loaded of={list}>
          {({ items }) =>
            items.length === 0 ? (
              <Empty
                title={t("schedules.empty")}
                hint={t("schedules.emptyHint")}
                action={
                  <>
                    <Link to="/match">{t("match.title")}</Link>
                    <Link to="/jobs">{t("jobs.title")}</Link>
                  </>
                }
              />
            ) : (
              <Table
                label={t("schedules.title")}
                columns={columns}
                rows={items}
                keyOf={(row) => row.id}
                onOpen={(row) => void navigate({ to: "/schedules/$id", params: { id: row.id } })}
              />
            )
          }
        </Loaded>
      </Card>
      <p className="small muted">{t("schedules.yourZone", { zone: ownZone() })}</p>
    </Page>
  );
}
