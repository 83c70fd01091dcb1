/**
 * Which bins of a node are summed together, so that no sum covers 1 to k - 1 of its rows: for each bin the number of its item, from 1
 * in each column; 0 is in none, as are all bins of a column or none. Bins without rows are in items with others, so that none tells them from those with
 * few.
 *
 * The owner makes them from the node's plan (split.ts); the guest finds the same candidates in them: numbers go left up to the end of an item, with
 * and without an item of missing ones; one bin against the rest; any set of a category column's items.
 */
import { TomboloError } from "@tombolo/base";
import type { OutputSets } from "@tombolo/crypto";
import type { Feature } from "./binning.ts";
import type { Offer, Sums } from "./choose.ts";
import type { Histogram } from "./histogram.ts";
import { type ColumnShape, shapeOfColumn } from "./layout.ts";
import type { ShuffledPlan } from "./shuffle.ts";
import { candidateBin, candidateFeature, mergeSmall, type NodePlan } from "./split.ts";

/** Of one column; `counts` are the node's rows by bin, `keys` the candidates of a numeric one. */
export function itemsOf(
  feature: Feature,
  keys: readonly number[],
  counts: Int32Array,
  minimumRows: number,
): Uint8Array {
  const { bins, missing } = shapeOfColumn(feature);
  const items = new Uint8Array(bins);
  if (feature.kind !== "numeric") {
    const members = mergeSmall(feature, counts, minimumRows);
    if (members.length >= 2) for (const [i, own] of members.entries()) for (const bin of own) items[bin] = i + 1;
    return items;
  }
  const ends = [...new Set(keys.map(candidateBin))];
  if (ends.length === 0) return items;
  const last = feature.cuts.length;
  const apart = missing && counts[last + 1]! >= minimumRows;
  // Where missing values stand apart, the last candidate holds all rows that have a number.
  const groups = apart ? ends.length : ends.length + 1;
  let item = 1;
  for (let bin = 0; bin <= last; bin++) {
    items[bin] = item;
    if (bin === ends[item - 1] && item < groups) item++;
  }
  if (missing) items[last + 1] = apart ? groups + 1 : groups;
  return items;
}

/** Candidates as the guest finds them: columns in the order of `order`, each column's in the plan's. */
export function offeredPlan(plan: NodePlan, order: readonly number[]): ShuffledPlan {
  const byColumn = new Map<number, number[]>();
  plan.singles.forEach((key, i) => {
    const f = candidateFeature(key);
    byColumn.set(f, [...(byColumn.get(f) ?? []), i]);
  });
  const groupOf = new Map(plan.groups.map(({ feature }, group) => [feature, group]));
  return {
    plan,
    singles: order.flatMap((f) => byColumn.get(f) ?? []),
    groups: order.flatMap((f) => {
      const group = groupOf.get(f);
      if (group === undefined) return [];
      return [{ group, members: [...plan.groups[group]!.members.keys()] }];
    }),
  };
}

/** Items of one column, checked, each with its bins; none if there are none. */
export function readItems(items: Uint8Array, shape: ColumnShape): number[][] {
  const count = items.reduce((most, item) => Math.max(most, item), 0);
  const bins = Array.from({ length: count }, (): number[] => []);
  items.forEach((item, bin) => {
    if (item > 0) bins[item - 1]!.push(bin);
  });
  const good = count === 0 || (count >= 2 && bins.every((own) => own.length > 0) && fits(items, shape));
  if (!good) throw new TomboloError("protocol.malformed", "malformed sets of bins");
  return bins;
}

/** No bin is left out. Numbers are in items of neighbours, in order; missing ones in the last of them or in one of their own. */
function fits(items: Uint8Array, { kind, missing }: ColumnShape): boolean {
  if (kind !== "numeric") return items.every((item) => item > 0);
  const present = missing ? items.subarray(0, -1) : items;
  const ordered = present.every((item, i) =>
    i === 0 ? item === 1 : item === present[i - 1] || item === present[i - 1]! + 1,
  );
  const end = present.at(-1)!;
  return ordered && (!missing || items.at(-1) === end || items.at(-1) === end + 1);
}

/** Of a node: items of all columns, as sets of outputs. */
export function setsOf(columns: readonly (readonly number[][])[], offsets: Int32Array): OutputSets {
  const sets = columns.flatMap((items, f) => items.map((bins) => bins.map((bin) => offsets[f]! + bin)));
  const starts = new Uint32Array(sets.length + 1);
  sets.forEach((members, i) => {
    starts[i + 1] = starts[i]! + members.length;
  });
  return { offsets: starts, members: Uint32Array.from(sets.flat()) };
}

/** The offer in which positions mean what they do in `offeredPlan`. `sums` are by item, column after column. */
export function offerOfItems(
  columns: readonly (readonly number[][])[],
  shapes: readonly ColumnShape[],
  sums: Histogram,
): Offer {
  const singles = { g: [] as number[], h: [] as number[] };
  const groups: Sums[] = [];
  let first = 0;
  columns.forEach((items, f) => {
    const own = { g: sums.g.subarray(first, first + items.length), h: sums.h.subarray(first, first + items.length) };
    first += items.length;
    const shape = shapes[f]!;
    if (items.length === 0) return;
    if (shape.kind === "category") groups.push(own);
    else for (const part of ["g", "h"] as const) singles[part].push(...singleSums(items, shape, own[part]));
  });
  return { singles: { g: Float64Array.from(singles.g), h: Float64Array.from(singles.h) }, groups };
}

function singleSums(items: readonly number[][], shape: ColumnShape, sums: Float64Array): number[] {
  if (shape.kind !== "numeric") {
    // Of two items either one says it all.
    const offered = items.length === 2 ? items.slice(0, 1) : items;
    return offered.flatMap((bins, i) => (bins.length === 1 ? [sums[i]!] : []));
  }
  const apart = shape.missing && items.at(-1)!.length === 1 && items.at(-1)![0] === shape.bins - 1;
  const present = apart ? items.length - 1 : items.length;
  const out: number[] = [];
  let left = 0;
  for (let i = 0; i < present - 1; i++) {
    left += sums[i]!;
    out.push(left);
    if (apart) out.push(left + sums[present]!);
  }
  if (apart) out.push(left + sums[present - 1]!);
  return out;
}
