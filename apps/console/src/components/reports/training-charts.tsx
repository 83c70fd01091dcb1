import { useTranslation } from "react-i18next";
import { Chart, type Line } from "./chart.tsx";
import { type Curve, PARTS } from "./training-curves.ts";

const COLOURS = { training: "--accent", validation: "--party-2" } as const;

const LOSSES = ["log-loss", "rmse", "mae", "pseudo-huber", "poisson-nll", "tweedie-nll"] as const;
const METRICS = ["auc", "ks", "accuracy", "rmse", "mae", "custom"] as const;

/** A metric in the reader's language, the loss by which one it is where that is known. */
export function useMetricTitle(): (metric: string, loss?: string) => string {
  const { t } = useTranslation();
  return (metric, loss) => {
    if (metric === "loss") {
      const known = LOSSES.find((each) => each === loss);
      return known === undefined ? t("training.loss") : `${t("training.loss")} · ${t(`training.lossOf.${known}`)}`;
    }
    const known = METRICS.find((each) => each === metric);
    return known === undefined ? metric : t(`training.metric.${known}`);
  };
}

interface TrainingChartsProps {
  readonly curves: readonly Curve[];
  readonly loss?: string | undefined;
  /** The round whose trees were kept. */
  readonly kept?: number | undefined;
  readonly height?: number;
}

/** Loss and metrics over the rounds, on the rows trained on and those kept out. */
export function TrainingCharts({ curves, loss, kept, height }: TrainingChartsProps) {
  const { t } = useTranslation();
  const titleOf = useMetricTitle();
  const linesOf = ({ parts }: Curve): Line[] =>
    PARTS.flatMap((part) => {
      const points = parts[part];
      return points === undefined ? [] : [{ name: t(`training.${part}`), colour: COLOURS[part], points }];
    });
  return (
    <div className="charts">
      {curves.map((curve) => (
        <Chart
          key={curve.metric}
          title={titleOf(curve.metric, loss)}
          x={t("training.round")}
          y=""
          free
          lines={linesOf(curve)}
          {...(height === undefined ? {} : { height })}
          {...(kept === undefined ? {} : { mark: { x: kept, name: t("training.kept", { round: kept }) } })}
        />
      ))}
    </div>
  );
}
