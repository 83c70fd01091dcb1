/**
 * A row's total as a sum over the host's bits, each times a number that the guest knows.
 *
 * Beta_s of a host's split s is 1 where the row goes left and the host's own splits above send it there: the bits of
 * `predict-host.ts`. A row reaches the left of s with beta_s, and the right with the indicator of reaching s less
 * beta_s. So with W(leaf) its weight, W(own split) = W(child that the row takes), W(host's split) = W(right child),
 *
 *   total = sum over trees of W(root)  +  sum over host's splits s on ways that the guest leaves open of (W(left) - W(right)) beta_s
 *
 * exactly, in whole numbers: weights are rounded to multiples of `unit`, a power of two, before anything is added.
 */
import { TomboloError } from "@tombolo/base";
import { type FlatGuest, goesLeft, LEAF, OWN } from "./compiled.ts";

/** A total lies within 2^20 units, and half a unit a tree: what the guest is told of a row is a number of so many bits. */
export const TOTAL_BITS = 20;

export interface Rounded {
  readonly unit: number;
  /** By node: of a leaf its weight in units. */
  readonly weights: Int32Array;
}

export function roundedWeights({ owner, weight, roots, outputs }: FlatGuest): Rounded {
  const largest = new Float64Array(outputs);
  roots.forEach((root, tree) => {
    const end = roots[tree + 1] ?? owner.length;
    let most = 0;
    for (let node = root; node < end; node++) if (owner[node] === LEAF) most = Math.max(most, Math.abs(weight[node]!));
    largest[tree % outputs]! += most;
  });
  const bound = Math.max(...largest);
  const exponent = bound === 0 ? 0 : Math.ceil(Math.log2(bound)) - TOTAL_BITS;
  if (!(Number.isFinite(bound) && exponent > -1000))
    throw new TomboloError("input.model", "the model's leaf weights are too large or too small to be added");
  const unit = 2 ** exponent;
  const weights = new Int32Array(weight.length);
  for (let node = 0; node < weight.length; node++)
    if (owner[node] === LEAF) weights[node] = Math.round(weight[node]! / unit);
  return { unit, weights };
}

/** Numbers that the host's bits are multiplied by, split by split, `stride` rows a split; and what is added to their sum. */
export interface LinearForm {
  readonly coefficients: Int32Array;
  /** By output and row. */
  readonly constants: readonly Int32Array[];
}

/** Of a model with one host. `values` by used column, of `rows` rows. */
export function linearForm(
  flat: FlatGuest,
  { weights }: Rounded,
  values: readonly Float64Array[],
  rows: number,
  stride: number,
): LinearForm {
  const { owner, split, splits, left, right, roots, outputs } = flat;
  const coefficients = new Int32Array(flat.hostSplits[0]! * stride);
  const constants = Array.from({ length: outputs }, () => new Int32Array(rows));
  let row = 0;
  const worth = (node: number): number => {
    const who = owner[node]!;
    if (who === LEAF) return weights[node]!;
    const s = split[node]!;
    if (who === OWN) return worth(goesLeft(splits, s, values[splits.column[s]!]![row]!) ? left[node]! : right[node]!);
    const otherwise = worth(right[node]!);
    coefficients[s * stride + row] = worth(left[node]!) - otherwise;
    return otherwise;
  };
  for (let tree = 0; tree < roots.length; tree++) {
    const own = constants[tree % outputs]!;
    for (row = 0; row < rows; row++) own[row]! += worth(roots[tree]!);
  }
  return { coefficients, constants };
}
