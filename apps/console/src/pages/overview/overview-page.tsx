import { Link } from "@tanstack/react-router";
import type { JobSummary } from "@tombolo/sdk";
import { useTranslation } from "react-i18next";
import { Loaded } from "../../components/failure.tsx";
import { Icon } from "../../components/icon.tsx";
import { Bar, Card, Empty, Facts, Page } from "../../components/page.tsx";
import { Party } from "../../components/party.tsx";
import { JobState, State } from "../../components/state.tsx";
import { Took, When } from "../../components/values.tsx";
import { useLanguage } from "../../i18n/i18n.ts";
import { formatBytes, formatPercent } from "../../lib/format.ts";
import { useMay, useMe, useRead } from "../../lib/queries.ts";
import { type NextStep, nextSteps } from "./next-steps.ts";
import "./overview.css";

function useStepTitle(): (step: NextStep) => string {
  const { t } = useTranslation();
  return (step) => {
    const name = step.name ?? "";
    switch (step.key) {
      case "decide":
        return t("overview.step.decideTitle", { count: step.count ?? 1 });
      case "certificate":
        return t("overview.step.certificateTitle", { count: step.count ?? 0 });
      case "confirm":
      case "publish":
      case "failed":
      case "connection":
        return t(`overview.step.${step.key}Title`, { name });
      default:
        return t(`overview.step.${step.key}Title`);
    }
  };
}

function NextSteps({ steps }: { steps: readonly NextStep[] }) {
  const { t } = useTranslation();
  const title = useStepTitle();
  return (
    <Card title={t("overview.next")} flush>
      <ol className="steps">
        {steps.map((step) => (
          <li key={step.key + step.to}>
            <Link to={step.to}>
              <span className="grow">
                <b>{title(step)}</b>
                {step.key !== "failed" && <span className="soft">{t(`overview.step.${step.key}`)}</span>}
              </span>
              <Icon name="out" />
            </Link>
          </li>
        ))}
      </ol>
    </Card>
  );
}

function Running({ jobs }: { jobs: readonly JobSummary[] }) {
  const { t } = useTranslation();
  const language = useLanguage();
  if (jobs.length === 0) return null;
  return (
    <Card title={t("overview.running")} flush>
      <ul className="runs">
        {jobs.map((job) => (
          <li key={job.id}>
            <div className="row between">
              <Link to="/jobs/$id" params={{ id: job.id }}>
                <b>{job.name}</b>
              </Link>
              <JobState of={job.status} />
            </div>
            <Bar share={job.progress} tone="run" />
            <div className="row between small soft">
              <span>
                {formatPercent(job.progress, language, 0)} · <Took from={job.startedAt} to={job.endedAt} />
              </span>
              <span className="row">
                <Icon name="out" /> {formatBytes(job.bytesOut)} <Icon name="in" /> {formatBytes(job.bytesIn)}
              </span>
            </div>
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Recent({ jobs }: { jobs: readonly JobSummary[] }) {
  const { t } = useTranslation();
  return (
    <Card title={t("overview.recent")} flush>
      {jobs.length === 0 ? (
        <Empty title={t("overview.recentNone")} hint={t("overview.recentNoneHint")} />
      ) : (
        <table className="t" aria-label={t("overview.recent")}>
          <tbody>
            {jobs.map((job) => (
              <tr key={job.id}>
                <td>
                  <Link to="/jobs/$id" params={{ id: job.id }}>
                    {job.name}
                  </Link>
                </td>
                <td>
                  <JobState of={job.status} />
                </td>
                <td>
                  <Party id={job.initiator} />
                </td>
                <td className="num soft">
                  <When at={job.createdAt} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Card>
  );
}

function Health() {
  const { t } = useTranslation();
  const node = useRead("node", {});
  const partners = useRead("listPartners", {});
  return (
    <Card title={t("overview.health")}>
      <div className="stack">
        <Loaded of={node} rows={3}>
          {(info) => (
            <Facts
              items={[
                [t("settings.version"), `${info.version} · ${info.database}`],
                [
                  t("settings.kernels"),
                  info.kernels === "native" ? t("settings.kernelsNative") : t("settings.kernelsReference"),
                ],
                [t("settings.data"), formatBytes(info.dataBytes)],
                [t("settings.up"), <When key="up" at={info.startedAt} />],
              ]}
            />
          )}
        </Loaded>
        <ul className="stack tight">
          {(partners.data?.items ?? [])
            .filter((each) => each.partyId !== null && each.status !== "TERMINATED")
            .map((each) => (
              <li key={each.contractId} className="row between">
                <Link to="/partners/$id" params={{ id: each.contractId }}>
                  <Party id={each.partyId!} />
                </Link>
                <State of={each.status === "APPROVED" ? (each.connection?.state ?? "down") : each.status} />
              </li>
            ))}
        </ul>
      </div>
    </Card>
  );
}

function WaitingCard() {
  const { t } = useTranslation();
  const approvals = useRead("listApprovals", { query: { status: "waiting" } });
  const items = (approvals.data?.items ?? []).slice(0, 5);
  return (
    <Card title={t("overview.waiting")} flush>
      {items.length === 0 ? (
        <p className="soft" style={{ padding: "0 16px 16px" }}>
          {t("overview.waitingNone")}
        </p>
      ) : (
        <ul className="runs">
          {items.map((each) => (
            <li key={each.id}>
              <Link to="/approvals/$id" params={{ id: each.id }}>
                <b>{each.title}</b>
              </Link>
              <div className="row between small soft">
                <Party id={each.requestedParty} />
                <When at={each.createdAt} />
              </div>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

const daysUntil = (at: string): number => Math.floor((Date.parse(at) - Date.now()) / 86_400_000);

export function OverviewPage() {
  const { t } = useTranslation();
  const me = useMe();
  const may = useMay();
  const jobs = useRead("listJobs", { query: { limit: 20 } });
  const approvals = useRead("listApprovals", { query: { status: "waiting" } });
  const partners = useRead("listPartners", {});
  const datasets = useRead("listDatasets", {});
  const projects = useRead("listProjects", {});
  const node = useRead("node", {});
  const loading = [jobs, approvals, partners, datasets, projects].some((each) => each.isPending);
  const items = jobs.data?.items ?? [];
  const steps = nextSteps({
    may,
    certificateDays: node.data === undefined ? null : daysUntil(node.data.certificateExpiresAt),
    approvals: approvals.data?.items ?? [],
    partners: partners.data?.items ?? [],
    datasets: datasets.data?.items ?? [],
    projects: projects.data?.items ?? [],
    jobs: items,
  });
  return (
    <Page
      title={t("overview.title")}
      sub={me === undefined ? "" : t("overview.hello", { name: me.user.displayName, party: me.party.name })}
    >
      <div className="aside">
        <div className="stack">
          {!loading && <NextSteps steps={steps} />}
          <Running jobs={items.filter((job) => job.status === "RUNNING" || job.status === "READY")} />
          <Loaded of={jobs}>{() => <Recent jobs={items.slice(0, 8)} />}</Loaded>
        </div>
        <div className="stack">
          <WaitingCard />
          <Health />
        </div>
      </div>
    </Page>
  );
}
