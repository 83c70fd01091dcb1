/** Bins between the bounds of a model's own splits: what a party watches its columns by. No value is kept. */
import type { BinnedColumn } from "../serving/form.ts";
import type { FlatSplits } from "./compiled.ts";

/** Bounds beyond these are left out, evenly: a bin fits a byte. */
const BOUNDS_MAX = 200;

/** In the order of the splits' columns. */
export const binnedColumns = (splits: FlatSplits): BinnedColumn[] =>
  splits.columns.map(({ name, kind, codes }, c) => {
    if (kind === "text") {
      const bins = Math.min(codes.size, BOUNDS_MAX) + 2;
      return { name, bins, binOf: (code) => (Number.isNaN(code) ? bins - 1 : Math.min(code, bins - 2)) };
    }
    const bounds = boundsOf(splits, c);
    const bins = bounds.length + 2;
    return { name, bins, binOf: (value) => (Number.isNaN(value) ? bins - 1 : atOrBelow(bounds, value)) };
  });

/** How many bounds are at or below a value. */
function atOrBelow(bounds: readonly number[], value: number): number {
  let [low, high] = [0, bounds.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (bounds[middle]! <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function boundsOf(splits: FlatSplits, column: number): number[] {
  const own = [...splits.threshold].filter(
    (bound, s) => splits.column[s] === column && splits.table[s]! < 0 && Number.isFinite(bound),
  );
  const bounds = [...new Set(own)].sort((a, b) => a - b);
  const step = Math.ceil(bounds.length / BOUNDS_MAX);
  return bounds.filter((_, i) => i % Math.max(1, step) === 0);
}
