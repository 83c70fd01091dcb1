/**
 * Sums of quantised (g, h) and counts of rows per (node, column, bin), in plaintext: the guest's own columns and the
 * twin. All sums are integers below 2^53, so addition is exact in any order and the larger child of a split is its
 * parent minus the smaller one.
 */
import type { Feature } from "./binning.ts";
import type { Partition } from "./partition.ts";

/** Of each row, quantised: whole numbers of 29 bits at most with their sign. */
export interface RowGradients {
  readonly g: Int32Array;
  readonly h: Int32Array;
}

export interface Histogram {
  readonly g: Float64Array;
  readonly h: Float64Array;
}

/** Where each column's bins start in a histogram; the last entry is its length. */
export function binOffsets(features: readonly Feature[]): Int32Array {
  const offsets = new Int32Array(features.length + 1);
  for (let f = 0; f < features.length; f++) offsets[f + 1] = offsets[f]! + features[f]!.binCount;
  return offsets;
}

/** Rows whose gradients and codes of all columns stay in a core's cache. */
const ROWS_AT_ONCE = 8192;

export function countBins(features: readonly Feature[], offsets: Int32Array, rows: Int32Array): Int32Array {
  const counts = new Int32Array(offsets[features.length]!);
  for (let from = 0; from < rows.length; from += ROWS_AT_ONCE) {
    const some = rows.subarray(from, from + ROWS_AT_ONCE);
    for (let f = 0; f < features.length; f++) countColumn(counts, offsets[f]!, features[f]!.codes, some);
  }
  return counts;
}

function countColumn(counts: Int32Array, first: number, codes: Uint8Array, rows: Int32Array): void {
  for (let i = 0; i < rows.length; i++) counts[first + codes[rows[i]!]!]!++;
}

export function sumBins(
  features: readonly Feature[],
  offsets: Int32Array,
  rows: Int32Array,
  gradients: RowGradients,
  active: Uint8Array,
): Histogram {
  const sums = { g: new Float64Array(offsets[features.length]!), h: new Float64Array(offsets[features.length]!) };
  const own = { g: new Float64Array(ROWS_AT_ONCE), h: new Float64Array(ROWS_AT_ONCE) };
  for (let from = 0; from < rows.length; from += ROWS_AT_ONCE) {
    const some = rows.subarray(from, from + ROWS_AT_ONCE);
    for (let i = 0; i < some.length; i++) {
      own.g[i] = gradients.g[some[i]!]!;
      own.h[i] = gradients.h[some[i]!]!;
    }
    for (let f = 0; f < features.length; f++)
      if (active[f] === 1) addColumn(sums, own, offsets[f]!, features[f]!.codes, some);
  }
  return sums;
}

function addColumn({ g, h }: Histogram, own: Histogram, first: number, codes: Uint8Array, rows: Int32Array): void {
  const [ownG, ownH] = [own.g, own.h];
  for (let i = 0; i < rows.length; i++) {
    const bin = first + codes[rows[i]!]!;
    g[bin]! += ownG[i]!;
    h[bin]! += ownH[i]!;
  }
}

export const subtract = (parent: Histogram, child: Histogram): Histogram => ({
  g: parent.g.map((value, i) => value - child.g[i]!),
  h: parent.h.map((value, i) => value - child.h[i]!),
});

export interface Schedule {
  /** Nodes whose histogram is summed from rows. */
  readonly direct: number[];
  /** Nodes whose histogram is their parent's minus their sibling's. */
  readonly derived: number[];
}

/** Of two siblings only the one with fewer rows is summed, the left one of equals; it is summed also when only the other is open. */
export function schedule(open: readonly number[], partition: Partition): Schedule {
  const direct = new Set<number>();
  const derived: number[] = [];
  for (const node of open) {
    const sibling = node ^ 1;
    const rows = partition.sampledRows(node).length;
    const others = partition.sampledRows(sibling).length;
    const smaller = rows < others || (rows === others && (node & 1) === 0);
    if (node === 1 || smaller) direct.add(node);
    else {
      direct.add(sibling);
      derived.push(node);
    }
  }
  return { direct: [...direct].sort((a, b) => a - b), derived };
}
