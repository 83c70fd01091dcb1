/** What all measures ask of their inputs. Labels are 0 or 1; a score is any finite number, higher meaning more likely 1. */
import { TomboloError } from "@tombolo/base";

export function checkBinary(labels: Float64Array, scores: Float64Array): void {
  checkPairs(labels, scores);
  if (labels.some((label) => label !== 0 && label !== 1))
    throw new TomboloError("input.labels", "a binary label is 0 or 1", { remedy: "Map the label column to 0 and 1." });
}

export function checkPairs(actual: Float64Array, predicted: Float64Array): void {
  if (actual.length !== predicted.length || actual.length === 0)
    throw new TomboloError("input.evaluation-rows", "evaluation needs rows, and one prediction for each");
  checkFinite(actual);
  checkFinite(predicted);
}

export function checkFinite(values: Float64Array): void {
  if (!values.every(Number.isFinite))
    throw new TomboloError("input.evaluation-values", "labels and predictions must be finite numbers", {
      remedy: "Drop rows without a label before the evaluation.",
    });
}

export const mean = (values: Float64Array): number => sum(values) / values.length;

export function sum(values: Float64Array): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

/** null where a rate has nothing to divide by. */
export const ratio = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);
