/**
 * A figure that the flow composes for early stopping: a weighted sum of figures that are known here. What is taken is a form with
 * numbers in it, never code: the guest works it out on its own rows, and no other party sees a value.
 */
import { auc, confusionAt, ks, logLoss, rank, regressionFigures, thresholdFigures } from "../../evaluation/index.ts";

/**
 * Of yes or no: log-loss, AUC, KS; `cost` a row of calling rows with scores of `at` or more yes, wrong calls costing `falsePositive`
 * and `falseNegative`; `f1` of the same calls; `capture`, the share of positives among the share `at` of rows with the
 * highest scores. Of numbers: rmse, mae; `pinball`, the mean loss of quantile `at`; `within`, the share of rows missed
 * by at most `at`.
 */
export const BINARY_FIGURES = ["log-loss", "auc", "ks", "cost", "f1", "capture"] as const;
export const NUMBER_FIGURES = ["rmse", "mae", "pinball", "within"] as const;
export const CUSTOM_FIGURES = [...BINARY_FIGURES, ...NUMBER_FIGURES] as const;
export type CustomFigure = (typeof CUSTOM_FIGURES)[number];

export interface CustomTerm {
  readonly figure: CustomFigure;
  /** Its share of the sum; may be below 0. */
  readonly weight: number;
  /** Threshold, share, quantile or distance, as the figure has it; null for the others. */
  readonly at: number | null;
  /** Of `cost`. */
  readonly falsePositive: number;
  readonly falseNegative: number;
}

export interface CustomMetric {
  readonly better: "lower" | "higher";
  readonly terms: readonly CustomTerm[];
}

export const TERMS_MAX = 8;

/** What `at` must lie within, open or closed; absent: it must be null. */
const RANGES: Readonly<Partial<Record<CustomFigure, { above: number; most: number; expected: string }>>> = {
  cost: { above: -1, most: 1, expected: "a threshold from 0 to 1" },
  f1: { above: -1, most: 1, expected: "a threshold from 0 to 1" },
  capture: { above: 0, most: 1, expected: "a share above 0, up to 1" },
  pinball: { above: 0, most: 1 - 1e-9, expected: "a quantile between 0 and 1" },
  within: { above: 0, most: 1e300, expected: "a distance above 0" },
};

/** `known`: figures that the objective has. What the metric must be instead; null where it fits. */
export function customMetricFault({ better, terms }: CustomMetric, known: readonly CustomFigure[]): string | null {
  if (better !== "lower" && better !== "higher") return "better when lower, or when higher";
  if (terms.length === 0 || terms.length > TERMS_MAX) return `of 1 to ${TERMS_MAX} terms`;
  return terms.map((term) => termFault(term, known)).find((fault) => fault !== null) ?? null;
}

function termFault({ figure, weight, at, ...costs }: CustomTerm, known: readonly CustomFigure[]): string | null {
  if (!known.includes(figure)) return `of ${known.join(", ")} for this objective`;
  if (!Number.isFinite(weight) || weight === 0) return "of terms whose weights are not 0";
  const range = RANGES[figure];
  const fits =
    range === undefined
      ? at === null
      : at !== null && at > range.above && at <= range.most && !(range.above < 0 && at < 0);
  if (!fits) return `of terms that fit: ${figure} takes ${range?.expected ?? "no number (at: null)"}`;
  const isCost = (cost: number): boolean => cost >= 0 && cost <= 1e9;
  return isCost(costs.falsePositive) && isCost(costs.falseNegative) ? null : "of costs from 0 to 1e9";
}

/** Undefined where a figure means nothing on these rows, as AUC of one class. */
export function customFigure({ terms }: CustomMetric, labels: Float64Array, scores: Float64Array): number | undefined {
  let sum = 0;
  for (const term of terms) {
    const figure = figureOf(term, labels, scores);
    if (figure === null) return undefined;
    sum += term.weight * figure;
  }
  return sum;
}

function figureOf(term: CustomTerm, labels: Float64Array, scores: Float64Array): number | null {
  const { figure, at } = term;
  if (figure === "log-loss") return logLoss(labels, scores);
  if (figure === "auc") return auc(rank(labels, scores));
  if (figure === "ks") return ks(rank(labels, scores))?.value ?? null;
  if (figure === "cost") return costOf(term, labels, scores);
  if (figure === "f1") return thresholdFigures(confusionAt(labels, scores, at!)).f1;
  if (figure === "capture") return captured(labels, scores, at!);
  if (figure === "rmse" || figure === "mae") return regressionFigures(labels, scores)[figure];
  const errors = labels.map((label, row) => label - scores[row]!);
  const mean = (of: (error: number) => number): number => errors.reduce((sum, e) => sum + of(e), 0) / errors.length;
  return figure === "pinball"
    ? mean((error) => Math.max(at! * error, (at! - 1) * error))
    : mean((error) => (Math.abs(error) <= at! ? 1 : 0));
}

function costOf({ at, falsePositive, falseNegative }: CustomTerm, labels: Float64Array, scores: Float64Array): number {
  const { falsePositives, falseNegatives } = confusionAt(labels, scores, at!);
  return (falsePositive * falsePositives + falseNegative * falseNegatives) / labels.length;
}

/** Of rows with the score at the edge the share that still fits, so that their order does not matter. Null without a positive. */
function captured(labels: Float64Array, scores: Float64Array, share: number): number | null {
  const { thresholds, truePositives, falsePositives, positives, rows } = rank(labels, scores);
  if (positives === 0) return null;
  const wanted = share * rows;
  let [caught, called] = [0, 0];
  for (let i = 0; i < thresholds.length; i++) {
    const [tp, all] = [truePositives[i]!, truePositives[i]! + falsePositives[i]!];
    if (all >= wanted) return (caught + ((wanted - called) / (all - called)) * (tp - caught)) / positives;
    [caught, called] = [tp, all];
  }
  return caught / positives;
}
