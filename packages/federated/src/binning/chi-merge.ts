/**
 * ChiMerge (Kerber, AAAI 1992): of all neighbours those are merged whose labels differ least by Pearson's chi-squared, until all
 * differ by the threshold and there are few enough; then parts that hold too little join the neighbour they differ least from.
 */
import { holds, type PartMinimum, type Sequence, type Starts } from "./sequence.ts";

export interface ChiMergeOptions {
  /** Neighbours below it are merged: 3.84 is a p-value of 0.05 with one degree of freedom. */
  readonly threshold: number;
  readonly binsMax: number;
  readonly least: PartMinimum;
}

export function chiMerge(bins: Sequence, { threshold, binsMax, least }: ChiMergeOptions): Starts {
  const starts = [...Array(bins.length).keys()];
  const end = (i: number): number => starts[i + 1] ?? bins.length;
  const between = (i: number): number => chiSquared(bins, starts[i - 1]!, starts[i]!, end(i));
  const leastBetween = (places: readonly number[]): number =>
    places.reduce((best, i) => (between(i) < between(best) ? i : best), places[0]!);
  const inner = (): number[] => [...starts.keys()].slice(1);
  while (starts.length > 1) {
    const at = leastBetween(inner());
    if (starts.length <= binsMax && between(at) >= threshold) break;
    starts.splice(at, 1);
  }
  for (;;) {
    const poor = starts.findIndex((from, i) => !holds(bins, from, end(i), least));
    if (poor < 0 || starts.length === 1) return starts;
    starts.splice(leastBetween([poor, poor + 1].filter((i) => i > 0 && i < starts.length)), 1);
  }
}

/** Of the labels of two neighbours: bins from `from` and from `middle`, up to `to`. */
export function chiSquared(bins: Sequence, from: number, middle: number, to: number): number {
  const [rows, ones] = [bins.rows(from, to), bins.ones(from, to)];
  if (ones === 0 || ones === rows) return 0;
  const part = (start: number, stop: number): number => {
    const expected = (bins.rows(start, stop) * ones) / rows;
    const square = (bins.ones(start, stop) - expected) ** 2;
    return square / expected + square / (bins.rows(start, stop) - expected);
  };
  return part(from, middle) + part(middle, to);
}
