import { Link, useNavigate, useParams } from "@tanstack/react-router";
import type { Job } from "@tombolo/sdk";
import { Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { Act, ReasonModal } from "../../components/act.tsx";
import { Disclosure } from "../../components/disclosure.tsx";
import { FailurePanel, Loaded } from "../../components/failure.tsx";
import { Card, Page, Skeleton, Tabs } from "../../components/page.tsx";
import { Party, useParties } from "../../components/party.tsx";
import { ScheduleButton } from "../../components/schedule-modal.tsx";
import { JobState, State } from "../../components/state.tsx";
import { Table } from "../../components/table.tsx";
import { Hash, Time, Took, When } from "../../components/values.tsx";
import { Yaml } from "../../components/yaml.tsx";
import { formatBytes } from "../../lib/format.ts";
import { lazily } from "../../lib/lazily.ts";
import { useAct, useRead } from "../../lib/queries.ts";
import { Lanes } from "./lanes.tsx";
import { Leaves, LeavesBrief } from "./leaves.tsx";
import { Logs } from "./logs.tsx";
import { Results } from "./results.tsx";
import { ServedRows, servesOwnRows } from "./served-rows.tsx";
import "./job.css";

// The graph is big and comes after the words.
const FlowGraph = lazily(() => import("./flow-graph.tsx"), "FlowGraph");

type Tab = "lanes" | "leaves" | "results" | "consent" | "logs" | "flow";
type KeptFlow = NonNullable<Job["keptFlow"]>;
const ended = (job: Job): boolean => !["PENDING", "READY", "RUNNING"].includes(job.status);

const firstTab = (job: Job): Tab =>
  job.status === "PENDING" || job.status === "REJECTED" ? "consent" : job.status === "SUCCESS" ? "results" : "lanes";

function Actions({ job }: { job: Job }) {
  const { t } = useTranslation();
  const { own } = useParties();
  const navigate = useNavigate();
  const [cancelling, setCancelling] = useState(false);
  const cancel = useAct("cancelJob", {
    refresh: ["getJob", "listJobs"],
    said: t("jobs.cancelled"),
    after: () => setCancelling(false),
  });
  const rerun = useAct("rerunJob", {
    refresh: ["getJob", "listJobs", "listApprovals"],
    after: (next) => void navigate({ to: "/jobs/$id", params: { id: next.id } }),
  });
  const mayRerun = job.status === "FAILED" || job.status === "CANCELLED";
  return (
    <>
      {!ended(job) && (
        <Act danger needs="jobs:submit" onClick={() => setCancelling(true)}>
          {t("jobs.cancel")}
        </Act>
      )}
      {job.initiator === own && <ScheduleButton flow={job.flowYaml} projectId={job.projectId} name={job.name} />}
      {mayRerun && (
        <Act
          type="primary"
          needs="jobs:submit"
          title={t("jobs.rerunHint")}
          loading={rerun.isPending}
          onClick={() => rerun.mutate({ params: { id: job.id } })}
        >
          {t("jobs.rerun")}
        </Act>
      )}
      {cancelling && (
        <ReasonModal
          title={t("jobs.cancelTitle")}
          okText={t("jobs.cancel")}
          danger
          busy={cancel.isPending}
          onClose={() => setCancelling(false)}
          onOk={(reason) => cancel.mutate({ params: { id: job.id }, body: { reason } })}
        >
          <p>{t("jobs.cancelHint")}</p>
        </ReasonModal>
      )}
    </>
  );
}

const originFact = (label: string, of: KeptFlow): [string, React.ReactNode] => [label, <Origin key="f" of={of} />];

/** The kept flow that it was asked for from, as it is now. */
function Origin({ of: { id, name, revision, latest } }: { of: KeptFlow }) {
  const { t } = useTranslation();
  return (
    <span>
      <Link to="/canvas" search={{ flow: id }}>
        {name}
      </Link>{" "}
      <span className="soft small">
        {revision === null ? t("jobs.keptUnsaved") : t("jobs.keptRevision", { revision })}
        {revision !== null && revision !== latest && ` · ${t("jobs.keptSince", { latest })}`}
      </span>
    </span>
  );
}

function Strip({ job }: { job: Job }) {
  const { t } = useTranslation();
  const facts: [string, React.ReactNode][] = [
    [t("jobs.status"), <JobState key="s" of={job.status} />],
    [
      t("jobs.parties"),
      <span key="p" className="row wrap">
        {job.parties.map((each) => (
          <Party key={each.party} id={each.party} role={each.role} />
        ))}
      </span>,
    ],
    [t("jobs.took"), <Took key="t" from={job.startedAt} to={job.endedAt} />],
    [t("jobs.sent"), formatBytes(job.bytesOut)],
    [t("jobs.received"), formatBytes(job.bytesIn)],
    [
      t("jobs.created"),
      <span key="c">
        <When at={job.createdAt} /> {t("jobs.by", { name: job.createdBy })}
      </span>,
    ],
    ...(job.keptFlow === null ? [] : [originFact(t("jobs.keptFlow"), job.keptFlow)]),
    [t("jobs.consentHash"), <Hash key="h" value={job.consentHash} />],
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

function Consent({ job }: { job: Job }) {
  const { t } = useTranslation();
  const requests = useRead("listApprovals", { query: { status: "all" } }).data?.items ?? [];
  const request = requests.find((each) => each.jobId === job.id);
  return (
    <div className="stack">
      <Card
        title={t("jobs.consentOf")}
        hint={t("jobs.consentHint")}
        flush
        actions={
          request !== undefined && (
            <Link to="/approvals/$id" params={{ id: request.id }}>
              {t("jobs.openRequest")}
            </Link>
          )
        }
      >
        <Table
          label={t("jobs.consentOf")}
          rows={job.consents}
          keyOf={(row) => row.party}
          columns={[
            { key: "party", title: t("jobs.parties"), cell: (row) => <Party id={row.party} /> },
            { key: "status", title: t("jobs.status"), cell: (row) => <State of={row.status} /> },
            { key: "by", title: t("approvals.decidedBy"), cell: (row) => row.by ?? "" },
            { key: "reason", title: t("common.reason"), cell: (row) => row.reason ?? "" },
            { key: "at", title: t("common.time.at"), num: true, cell: (row) => <Time at={row.at} /> },
          ]}
        />
      </Card>
      <Disclosure items={job.disclosure} />
    </div>
  );
}

interface PanelProps {
  readonly job: Job;
  readonly tab: Tab;
  readonly task: string | undefined;
  onTab(tab: Tab): void;
}

function Panel({ job, tab, task, onTab }: PanelProps) {
  const of = <T extends { readonly task: string }>(rows: readonly T[]) =>
    rows.filter((row) => task === undefined || row.task === task);
  switch (tab) {
    case "lanes":
      return (
        <div className="aside">
          <Lanes
            jobId={job.id}
            tasks={job.tasks.filter((each) => task === undefined || each.name === task)}
            said={job.failure?.message}
          />
          <LeavesBrief rows={of(job.meter)} onMore={() => onTab("leaves")} />
        </div>
      );
    case "leaves":
      return <Leaves rows={of(job.meter)} />;
    case "results":
      return <Results job={job} task={task} />;
    case "consent":
      return <Consent job={job} />;
    case "logs":
      return <Logs jobId={job.id} task={task} live={!ended(job)} />;
    case "flow":
      return <Yaml text={job.flowYaml} />;
  }
}

function JobView({ job }: { job: Job }) {
  const { t } = useTranslation();
  const { own } = useParties();
  const [chosenTab, setTab] = useState<Tab | undefined>();
  const [task, setTask] = useState<string | undefined>();
  const tab = chosenTab ?? firstTab(job);
  const keys: readonly Tab[] = ["lanes", "leaves", "results", "consent", "logs", "flow"];
  return (
    <>
      {job.failure !== null && <FailurePanel failure={job.failure} actions={<Actions job={job} />} />}
      <Card>
        <Strip job={job} />
      </Card>
      <Card
        title={t("jobs.flow")}
        hint={t("jobs.graphHint")}
        flush
        actions={
          task !== undefined && (
            <Act size="small" onClick={() => setTask(undefined)}>
              {t("jobs.allTasks")}
            </Act>
          )
        }
      >
        <Suspense
          fallback={
            <div style={{ height: 200, padding: 16 }}>
              <Skeleton rows={4} />
            </div>
          }
        >
          <FlowGraph job={job} chosen={task} onChoose={setTask} />
        </Suspense>
      </Card>
      {servesOwnRows(job, own) && <ServedRows job={job} />}
      <Tabs
        label={job.name}
        active={tab}
        onChange={setTab}
        tabs={keys.map((key) => ({ key, title: t(`jobs.tab.${key}`) }))}
      />
      {task !== undefined && <div className="small soft">{t("jobs.only", { task })}</div>}
      <Panel job={job} tab={tab} task={task} onTab={setTab} />
    </>
  );
}

export function JobPage() {
  const { t } = useTranslation();
  const { id } = useParams({ from: "/shell/jobs/$id" });
  const job = useRead("getJob", { params: { id } });
  return (
    <Page
      title={job.data?.name ?? t("jobs.name")}
      crumb={
        <>
          <Link to="/jobs">{t("jobs.title")}</Link> / <code>{id}</code>
        </>
      }
      actions={job.data !== undefined && job.data.failure === null && <Actions job={job.data} />}
    >
      <Loaded of={job} rows={8}>
        {(data) => <JobView key={data.id} job={data} />}
      </Loaded>
    </Page>
  );
}
