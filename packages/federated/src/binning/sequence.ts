/** Bins in the order in which neighbours may be merged, with sums from the first on. */
import type { BinCounts } from "./woe.ts";

/** `starts` of a merge: the first bin of each part, ascending from 0. */
export type Starts = readonly number[];

export class Sequence {
  readonly length: number;
  readonly #rows: Float64Array;
  readonly #ones: Float64Array;

  constructor({ rows, ones }: BinCounts) {
    this.length = rows.length;
    this.#rows = sums(rows);
    this.#ones = sums(ones);
  }

  /** Of bins from `from` up to `to`, not included. */
  rows = (from: number, to: number): number => this.#rows[to]! - this.#rows[from]!;
  ones = (from: number, to: number): number => this.#ones[to]! - this.#ones[from]!;
  zeros = (from: number, to: number): number => this.rows(from, to) - this.ones(from, to);
  rate = (from: number, to: number): number => this.ones(from, to) / this.rows(from, to);
}

function sums(values: readonly number[]): Float64Array {
  const out = new Float64Array(values.length + 1);
  values.forEach((value, i) => {
    out[i + 1] = out[i]! + value;
  });
  return out;
}

/** What each part has to hold. */
export interface PartMinimum {
  readonly rows: number;
  /** Of ones, and of zeros. */
  readonly events: number;
}

export const holds = (bins: Sequence, from: number, to: number, least: PartMinimum): boolean =>
  bins.rows(from, to) >= least.rows && bins.ones(from, to) >= least.events && bins.zeros(from, to) >= least.events;
