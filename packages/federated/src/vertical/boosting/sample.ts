/**
 * Rows and columns drawn from the flow's seed. Every party draws the same rows without a message, and its own columns
 * from an order that only it knows; a label names each draw, so a resumed training draws what the uninterrupted one
 * would have.
 */
import { type Sampling, TomboloError } from "@tombolo/base";
import type { BoostingParameters } from "./parameters.ts";

export interface RowParts {
  readonly training: Int32Array;
  /** Empty without early stopping. */
  readonly validation: Int32Array;
}

export function partRows(rowCount: number, parameters: BoostingParameters, sampling: Sampling): RowParts {
  const all = Int32Array.from({ length: rowCount }, (_, row) => row);
  if (parameters.earlyStopping === null) return { training: all, validation: new Int32Array(0) };
  const count = rowCount - trainingCount(rowCount, parameters);
  const isValidation = new Uint8Array(rowCount);
  for (const row of draw(all, count, sampling.fork("boosting/validation"))) isValidation[row] = 1;
  return {
    training: all.filter((row) => isValidation[row] === 0),
    validation: all.filter((row) => isValidation[row] === 1),
  };
}

function trainingCount(rowCount: number, { earlyStopping }: BoostingParameters): number {
  if (earlyStopping === null) return rowCount;
  return rowCount - Math.min(rowCount - 1, Math.max(1, Math.round(rowCount * earlyStopping.fraction)));
}

const shareOf = (count: number, share: number): number => Math.max(1, Math.round(count * share));

/** How many rows' gradients count in each tree. */
export function sampledCount(rowCount: number, parameters: BoostingParameters): number {
  const training = trainingCount(rowCount, parameters);
  return parameters.subsample === 1 ? training : shareOf(training, parameters.subsample);
}

/** The training rows whose gradients count in this tree, ascending. */
export function treeRows(
  training: Int32Array,
  tree: number,
  parameters: BoostingParameters,
  sampling: Sampling,
): Int32Array {
  if (parameters.subsample === 1) return training;
  const count = shareOf(training.length, parameters.subsample);
  return draw(training, count, sampling.fork(`boosting/tree/${tree}/rows`));
}

/** Rows by gradient would tell a host where the labels are (the largest of the first tree are the rarer class). */
export function checkGoss({ goss, guestOnlyTrees }: BoostingParameters, hosts: number): void {
  if (goss === null || hosts === 0 || guestOnlyTrees > 0) return;
  throw new TomboloError("input.parameter", "rows cannot be drawn by gradient in trees that hosts grow with", {
    remedy: "Set goss to null, or guestOnlyTrees to the trees that the guest grows alone.",
  });
}

export interface GossRows {
  readonly rows: Int32Array;
  /** What a row drawn from the others stands for. */
  readonly others: Int32Array;
  readonly amplify: number;
}

/** Gradient-based one-side sampling (LightGBM, Ke et al. 2017): the largest |g|, the first of equal ones, and some of the others. */
export function gossRows(
  training: Int32Array,
  size: (row: number) => number,
  { top, other }: { readonly top: number; readonly other: number },
  sampling: Sampling,
): GossRows {
  const sized = Float64Array.from(training, size);
  const ordered = Int32Array.from(training.keys()).sort((a, b) => sized[b]! - sized[a]! || a - b);
  const count = (share: number): number => Math.max(1, Math.round(training.length * share));
  const large = ordered.subarray(0, count(top));
  const rest = ordered.subarray(large.length).toSorted();
  const drawn = draw(rest, Math.min(rest.length, count(other)), sampling);
  const rows = Int32Array.from([...large, ...drawn], (at) => training[at]!).sort();
  return { rows, others: drawn.map((at) => training[at]!), amplify: (1 - top) / other };
}

/** 1 for each column of site number `site` (the guest is 0) that this tree may use; columns as in column-order.ts. */
export function treeColumns(
  count: number,
  site: number,
  tree: number,
  parameters: BoostingParameters,
  sampling: Sampling,
): Uint8Array {
  if (parameters.colsample === 1 || count === 0) return new Uint8Array(count).fill(1);
  const kept = draw(
    Int32Array.from({ length: count }, (_, column) => column),
    Math.max(1, Math.round(count * parameters.colsample)),
    sampling.fork(`boosting/tree/${tree}/columns/${site}`),
  );
  const active = new Uint8Array(count);
  for (const column of kept) active[column] = 1;
  return active;
}

/** `count` of the items, in their order, each set equally likely (Knuth 3.4.2, algorithm S). */
function draw(items: Int32Array, count: number, sampling: Sampling): Int32Array {
  const out = new Int32Array(count);
  let taken = 0;
  for (let i = 0; i < items.length && taken < count; i++) {
    if (sampling.next() * (items.length - i) < count - taken) out[taken++] = items[i]!;
  }
  return out;
}

export function flags(rowCount: number, rows: Int32Array): Uint8Array {
  const flagged = new Uint8Array(rowCount);
  for (const row of rows) flagged[row] = 1;
  return flagged;
}
