import { Link } from "@tanstack/react-router";
import type { ModelDetail, ModelReport } from "@tombolo/sdk";
import { Suspense } from "react";
import { useTranslation } from "react-i18next";
import { Loaded } from "../../components/failure.tsx";
import { Card, Empty, Skeleton } from "../../components/page.tsx";
import { ReportOrigin } from "../../components/reports/origin.ts";
import { When } from "../../components/values.tsx";
import { lazily } from "../../lib/lazily.ts";
import { useRead } from "../../lib/queries.ts";

const ReportView = lazily(() => import("../../components/reports/reports.tsx"), "ReportView");

/** What the overview and the trees show already. */
const ELSEWHERE: readonly string[] = ["importance", "regression-training", "boosting-host"];

interface OfJob {
  readonly jobId: string;
  readonly jobName: string;
  readonly at: string;
  readonly reports: readonly ModelReport[];
}

/** In the order they come: the model's own job first, then the latest. */
export function byJob(reports: readonly ModelReport[]): OfJob[] {
  const jobs = [...new Set(reports.map(({ jobId }) => jobId))];
  return jobs.map((id) => {
    const own = reports.filter(({ jobId }) => jobId === id);
    const { jobId, jobName, at } = own[0]!;
    return { jobId, jobName, at, reports: own };
  });
}

function Job({ of: { jobId, jobName, at, reports } }: { of: OfJob }) {
  return (
    <>
      <h2 className="row wrap" style={{ fontSize: 14 }}>
        <Link to="/jobs/$id" params={{ id: jobId }}>
          {jobName}
        </Link>
        <span className="small muted">
          <When at={at} />
        </span>
      </h2>
      <ReportOrigin value={jobId}>
        {reports.map((report) => (
          <ReportView key={`${report.task}.${report.port}`} report={report} />
        ))}
      </ReportOrigin>
    </>
  );
}

/** How it learnt and how well it does: curves of its training, and every evaluation of what was scored with it. */
export function Evaluation({ model }: { model: ModelDetail }) {
  const { t } = useTranslation();
  const found = useRead("modelReports", { params: { id: model.id } });
  return (
    <Loaded of={found} rows={8}>
      {({ items }) => {
        const shown = items.filter(({ kind }) => !ELSEWHERE.includes(kind));
        if (shown.length === 0)
          return (
            <Card>
              <Empty title={t("models.noReports")} hint={t("models.noReportsHint")} />
            </Card>
          );
        return (
          <Suspense fallback={<Skeleton rows={8} />}>
            <div className="stack">
              {byJob(shown).map((each) => (
                <Job key={each.jobId} of={each} />
              ))}
            </div>
          </Suspense>
        );
      }}
    </Loaded>
  );
}
