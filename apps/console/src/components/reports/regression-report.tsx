import { useTranslation } from "react-i18next";
import { useLanguage } from "../../i18n/i18n.ts";
import { formatMetric, formatNumber } from "../../lib/format.ts";
import { Card, Metric } from "../page.tsx";
import { Chart } from "./chart.tsx";
import { DriftCard } from "./costs-report.tsx";
import { GroupsCard, PeriodsCard } from "./segments-report.tsx";
import type { Regression } from "./shapes.ts";

export function RegressionReport({ title, task, report }: { title: string; task: string; report: Regression }) {
  const { t } = useTranslation();
  const language = useLanguage();
  const values = report.fit.flatMap((bin) => [bin.meanActual, bin.meanPredicted]);
  const low = Math.min(...values);
  const high = Math.max(...values);
  return (
    <>
      <Card title={title} hint={t("reports.own", { task })}>
        <div className="stack">
          <div className="metrics">
            <Metric label={t("reports.rmse")} value={formatNumber(report.rmse, language)} />
            <Metric label={t("reports.mae")} value={formatNumber(report.mae, language)} />
            <Metric label={t("reports.r2")} value={formatMetric(report.r2)} />
            <Metric label={t("reports.bias")} value={formatNumber(report.bias, language)} />
            {report.deviance !== null && (
              <>
                <Metric label={t("reports.deviance")} value={formatMetric(report.deviance.mean)} />
                <Metric label={t("reports.explained")} value={formatMetric(report.deviance.explained)} />
              </>
            )}
            <Metric label={t("reports.rows")} value={formatNumber(report.rows, language)} />
          </div>
          {report.fit.length > 1 && (
            <div className="charts">
              <Chart
                title={t("reports.fit")}
                x={t("reports.predicted")}
                y={t("reports.actual")}
                free
                lines={[
                  {
                    name: t("reports.fit"),
                    points: report.fit.map((bin) => [bin.meanPredicted, bin.meanActual] as const),
                    colour: "--accent",
                    type: "scatter",
                  },
                  {
                    name: t("reports.ideal"),
                    points: [
                      [low, low],
                      [high, high],
                    ],
                    colour: "--ink-3",
                    dashed: true,
                  },
                ]}
              />
            </div>
          )}
        </div>
      </Card>
      {report.groups !== null && <GroupsCard of={report.groups} />}
      {report.periods !== null && <PeriodsCard of={report.periods} />}
      {report.stability !== null && <DriftCard of={report.stability} />}
    </>
  );
}
