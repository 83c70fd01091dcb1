import { useTranslation } from "react-i18next";
import { formatMetric } from "../../lib/format.ts";
import { Chart } from "./chart.tsx";
import type { Training } from "./training-curves.ts";

type Figures = NonNullable<Training["calibration"]>["before"];

/** Scores against what happened, before and after calibration. */
export function CalibrationChart({ before, after }: { before: Figures; after: Figures }) {
  const { t } = useTranslation();
  const named = (name: string, { error, logLoss }: Figures): string =>
    t("training.calibrated", { name, error: formatMetric(error), loss: formatMetric(logLoss) });
  const points = ({ bins }: Figures) => bins.map((bin) => [bin.meanScore, bin.observed] as const);
  return (
    <Chart
      title={t("reports.calibration")}
      x={t("reports.calibrationX")}
      y={t("reports.calibrationY")}
      xMax={1}
      yMax={1}
      lines={[
        { name: named(t("training.before"), before), points: points(before), colour: "--ink-3", type: "scatter" },
        { name: named(t("training.after"), after), points: points(after), colour: "--accent", type: "scatter" },
        { name: t("reports.ideal"), points: [[0, 0] as const, [1, 1] as const], colour: "--ink-3", dashed: true },
      ]}
    />
  );
}
