import type { Job } from "@tombolo/sdk";
import { Suspense } from "react";
import { useTranslation } from "react-i18next";
import { Loaded } from "../../components/failure.tsx";
import { Card, Empty, Skeleton } from "../../components/page.tsx";
import { ReportOrigin } from "../../components/reports/origin.ts";
import { lazily } from "../../lib/lazily.ts";
import { useRead } from "../../lib/queries.ts";
import { Outputs } from "./outputs.tsx";

// Charts are big and come after the words.
const Reports = lazily(() => import("../../components/reports/reports.tsx"), "Reports");

/** What a job, or one of its tasks, left at this party: reports to look at, tables and models. */
export function Results({ job, task }: { job: Job; task: string | undefined }) {
  const { t } = useTranslation();
  const reports = useRead("jobReports", { params: { id: job.id } });
  return (
    <div className="stack">
      <Loaded of={reports}>
        {({ items }) => {
          const shown = items.filter((report) => task === undefined || report.task === task);
          if (shown.length === 0)
            return (
              <Card>
                <Empty title={t("jobs.resultsEmpty")} hint={t("jobs.resultsEmptyHint")} />
              </Card>
            );
          return (
            <Suspense fallback={<Skeleton rows={6} />}>
              <ReportOrigin value={job.id}>
                <Reports reports={shown} />
              </ReportOrigin>
            </Suspense>
          );
        }}
      </Loaded>
      <Outputs job={job} task={task} />
    </div>
  );
}
