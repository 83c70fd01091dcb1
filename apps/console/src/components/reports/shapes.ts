import { z } from "zod";
import { costs, curve, figure, groups, interval, periods, second } from "./evaluation-shape.ts";

/**
 * What the reports of the shipped components look like. Parsing is lenient where a part may be withheld, and a report
 * that does not fit is shown as a table: a newer component never breaks the page.
 */
const confusion = z.object({
  truePositives: z.number(),
  falsePositives: z.number(),
  trueNegatives: z.number(),
  falseNegatives: z.number(),
});
export type Confusion = z.infer<typeof confusion>;

const gainRow = z.object({
  depth: z.number(),
  rows: z.number(),
  positives: z.number(),
  rate: figure,
  lift: figure,
  cumulativeLift: figure,
  gain: figure,
});

export const stability = z.object({
  index: z.number(),
  verdict: z.enum(["stable", "shifted", "moved"]),
  bins: z.array(z.object({ from: figure, to: figure, expected: z.number(), actual: z.number() })),
});
export type Stability = z.infer<typeof stability>;

export const binary = z.object({
  ...{ interval, costs, second, groups, periods },
  stability: stability.nullable().catch(null),
  meaning: z.enum(["yes", "no"]).catch("yes"),
  rows: z.number(),
  positives: z.number(),
  auc: figure,
  gini: figure,
  ks: z.object({ value: z.number(), threshold: z.number() }).nullable().catch(null),
  averagePrecision: figure,
  logLoss: figure,
  brier: figure,
  atThreshold: z.object({ threshold: z.number(), confusion: confusion.nullable() }).nullable().catch(null),
  bestF1: z.object({ threshold: z.number(), f1: z.number() }).nullable().catch(null),
  gains: z.array(gainRow).catch([]),
  calibration: z
    .object({
      bins: z.array(z.object({ rows: z.number(), meanScore: z.number(), observed: z.number() })),
      error: z.number(),
    })
    .nullable()
    .catch(null),
  curves: z.object({
    roc: curve,
    ks: z.object({ tpr: curve, fpr: curve }).catch({ tpr: [], fpr: [] }),
    precisionRecall: curve,
    gain: curve,
    lift: curve,
  }),
});
export type Binary = z.infer<typeof binary>;

export const exported = z.object({
  rows: z.number(),
  columns: z.array(z.string()),
  format: z.enum(["csv", "parquet"]),
});

export const regression = z.object({
  ...{ groups, periods },
  stability: stability.nullable().catch(null),
  rows: z.number(),
  rmse: z.number(),
  mae: z.number(),
  bias: figure,
  r2: figure,
  deviance: z.object({ power: z.number(), mean: z.number(), explained: figure }).nullable().catch(null),
  fit: z.array(z.object({ rows: z.number(), meanPredicted: z.number(), meanActual: z.number() })).catch([]),
});
export type Regression = z.infer<typeof regression>;

export const classes = z.object({
  rows: z.number(),
  accuracy: z.number(),
  balancedAccuracy: figure,
  macroF1: figure,
  logLoss: figure,
  classes: z.array(
    z.object({
      name: z.string(),
      rows: z.number(),
      called: z.number(),
      precision: figure,
      recall: figure,
      f1: figure,
      auc: figure,
      logLoss: figure,
    }),
  ),
  confusion: z.array(z.array(z.number())).nullable().catch(null),
});
export type Classes = z.infer<typeof classes>;

/** Negatives and positives called, when the best `share` of rows is called positive. */
export function confusionAtShare(report: Binary, share: number): Confusion | undefined {
  const { tpr, fpr } = report.curves.ks;
  if (tpr.length < 2 || fpr.length < 2) return undefined;
  const negatives = report.rows - report.positives;
  const truePositives = Math.round(interpolate(tpr, share) * report.positives);
  const falsePositives = Math.round(interpolate(fpr, share) * negatives);
  return {
    truePositives,
    falsePositives,
    falseNegatives: report.positives - truePositives,
    trueNegatives: negatives - falsePositives,
  };
}

export function interpolate(points: readonly (readonly [number, number])[], x: number): number {
  const next = points.findIndex(([at]) => at >= x);
  const right = points[next === -1 ? points.length - 1 : next];
  const left = points[next <= 0 ? 0 : next - 1];
  if (left === undefined || right === undefined) return 0;
  const width = right[0] - left[0];
  return width <= 0 ? right[1] : left[1] + ((right[1] - left[1]) * Math.min(width, Math.max(0, x - left[0]))) / width;
}

/** What a host knows of trees that were grown on its columns, too. */
export const hostTraining = z.object({ trees: z.number(), ownSplits: z.number() });
