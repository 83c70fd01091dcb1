/**
 * Whether a threshold treats groups alike. Selected: called yes. Demographic parity asks for equal shares of selected rows
 * (Dwork et al., ITCS 2012), equal opportunity for equal true positive rates, equalised odds for equal true and false positive
 * rates (Hardt, Price, Srebro, NIPS 2016); ratios below 0.8 are what the four-fifths rule objects to (EEOC 1978). No figure is
 * proof of anything: groups may differ in what is predicted, and in how it came to be recorded.
 */
import { ratio } from "./checks.ts";
import type { Segment } from "./segments.ts";
import { confusionAt } from "./threshold.ts";

export interface GroupRates {
  readonly name: string | null;
  readonly rows: number;
  readonly positives: number;
  /** Each in [0, 1]; null where there is nothing to divide by. */
  readonly selectionRate: number;
  readonly truePositiveRate: number | null;
  readonly falsePositiveRate: number | null;
  readonly precision: number | null;
}

export interface Fairness {
  readonly threshold: number;
  readonly groups: readonly GroupRates[];
  /** Largest less smallest selection rate, in [0, 1]. */
  readonly demographicParityDifference: number;
  /** Smallest over largest selection rate; null where none is selected. */
  readonly demographicParityRatio: number | null;
  /** Largest less smallest true positive rate; null with fewer than two groups that have positives. */
  readonly equalOpportunityDifference: number | null;
  /** The larger of the differences of true and of false positive rates; null where either is. */
  readonly equalisedOddsDifference: number | null;
}

/** `groups`: two or more, each of rows; which are too small to be judged is for the caller to leave out. */
export function fairness(
  labels: Float64Array,
  scores: Float64Array,
  threshold: number,
  groups: readonly Segment[],
): Fairness {
  const found = groups.map((group) => ratesOf(labels, scores, threshold, group));
  const selected = found.map(({ selectionRate }) => selectionRate);
  const recall = spread(found.map(({ truePositiveRate }) => truePositiveRate));
  const alarm = spread(found.map(({ falsePositiveRate }) => falsePositiveRate));
  return {
    threshold,
    groups: found,
    demographicParityDifference: Math.max(...selected) - Math.min(...selected),
    demographicParityRatio: ratio(Math.min(...selected), Math.max(...selected)),
    equalOpportunityDifference: recall,
    equalisedOddsDifference: recall === null || alarm === null ? null : Math.max(recall, alarm),
  };
}

function ratesOf(labels: Float64Array, scores: Float64Array, threshold: number, { name, rows }: Segment): GroupRates {
  const of = (values: Float64Array): Float64Array => Float64Array.from(rows, (row) => values[row]!);
  const { truePositives, falsePositives, trueNegatives, falseNegatives } = confusionAt(
    of(labels),
    of(scores),
    threshold,
  );
  const selected = truePositives + falsePositives;
  const positives = truePositives + falseNegatives;
  return {
    ...{ name, rows: rows.length, positives, selectionRate: selected / rows.length },
    truePositiveRate: ratio(truePositives, positives),
    falsePositiveRate: ratio(falsePositives, falsePositives + trueNegatives),
    precision: ratio(truePositives, selected),
  };
}

function spread(rates: readonly (number | null)[]): number | null {
  const known = rates.filter((rate) => rate !== null);
  return known.length < 2 ? null : Math.max(...known) - Math.min(...known);
}
