/** Loss after each tree, for early stopping and live charts. The guest alone has the labels and so these figures. */
import { sigmoid } from "./objective.ts";
import type { Objective } from "./parameters.ts";
import type { RowParts } from "./sample.ts";

export interface PartEvaluation {
  /** Log-loss, or root mean squared error. */
  readonly loss: number;
  /** Binary objectives only; NaN where one class is missing. */
  readonly auc?: number;
}

export interface Evaluation {
  /** Trees so far. */
  readonly trees: number;
  readonly training: PartEvaluation;
  readonly validation?: PartEvaluation;
}

export function evaluate(
  objective: Objective,
  labels: Float64Array,
  margins: Float64Array,
  parts: RowParts,
  trees: number,
): Evaluation {
  const part = (rows: Int32Array): PartEvaluation =>
    objective === "binary"
      ? { loss: logLoss(labels, margins, rows), auc: areaUnderCurve(labels, margins, rows) }
      : { loss: rootMeanSquare(labels, margins, rows) };
  const training = part(parts.training);
  return parts.validation.length === 0 ? { trees, training } : { trees, training, validation: part(parts.validation) };
}

function logLoss(labels: Float64Array, margins: Float64Array, rows: Int32Array): number {
  let sum = 0;
  for (const row of rows) {
    const p = Math.min(Math.max(sigmoid(margins[row]!), 1e-16), 1 - 1e-16);
    sum -= labels[row] === 1 ? Math.log(p) : Math.log(1 - p);
  }
  return sum / rows.length;
}

function rootMeanSquare(labels: Float64Array, margins: Float64Array, rows: Int32Array): number {
  let sum = 0;
  for (const row of rows) sum += (margins[row]! - labels[row]!) ** 2;
  return Math.sqrt(sum / rows.length);
}

/** Chance that a positive outranks a negative, ties counting half: by rank sums (Mann, Whitney). */
export function areaUnderCurve(labels: Float64Array, scores: Float64Array, rows: Int32Array): number {
  const order = Int32Array.from(rows).sort((a, b) => scores[a]! - scores[b]!);
  let positives = 0;
  let rankSum = 0;
  for (let start = 0; start < order.length; ) {
    let end = start;
    let here = 0;
    while (end < order.length && scores[order[end]!] === scores[order[start]!]) here += labels[order[end++]!]!;
    rankSum += (here * (start + 1 + end)) / 2;
    positives += here;
    start = end;
  }
  const negatives = rows.length - positives;
  return (rankSum - (positives * (positives + 1)) / 2) / (positives * negatives);
}
