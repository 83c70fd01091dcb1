/**
 * Which splits of a node a party offers. Only counts of rows enter here, so the owner of the columns decides it without
 * seeing a gradient, and the plaintext twin decides it in the same way.
 *
 * No sum over 1..k-1 of a node's rows can be formed from what one column offers (SECURITY.md rule 9): neighbouring
 * candidates are k rows or more apart, what is left over is k rows or more or none, and the two directions of missing
 * values are both offered only when k rows or more are missing.
 */
import type { Feature, NumericFeature, TextFeature } from "./binning.ts";

/** A split in its owner's words. Rows that satisfy it go left. */
export type Split = NumericSplit | TextSplit;

export interface NumericSplit {
  readonly kind: "numeric";
  readonly feature: string;
  /** Left is `value < threshold`; `null`: left is any value that is present. */
  readonly threshold: number | null;
  readonly missingLeft: boolean;
}

export interface TextSplit {
  readonly kind: "text";
  readonly feature: string;
  readonly left: readonly string[];
  readonly missingLeft: boolean;
  /** Where a category goes that training never saw on its own. */
  readonly otherLeft: boolean;
  /** Categories of their own that go right, needed only when others go left. */
  readonly right: readonly string[];
}

/**
 * A candidate known by its left side alone: bins 0..bin of a numeric column, with or without the missing ones, or the
 * one bin of a one-hot column. Kept as one number, whose order is the order that breaks ties.
 */
export const candidateKey = (feature: number, bin: number, missingLeft: boolean): number =>
  (feature * 256 + bin) * 2 + (missingLeft ? 1 : 0);
export const candidateFeature = (key: number): number => Math.floor(key / 512);
export const candidateBin = (key: number): number => (key >> 1) & 255;
export const candidateMissingLeft = (key: number): boolean => (key & 1) === 1;

/** Categories of one column of which any set may go left; each member is one bin, or several small ones together. */
export interface Group {
  readonly feature: number;
  readonly members: readonly (readonly number[])[];
}

export interface NodePlan {
  /** Candidate keys, ascending. */
  readonly singles: number[];
  readonly groups: Group[];
}

/** What the owner resolved a choice to. */
export type Chosen = { readonly single: number } | { readonly group: Group; readonly left: readonly number[] };

/** `counts[offsets[f] + b]` is the number of the node's training rows in bin b of column f. */
export function planNode(
  features: readonly Feature[],
  active: Uint8Array,
  counts: Int32Array,
  offsets: Int32Array,
  minimumRows: number,
): NodePlan {
  const plan: NodePlan = { singles: [], groups: [] };
  for (let f = 0; f < features.length; f++) {
    if (active[f] === 0) continue;
    const feature = features[f]!;
    const own = counts.subarray(offsets[f]!, offsets[f]! + feature.binCount);
    if (feature.kind === "numeric") planNumeric(f, feature, own, minimumRows, plan);
    else planText(f, feature, own, minimumRows, plan);
  }
  return plan;
}

function planNumeric(
  f: number,
  feature: NumericFeature,
  counts: Int32Array,
  minimumRows: number,
  plan: NodePlan,
): void {
  const last = feature.cuts.length;
  const missing = feature.missingBin > last ? (counts[feature.missingBin] ?? 0) : 0;
  let rest = 0;
  for (let bin = 0; bin <= last; bin++) rest += counts[bin]!;
  let since = 0;
  for (let bin = 0; bin <= last; bin++) {
    since += counts[bin]!;
    rest -= counts[bin]!;
    if (since < minimumRows) continue;
    if (rest === 0) {
      if (missing >= minimumRows) plan.singles.push(candidateKey(f, bin, false));
      return;
    }
    if (rest < minimumRows) continue;
    plan.singles.push(candidateKey(f, bin, false));
    if (missing >= minimumRows) plan.singles.push(candidateKey(f, bin, true));
    since = 0;
  }
}

function planText(f: number, feature: TextFeature, counts: Int32Array, minimumRows: number, plan: NodePlan): void {
  const members = mergeSmall(feature, counts, minimumRows);
  if (members.length < 2) return;
  if (feature.kind === "category") {
    plan.groups.push({ feature: f, members });
    return;
  }
  // Of two members either one says it all.
  const offered = members.length === 2 ? members.slice(0, 1) : members;
  for (const bins of offered) if (bins.length === 1) plan.singles.push(candidateKey(f, bins[0]!, false));
}

/**
 * The bins below the minimum together as the last member, with the smallest other if still below. Empty ones are among them: that
 * no row of a node has a category is as much about its rows as that some have. Unseen categories' code is in none.
 */
export function mergeSmall(feature: TextFeature, counts: Int32Array, minimumRows: number): number[][] {
  const large: number[] = [];
  const small: number[] = [];
  let smallRows = 0;
  for (let bin = 0; bin < feature.members.length; bin++) {
    if (counts[bin]! >= minimumRows) large.push(bin);
    else {
      small.push(bin);
      smallRows += counts[bin]!;
    }
  }
  if (small.length > 0 && smallRows < minimumRows && large.length > 0) {
    const smallest = large.reduce((least, bin) => (counts[bin]! < counts[least]! ? bin : least));
    large.splice(large.indexOf(smallest), 1);
    small.push(smallest);
  }
  const members = large.map((bin) => [bin]);
  if (small.length > 0) members.push(small);
  return members;
}

/** The bins that go left, as a table by bin code. */
export function leftBins(features: readonly Feature[], chosen: Chosen): { feature: number; left: Uint8Array } {
  const left = new Uint8Array(256);
  if ("group" in chosen) {
    for (const member of chosen.left) for (const bin of chosen.group.members[member]!) left[bin] = 1;
    return { feature: chosen.group.feature, left };
  }
  const f = candidateFeature(chosen.single);
  const bin = candidateBin(chosen.single);
  const feature = features[f]!;
  if (feature.kind !== "numeric") {
    left[bin] = 1;
    return { feature: f, left };
  }
  left.fill(1, 0, bin + 1);
  if (candidateMissingLeft(chosen.single)) left[feature.missingBin] = 1;
  return { feature: f, left };
}

/** The split in the words of the column, for the model. */
export function describeSplit(features: readonly Feature[], chosen: Chosen): Split {
  const { feature: f, left } = leftBins(features, chosen);
  const feature = features[f]!;
  if (feature.kind === "numeric") {
    const threshold = feature.cuts[candidateBin((chosen as { single: number }).single)] ?? null;
    return { kind: "numeric", feature: feature.name, threshold, missingLeft: left[feature.missingBin] === 1 };
  }
  const named = (side: 0 | 1): string[] =>
    feature.members.flatMap((names, bin) => (left[bin] === side ? names.filter((name) => name !== null) : []));
  const missingBin = feature.members.findIndex((names) => names.includes(null));
  const otherLeft = feature.pool >= 0 && left[feature.pool] === 1;
  return {
    kind: "text",
    feature: feature.name,
    left: named(1),
    right: otherLeft ? named(0) : [],
    missingLeft: missingBin >= 0 ? left[missingBin] === 1 : otherLeft,
    otherLeft,
  };
}
