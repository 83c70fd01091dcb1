import { Suspense } from "react";
import { useTranslation } from "react-i18next";
import { Metric, Skeleton } from "../../components/page.tsx";
import { type Curve, curvesOf, latest, PARTS } from "../../components/reports/training-curves.ts";
import { formatMetric } from "../../lib/format.ts";
import { lazily } from "../../lib/lazily.ts";
import { useRead } from "../../lib/queries.ts";
import "../../components/reports/reports.css";

const TrainingCharts = lazily(() => import("../../components/reports/training-charts.tsx"), "TrainingCharts");

function Latest({ curves }: { curves: readonly Curve[] }) {
  const { t } = useTranslation();
  const loss = curves[0];
  if (loss === undefined) return null;
  return (
    <div className="metrics">
      <Metric label={t("training.rounds")} value={loss.parts.training?.at(-1)?.[0] ?? 0} />
      {PARTS.map((part) => {
        const value = latest(loss, part);
        return (
          value !== undefined && (
            <Metric
              key={part}
              label={t("training.lossOn", { part: t(`training.${part}`) })}
              value={formatMetric(value)}
            />
          )
        );
      })}
    </div>
  );
}

/** Curves of a training while it runs, at the party that has the labels; elsewhere there are none and nothing is shown. */
export function LiveFigures({ jobId, task }: { jobId: string; task: string }) {
  const { t } = useTranslation();
  const read = useRead("taskFigures", { params: { id: jobId, task } }, { keep: true });
  const curves = curvesOf(read.data?.items ?? []);
  if (curves.length === 0) return null;
  return (
    <section className="live-figures stack" aria-label={t("training.live")}>
      <Latest curves={curves} />
      <Suspense fallback={<Skeleton rows={4} />}>
        <TrainingCharts curves={curves} height={200} />
      </Suspense>
      <p className="small soft">{t("training.liveHint")}</p>
    </section>
  );
}
