/** How good scores are as probabilities. All need scores in [0, 1]. */
import { TomboloError } from "@tombolo/base";
import { bins } from "./bins.ts";
import { checkBinary } from "./checks.ts";

/** Mean of -log of the probability given to what happened (natural logarithm), at least 0; 0 and 1 are clipped by 2^-52. */
export function logLoss(labels: Float64Array, scores: Float64Array): number {
  checkProbabilities(labels, scores);
  let total = 0;
  labels.forEach((label, row) => {
    const p = Math.min(1 - Number.EPSILON, Math.max(Number.EPSILON, scores[row]!));
    total -= label === 1 ? Math.log(p) : Math.log1p(-p);
  });
  return total / labels.length;
}

/** Mean squared difference between probability and outcome (Brier 1950), in [0, 1]. */
export function brier(labels: Float64Array, scores: Float64Array): number {
  checkProbabilities(labels, scores);
  let total = 0;
  labels.forEach((label, row) => {
    total += (scores[row]! - label) ** 2;
  });
  return total / labels.length;
}

export interface CalibrationBin {
  readonly rows: number;
  readonly meanScore: number;
  /** Share of positives. */
  readonly observed: number;
}

export interface Calibration {
  readonly bins: readonly CalibrationBin[];
  /** Expected calibration error: mean |meanScore - observed|, weighted by rows (Naeini et al. 2015). In [0, 1]. */
  readonly error: number;
}

/** Over bins of about equally many rows, at least `minimumRows` each; equal scores share a bin. */
export function calibration(
  labels: Float64Array,
  scores: Float64Array,
  binCount: number,
  minimumRows: number,
): Calibration {
  checkProbabilities(labels, scores);
  const found = bins(scores, binCount, minimumRows).map((rows) => ({
    rows: rows.length,
    meanScore: meanAt(scores, rows),
    observed: meanAt(labels, rows),
  }));
  const error = found.reduce((sum, bin) => sum + bin.rows * Math.abs(bin.meanScore - bin.observed), 0);
  return { bins: found, error: error / labels.length };
}

export const areProbabilities = (scores: Float64Array): boolean => scores.every((score) => score >= 0 && score <= 1);

export function meanAt(values: Float64Array, rows: Uint32Array): number {
  let total = 0;
  for (const row of rows) total += values[row]!;
  return total / rows.length;
}

function checkProbabilities(labels: Float64Array, scores: Float64Array): void {
  checkBinary(labels, scores);
  if (!areProbabilities(scores))
    throw new TomboloError("input.evaluation-values", "scores must be probabilities between 0 and 1");
}
