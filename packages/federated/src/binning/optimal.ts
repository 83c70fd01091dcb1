/**
 * The merge of neighbours with the greatest information value under constraints: the problem of Navas-Palencia ("Optimal
 * binning: mathematical programming formulation", 2020), who states it as an integer program. Here it is solved exactly by
 * dynamic programming over the n bins, in time O(B n² log n) for at most B parts and in memory O(B n²).
 *
 * best[phase][k][i][j]: the most IV of bins 0 .. j - 1 in k + 1 parts of which the last is i .. j - 1. A part may follow one
 * that ends at i if their rates stand as the trend wants, so those that end at i are sorted by rate once, and each look-up is
 * a binary search in running maxima. Phase 1 of a peak or a valley is after the turn.
 *
 * The IV is without smoothing, each part holds one and zero or more, and totals are of all rows.
 */
import { holds, type PartMinimum, type Sequence, type Starts } from "./sequence.ts";

export const TRENDS = ["none", "ascending", "descending", "auto", "peak", "valley"] as const;
/** Of the rates of ones along the parts; auto: ascending or descending, whichever has more IV; peak: up, then down. */
export type Trend = (typeof TRENDS)[number];

export interface OptimalOptions {
  readonly trend: Trend;
  readonly binsMax: number;
  /** `events` 1 or more. */
  readonly least: PartMinimum;
  /** Of all rows of the table, also those beside the bins. */
  readonly totals: { readonly ones: number; readonly zeros: number };
}

interface Solution {
  readonly starts: Starts;
  readonly iv: number;
}

/** One part where no merge fulfils the constraints. */
export function optimalCuts(bins: Sequence, options: OptimalOptions): Starts {
  const trends = options.trend === "auto" ? (["ascending", "descending"] as const) : [options.trend];
  const found = trends.map((trend) => new Program(bins, { ...options, trend }).solve());
  return found.reduce((best, one) => (one.iv > best.iv ? one : best)).starts;
}

type Direction = "any" | "up" | "down";
/** Which way rates go in each phase. */
const PHASES: Readonly<Record<Exclude<Trend, "auto">, readonly Direction[]>> = {
  none: ["any"],
  ascending: ["up"],
  descending: ["down"],
  peak: ["up", "down"],
  valley: ["down", "up"],
};

/** Equal but for rounding: then the merge of fewer parts stays. */
const TIE = 1e-12;

class Program {
  readonly #bins: Sequence;
  readonly #options: OptimalOptions;
  readonly #phases: readonly Direction[];
  readonly #size: number;
  /** Of each last part: its IV, NaN where it does not hold enough. */
  readonly #own: Float64Array;
  readonly #best: Float64Array[][];
  /** Where the part before the last one starts, and its phase times size + 1; -1: there is none. */
  readonly #from: Int32Array[][];

  constructor(bins: Sequence, options: OptimalOptions & { readonly trend: Exclude<Trend, "auto"> }) {
    this.#bins = bins;
    this.#options = options;
    this.#phases = PHASES[options.trend];
    this.#size = bins.length + 1;
    const cells = this.#size * this.#size;
    this.#own = this.#values();
    const layers = Math.min(options.binsMax, bins.length);
    const of = <T>(make: () => T): T[][] => this.#phases.map(() => Array.from({ length: layers }, make));
    this.#best = of(() => new Float64Array(cells).fill(Number.NEGATIVE_INFINITY));
    this.#from = of(() => new Int32Array(cells).fill(-1));
  }

  solve(): Solution {
    const { length } = this.#bins;
    const layers = this.#best[0]!.length;
    for (let to = 1; to <= length; to++) this.#best[0]![0]![to] = this.#ownIv(0, to);
    for (let k = 1; k < layers; k++)
      for (const [phase, direction] of this.#phases.entries())
        for (let at = k; at < length; at++) this.#extend(k, phase, direction, at);
    let found: Solution = { starts: [0], iv: Number.NEGATIVE_INFINITY };
    for (let k = 0; k < layers; k++)
      for (const phase of this.#phases.keys())
        for (let from = 0; from < length; from++) {
          const iv = this.#best[phase]![k]![from * this.#size + length]!;
          if (iv > found.iv + TIE) found = { iv, starts: this.#traced(phase, k, from) };
        }
    return found;
  }

  /** Parts that start at `at`, after the best of those that end there. */
  #extend(k: number, phase: number, direction: Direction, at: number): void {
    const before = this.#before(k - 1, phase, at);
    if (before.length === 0) return;
    const ordered =
      direction === "down" ? before.sort((a, b) => b.rate - a.rate) : before.sort((a, b) => a.rate - b.rate);
    const most = [...ordered];
    for (let i = 1; i < most.length; i++) if (most[i - 1]!.iv >= most[i]!.iv) most[i] = most[i - 1]!;
    const { length } = this.#bins;
    for (let to = at + 1; to <= length; to++) {
      const own = this.#ownIv(at, to);
      if (Number.isNaN(own) || own === Number.NEGATIVE_INFINITY) continue;
      const allowed = direction === "any" ? most.length : countUpTo(ordered, this.#bins.rate(at, to), direction);
      if (allowed === 0) continue;
      const { iv, from, phase: earlier } = most[allowed - 1]!;
      const cell = at * this.#size + to;
      this.#best[phase]![k]![cell] = iv + own;
      this.#from[phase]![k]![cell] = earlier * this.#size + from;
    }
  }

  /** Of the same phase, and of the one before: the turn. */
  #before(k: number, phase: number, at: number) {
    const out: { rate: number; iv: number; from: number; phase: number }[] = [];
    for (let earlier = Math.max(0, phase - 1); earlier <= phase; earlier++)
      for (let from = 0; from < at; from++) {
        const iv = this.#best[earlier]![k]![from * this.#size + at]!;
        if (iv > Number.NEGATIVE_INFINITY) out.push({ rate: this.#bins.rate(from, at), iv, from, phase: earlier });
      }
    return out;
  }

  #traced(phase: number, k: number, from: number): Starts {
    const starts = [from];
    let to = this.#bins.length;
    for (let [layer, at, last] = [k, from, phase]; layer > 0; layer--) {
      const packed = this.#from[last]![layer]![at * this.#size + to]!;
      to = at;
      [last, at] = [Math.floor(packed / this.#size), packed % this.#size];
      starts.unshift(at);
    }
    return starts;
  }

  #ownIv(from: number, to: number): number {
    return this.#own[from * this.#size + to]!;
  }

  #values(): Float64Array {
    const { least, totals } = this.#options;
    const out = new Float64Array(this.#size * this.#size).fill(Number.NEGATIVE_INFINITY);
    for (let from = 0; from < this.#bins.length; from++)
      for (let to = from + 1; to <= this.#bins.length; to++) {
        if (!holds(this.#bins, from, to, least)) continue;
        const p = this.#bins.ones(from, to) / totals.ones;
        const q = this.#bins.zeros(from, to) / totals.zeros;
        out[from * this.#size + to] = (p - q) * Math.log(p / q);
      }
    return out;
  }
}

/** How many of those before may come before a part of this rate; equal rates may, but for rounding. */
function countUpTo(ordered: readonly { readonly rate: number }[], rate: number, direction: "up" | "down"): number {
  const allows = (before: number): boolean => (direction === "up" ? before <= rate + TIE : before >= rate - TIE);
  let [low, high] = [0, ordered.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (allows(ordered[middle]!.rate)) low = middle + 1;
    else high = middle;
  }
  return low;
}
