import { Link, useNavigate, useParams } from "@tanstack/react-router";
import type { Schedule } from "@tombolo/sdk";
import { App } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Act, ReasonModal } from "../../components/act.tsx";
import { Disclosure } from "../../components/disclosure.tsx";
import { Loaded, useRemedy } from "../../components/failure.tsx";
import { Card, Empty, Notice, Page, Tabs } from "../../components/page.tsx";
import { Party } from "../../components/party.tsx";
import { State } from "../../components/state.tsx";
import { Table } from "../../components/table.tsx";
import { useTimingText } from "../../components/timing-text.ts";
import { Time, When } from "../../components/values.tsx";
import { Yaml } from "../../components/yaml.tsx";
import { codes } from "../../i18n/codes.ts";
import { useLanguage } from "../../i18n/i18n.ts";
import { useAct, useRead } from "../../lib/queries.ts";
import { type Run, RunState } from "./run-state.tsx";
import "../jobs/job.css";

const TOUCHED = ["listSchedules", "getSchedule", "listApprovals"] as const;
const tabs = ["runs", "learn", "flow"] as const;
type Tab = (typeof tabs)[number];

function Delete({ schedule }: { schedule: Schedule }) {
  const { t } = useTranslation();
  const { modal } = App.useApp();
  const navigate = useNavigate();
  const remove = useAct("deleteSchedule", {
    refresh: ["listSchedules", "listApprovals"],
    said: t("schedules.deleted"),
    after: () => void navigate({ to: "/schedules" }),
  });
  const ask = () =>
    modal.confirm({
      title: t("schedules.deleteTitle", { name: schedule.name }),
      content: t("schedules.deleteHint"),
      okText: t("schedules.delete"),
      cancelText: t("common.cancel"),
      okButtonProps: { danger: true },
      onOk: () => remove.mutateAsync({ params: { id: schedule.id } }).catch(() => undefined),
    });
  return (
    <Act danger needs="jobs:submit" loading={remove.isPending} onClick={() => void ask()}>
      {t("schedules.delete")}
    </Act>
  );
}

function Pause({ schedule }: { schedule: Schedule }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const pause = useAct("pauseSchedule", {
    refresh: TOUCHED,
    said: t("schedules.paused"),
    after: () => setOpen(false),
  });
  return (
    <>
      <Act needs="schedules:hold" onClick={() => setOpen(true)}>
        {t("schedules.pause")}
      </Act>
      {open && (
        <ReasonModal
          title={t("schedules.pauseTitle", { name: schedule.name })}
          okText={t("schedules.pause")}
          hint={t("schedules.pauseReasonHint")}
          busy={pause.isPending}
          onClose={() => setOpen(false)}
          onOk={(reason) => pause.mutate({ params: { id: schedule.id }, body: { reason } })}
        >
          <p>{t("schedules.pauseHint")}</p>
        </ReasonModal>
      )}
    </>
  );
}

/** The approver's own way back, for good. */
function Withdraw({ schedule }: { schedule: Schedule }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const withdraw = useAct("withdrawSchedule", {
    refresh: TOUCHED,
    said: t("schedules.withdrawn"),
    after: () => setOpen(false),
  });
  return (
    <>
      <Act danger needs="approvals:decide" onClick={() => setOpen(true)}>
        {t("schedules.withdraw")}
      </Act>
      {open && (
        <ReasonModal
          title={t("schedules.withdrawTitle", { name: schedule.name })}
          okText={t("schedules.withdraw")}
          hint={t("schedules.pauseReasonHint")}
          danger
          busy={withdraw.isPending}
          onClose={() => setOpen(false)}
          onOk={(reason) => withdraw.mutate({ params: { id: schedule.id }, body: { reason } })}
        >
          <p>{t("schedules.withdrawHint")}</p>
        </ReasonModal>
      )}
    </>
  );
}

function Actions({ schedule }: { schedule: Schedule }) {
  const { t } = useTranslation();
  const params = { id: schedule.id };
  const resume = useAct("resumeSchedule", { refresh: TOUCHED, said: t("schedules.resumed") });
  const run = useAct("runSchedule", { refresh: TOUCHED, said: t("schedules.ranNow") });
  const active = schedule.status === "ACTIVE";
  return (
    <>
      <Delete schedule={schedule} />
      {(active || schedule.status === "PAUSED") && <Withdraw schedule={schedule} />}
      {active && <Pause schedule={schedule} />}
      {schedule.status === "PAUSED" && (
        <Act needs="schedules:hold" loading={resume.isPending} onClick={() => resume.mutate({ params })}>
          {t("schedules.resume")}
        </Act>
      )}
      <Act
        type="primary"
        needs="jobs:submit"
        because={active ? undefined : t("schedules.activeOnly")}
        loading={run.isPending}
        onClick={() => run.mutate({ params })}
      >
        {t("schedules.runNow")}
      </Act>
    </>
  );
}

