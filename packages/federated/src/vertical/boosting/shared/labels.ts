/** The guest's labels as level `shared` computes with them: around a base, of numbers in a scale of their own, which stays with the guest. */
import { baseMargin, checkLabels } from "../objective.ts";
import type { BoostingParameters } from "../parameters.ts";
import { BASE_MOST, UNIT } from "./formats.ts";
import type { SharedObjective } from "./parameters.ts";

export interface Base {
  /** Margin before the first tree, in the label's unit: what totals of trees are added to. */
  readonly baseMargin: number;
  /** What a margin of 1 within the computation is: a power of two. */
  readonly scale: number;
}

export interface ScaledLabels extends Base {
  /** Where margins start, and labels, in units of 2^-16. */
  readonly start: bigint;
  readonly labels: BigInt64Array;
}

/** Throws `input.label`. */
export function scaledLabels(
  parameters: BoostingParameters & { readonly objective: SharedObjective },
  labels: Float64Array,
): ScaledLabels {
  checkLabels(parameters, labels);
  const rows = Int32Array.from({ length: labels.length }, (_, row) => row);
  const base = baseMargin(parameters, labels, rows, null);
  if (parameters.objective === "binary") {
    const start = Math.round(Math.min(BASE_MOST, Math.max(-BASE_MOST, base)) * UNIT);
    const ones = BigInt64Array.from(labels, (label) => BigInt(label * UNIT));
    return { baseMargin: start / UNIT, scale: 1, start: BigInt(start), labels: ones };
  }
  const furthest = labels.reduce((most, label) => Math.max(most, Math.abs(label - base)), 0);
  const scale = furthest === 0 ? 1 : 2 ** Math.ceil(Math.log2(furthest));
  const scaled = BigInt64Array.from(labels, (label) => BigInt(Math.round(((label - base) / scale) * UNIT)));
  return { baseMargin: base, scale, start: 0n, labels: scaled };
}
