/** The guest's labels as level `shared` computes with them: around a base, of numbers in a scale of their own, which stays with the guest. */
import { TomboloError } from "@tombolo/base";
import { baseMargin, checkLabels, rowWeights } from "../objective.ts";
import type { BoostingParameters } from "../parameters.ts";
import { BASE_MOST, UNIT } from "./formats.ts";
import { SHARED_WEIGHT_BITS_MAX, type SharedObjective } from "./parameters.ts";

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
  /** Likewise, what each row counts; null where all count alike. */
  readonly weights: BigInt64Array | null;
  /** The largest weight is below 2 to it. */
  readonly weightBits: number | null;
}

/** `given`: weights by row. Throws `input.label`, `input.weights`. */
export function scaledLabels(
  parameters: BoostingParameters & { readonly objective: SharedObjective },
  labels: Float64Array,
  given: Float64Array | undefined,
): ScaledLabels {
  checkLabels(parameters, labels);
  const weights = rowWeights(parameters, labels, given);
  return { ...labelsOf(parameters, labels, weights), ...weightsOf(weights) };
}

/** At 16 fraction bits. */
function weightsOf(given: Float64Array | null): Pick<ScaledLabels, "weights" | "weightBits"> {
  if (given === null) return { weights: null, weightBits: null };
  const most = given.reduce((largest, weight) => Math.max(largest, weight), 0);
  const weightBits = Math.max(0, Math.floor(Math.log2(most)) + 1);
  if (Math.round(most * UNIT) > 0 && weightBits <= SHARED_WEIGHT_BITS_MAX)
    return { weights: BigInt64Array.from(given, (weight) => BigInt(Math.round(weight * UNIT))), weightBits };
  throw new TomboloError("input.weights", "the largest weight of a row is too small or too large for level shared", {
    remedy: `Scale weights so that the largest is at least 1 and below ${2 ** SHARED_WEIGHT_BITS_MAX}.`,
  });
}

function labelsOf(
  parameters: BoostingParameters & { readonly objective: SharedObjective },
  labels: Float64Array,
  weights: Float64Array | null,
): Omit<ScaledLabels, "weights" | "weightBits"> {
  const rows = Int32Array.from({ length: labels.length }, (_, row) => row);
  const base = baseMargin(parameters, labels, rows, weights);
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
