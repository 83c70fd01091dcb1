import { useTranslation } from "react-i18next";
import { Card } from "../page.tsx";
import { CalibrationChart } from "./calibration-chart.tsx";
import { TrainingCharts } from "./training-charts.tsx";
import { curvesOf, keptRound, stepsOf, type Training } from "./training-curves.ts";

export function TrainingReport({ title, task, report }: { title: string; task: string; report: Training }) {
  const { t } = useTranslation();
  return (
    <Card title={title} hint={t("reports.own", { task })}>
      <TrainingCharts curves={curvesOf(stepsOf(report))} loss={report.loss} kept={keptRound(report)} />
      {report.calibration !== undefined && (
        <div className="charts">
          <CalibrationChart before={report.calibration.before} after={report.calibration.after} />
        </div>
      )}
    </Card>
  );
}