function Strip({ schedule }: { schedule: Schedule }) {
  const { t } = useTranslation();
  const timing = useTimingText();
  const facts: [string, React.ReactNode][] = [
    [t("schedules.status"), <State key="s" of={schedule.status} />],
    [t("schedules.when"), `${timing(schedule.cron)} · ${schedule.timeZone}`],
    [
      t("schedules.next"),
      schedule.nextRunAt === null ? t("schedules.nextNone") : <Time key="n" at={schedule.nextRunAt} />,
    ],
    [t("schedules.until"), <Time key="u" at={schedule.until} />],
    [
      t("jobs.parties"),
      <span key="p" className="row wrap">
        {schedule.parties.map((each) => (
          <Party key={each.party} id={each.party} role={each.role} />
        ))}
      </span>,
    ],
    [
      t("schedules.created"),
      <span key="c">
        <When at={schedule.createdAt} /> {t("schedules.by", { name: schedule.createdBy })}
      </span>,
    ],
    ...(schedule.approvedBy === null
      ? []
      : [[t("schedules.approvedBy"), schedule.approvedBy] satisfies [string, React.ReactNode]]),
  ];
  return (
    <div className="strip">
      {facts.map(([label, value]) => (
        <div key={label}>
          <span>{label}</span>
          <span>{value}</span>
        </div>
      ))}
    </div>
  );
}

const REFUSED = { REJECTED: "schedules.rejectedBecause", WITHDRAWN: "schedules.withdrawnBecause" } as const;

/** What keeps it from running, if anything. */
function Standing({ schedule }: { schedule: Schedule }) {
  const { t } = useTranslation();
  const requests = useRead("listApprovals", { query: { status: "waiting" } }).data?.items ?? [];
  const request = requests.find((each) => each.scheduleId === schedule.id);
  if (schedule.status === "WAITING")
    return (
      <Notice tone="wait" title={t("schedules.waiting")}>
        {request !== undefined && (
          <Link to="/approvals/$id" params={{ id: request.id }}>
            {t("schedules.openRequest")}
          </Link>
        )}
      </Notice>
    );
  if (schedule.reason === null || schedule.status === "ACTIVE") return null;
  if (schedule.status === "REJECTED" || schedule.status === "WITHDRAWN")
    return (
      <Notice tone="bad" title={t(REFUSED[schedule.status])}>
        {schedule.reason}
      </Notice>
    );
  return (
    <Notice tone="wait" title={t("schedules.pausedBecause")}>
      {schedule.reason}
    </Notice>
  );
}

function Why({ failure }: { failure: NonNullable<Run["failure"]> }) {
  const language = useLanguage();
  const remedy = useRemedy();
  const said = language === "zh" ? codes[failure.code]?.what : undefined;
  return (
    <div className="break">
      {said ?? failure.message} <code className="small muted">{failure.code}</code>
      <div className="small soft">{remedy(failure.code, failure.remedy, failure.message)}</div>
    </div>
  );
}

function Runs({ schedule }: { schedule: Schedule }) {
  const { t } = useTranslation();
  if (schedule.runs.length === 0)
    return (
      <Card>
        <Empty title={t("schedules.runsEmpty")} hint={t("schedules.runsEmptyHint")} />
      </Card>
    );
  return (
    <Card flush>
      <Table
        label={t("schedules.runs")}
        rows={schedule.runs}
        keyOf={(run) => run.dueAt}
        columns={[
          { key: "due", title: t("schedules.due"), width: 240, cell: (run) => <Time at={run.dueAt} /> },
          { key: "outcome", title: t("schedules.outcome"), width: 180, cell: (run) => <RunState run={run} /> },
          {
            key: "job",
            title: t("schedules.job"),
            width: 260,
            cell: (run) =>
              run.jobId === null ? null : (
                <Link to="/jobs/$id" params={{ id: run.jobId }}>
                  <code>{run.jobId}</code>
                </Link>
              ),
          },
          {
            key: "why",
            title: t("schedules.why"),
            cell: (run) => (run.failure === null ? null : <Why failure={run.failure} />),
          },
        ]}
      />
    </Card>
  );
}

function View({ schedule }: { schedule: Schedule }) {
  const { t } = useTranslation();
  const [chosen, setTab] = useState<Tab | undefined>();
  const tab = chosen ?? (schedule.status === "WAITING" ? "learn" : "runs");
  return (
    <>
      <Standing schedule={schedule} />
      <Card>
        <Strip schedule={schedule} />
      </Card>
      <Tabs
        label={schedule.name}
        active={tab}
        onChange={setTab}
        tabs={tabs.map((key) => ({
          key,
          title: t(`schedules.tab.${key}`),
          ...(key === "runs" && schedule.runs.length > 0 ? { count: schedule.runs.length } : {}),
        }))}
      />
      {tab === "runs" && <Runs schedule={schedule} />}
      {tab === "learn" && <Disclosure items={schedule.disclosure} />}
      {tab === "flow" && <Yaml text={schedule.flowYaml} />}
    </>
  );
}

export function SchedulePage() {
  const { t } = useTranslation();
  const { id } = useParams({ from: "/shell/schedules/$id" });
  const schedule = useRead("getSchedule", { params: { id } });
  return (
    <Page
      title={schedule.data?.name ?? t("schedules.name")}
      crumb={
        <>
          <Link to="/schedules">{t("schedules.title")}</Link> / <code>{id}</code>
        </>
      }
      actions={schedule.data !== undefined && <Actions schedule={schedule.data} />}
    >
      <Loaded of={schedule} rows={8}>
        {(data) => <View key={data.id} schedule={data} />}
      </Loaded>
    </Page>
  );
}
