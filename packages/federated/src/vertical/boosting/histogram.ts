/**
 * Sums of quantised (g, h) and counts of rows per (node, column, bin), in plaintext: the guest's own columns and the
 * twin. All sums are integers below 2^53, so addition is exact in any order and the larger child of a split is its
 * parent minus the smaller one.
 */
import type { Feature } from "./binning.ts";
import type { Partition } from "./partition.ts";

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

export function countBins(features: readonly Feature[], offsets: Int32Array, rows: Int32Array): Int32Array {
  const counts = new Int32Array(offsets[features.length]!);
  for (let f = 0; f < features.length; f++) {
    const { codes } = features[f]!;
    const at = offsets[f]!;
    for (let i = 0; i < rows.length; i++) counts[at + codes[rows[i]!]!]!++;
  }
  return counts;
}

export function sumBins(
  features: readonly Feature[],
  offsets: Int32Array,
  rows: Int32Array,
  gradients: Histogram,
  active: Uint8Array,
): Histogram {
  const g = new Float64Array(offsets[features.length]!);
  const h = new Float64Array(g.length);
  const ownG = Float64Array.from(rows, (row) => gradients.g[row]!);
  const ownH = Float64Array.from(rows, (row) => gradients.h[row]!);
  for (let f = 0; f < features.length; f++) {
    if (active[f] === 0) continue;
    const { codes } = features[f]!;
    const at = offsets[f]!;
    for (let i = 0; i < rows.length; i++) {
      const bin = at + codes[rows[i]!]!;
      g[bin]! += ownG[i]!;
      h[bin]! += ownH[i]!;
    }
  }
  return { g, h };
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
