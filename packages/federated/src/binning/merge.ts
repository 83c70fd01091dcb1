/** Fine bins merged to those that a model uses, by counts alone: whoever has rows and ones of each needs no column. */
import { TomboloError } from "@tombolo/base";
import { z } from "zod";
import { chiMerge } from "./chi-merge.ts";
import { binCountOf, type FineShape } from "./fine.ts";
import { optimalCuts, TRENDS } from "./optimal.ts";
import { holds, Sequence, type Starts } from "./sequence.ts";
import { treeCuts } from "./tree.ts";
import { type BinCounts, mergedCounts } from "./woe.ts";

/** Fewer ones or zeros in a bin would tell the labels of few rows. */
export const EVENTS_MIN = 5;
export const BINS_MAX = 30;

export const mergeSpec = z.strictObject({
  /** fine: none are merged but those that hold too little. */
  method: z.enum(["fine", "chi-merge", "tree", "optimal"]).default("optimal"),
  /** Of ordinary bins; special and missing ones come beside them. */
  binsMax: z.number().int().min(2).max(BINS_MAX).default(8),
  /** Of all rows, that an ordinary bin has. */
  minimumShare: z.number().min(0).max(0.5).default(0.05),
  /** Ones, and zeros, of each bin. */
  minimumEvents: z.number().int().min(EVENTS_MIN).max(1_000_000).default(EVENTS_MIN),
  /** Of optimal. */
  trend: z.enum(TRENDS).default("none"),
  /** Of a tree. */
  criterion: z.enum(["entropy", "gini"]).default("entropy"),
  /** Of chi-merge. */
  chiSquared: z.number().min(0).max(1000).default(3.84),
});
export type MergeSpec = z.output<typeof mergeSpec>;

/**
 * Of each fine bin the merged one it is in, numbered from 0 in order of their first fine bins. Ordinary bins in an order stay
 * neighbours, others (categories) are taken in order of their rate. A special or missing bin stays by itself where it holds
 * enough ones and zeros, and joins the bin of the nearest rate where not.
 */
export function mergeBins(shape: FineShape, counts: BinCounts, spec: MergeSpec): number[] {
  if (counts.rows.length !== binCountOf(shape)) throw new TomboloError("input.bins", "counts are of other bins");
  const order = ordinaryOrder(shape, counts);
  const sequence = new Sequence({
    rows: order.map((bin) => counts.rows[bin]!),
    ones: order.map((bin) => counts.ones[bin]!),
  });
  const starts = order.length === 0 ? [] : cuts(sequence, spec, totalsOf(counts));
  const groups = new Array<number>(counts.rows.length).fill(-1);
  order.forEach((bin, place) => {
    groups[bin] = starts.filter((start) => start <= place).length - 1;
  });
  return numbered(withOthers(groups, shape, counts, spec.minimumEvents));
}

function ordinaryOrder({ ordered, ordinary }: FineShape, { rows, ones }: BinCounts): number[] {
  const order = [...Array(ordinary).keys()];
  return ordered ? order : order.sort((a, b) => ones[a]! / rows[a]! - ones[b]! / rows[b]! || a - b);
}

const totalsOf = ({ rows, ones }: BinCounts) => {
  const all = rows.reduce((sum, count) => sum + count, 0);
  const allOnes = ones.reduce((sum, count) => sum + count, 0);
  return { rows: all, ones: allOnes, zeros: all - allOnes };
};

function cuts(bins: Sequence, spec: MergeSpec, totals: ReturnType<typeof totalsOf>): Starts {
  const { method, binsMax } = spec;
  const least = { rows: Math.ceil(spec.minimumShare * totals.rows), events: spec.minimumEvents };
  if (method === "tree") return treeCuts(bins, { criterion: spec.criterion, binsMax, least });
  if (method === "chi-merge") return chiMerge(bins, { threshold: spec.chiSquared, binsMax, least });
  if (method === "optimal") return optimalCuts(bins, { trend: spec.trend, binsMax, least, totals });
  return filled(bins, least);
}

/** Each part is closed as soon as it holds enough and what follows does. */
function filled(bins: Sequence, least: { readonly rows: number; readonly events: number }): Starts {
  const starts = [0];
  for (let at = 1; at < bins.length; at++)
    if (holds(bins, starts.at(-1)!, at, least) && holds(bins, at, bins.length, least)) starts.push(at);
  return starts;
}

/** Special and missing bins; `groups` has -1 for them. */
function withOthers(groups: readonly number[], { ordinary }: FineShape, counts: BinCounts, events: number): number[] {
  const out = [...groups];
  let next = Math.max(-1, ...groups) + 1;
  const poor: number[] = [];
  for (let bin = ordinary; bin < out.length; bin++) {
    const { [bin]: rows = 0 } = counts.rows;
    const { [bin]: ones = 0 } = counts.ones;
    if (ones >= events && rows - ones >= events) out[bin] = next++;
    else poor.push(bin);
  }
  if (next === 0) return out.map(() => 0);
  const strong = out.flatMap((group, bin) => (group >= 0 ? [bin] : []));
  const merged = mergedCounts(
    { rows: strong.map((bin) => counts.rows[bin]!), ones: strong.map((bin) => counts.ones[bin]!) },
    strong.map((bin) => out[bin]!),
  );
  for (const bin of poor) out[bin] = nearest(merged, counts.ones[bin]! / counts.rows[bin]!);
  return out;
}

function nearest({ rows, ones }: BinCounts, rate: number): number {
  const distance = (group: number): number => Math.abs(ones[group]! / rows[group]! - rate);
  return rows.reduce((best, _, group) => (distance(group) < distance(best) ? group : best), 0);
}

function numbered(groups: readonly number[]): number[] {
  const places = new Map<number, number>();
  return groups.map((group) => {
    if (!places.has(group)) places.set(group, places.size);
    return places.get(group)!;
  });
}

/** Throws `input.merges` for what `mergeBins` could not have made of such bins. */
export function checkMerge(shape: FineShape, groups: readonly number[]): void {
  const refuse = (what: string): never => {
    throw new TomboloError("input.merges", what, {
      remedy: "Give each fine bin the number of its merged bin, from 0 in order; bins of numbers stay neighbours.",
    });
  };
  if (groups.length !== binCountOf(shape)) refuse("a merge is of another number of fine bins");
  if (groups.some((group, bin) => group !== numbered(groups)[bin])) refuse("merged bins are not numbered in order");
  if (!shape.ordered) return;
  for (let bin = 1; bin < shape.ordinary; bin++)
    if (groups[bin] !== groups[bin - 1] && groups.slice(0, bin - 1).includes(groups[bin]!))
      refuse("a merged bin of numbers has others between its fine bins");
}
