/** Models for people: importance and trees, each party's own splits in full, others' by number, or by name where those agreed. */
import type { GuestModel, GuestSplit, GuestTree, HostModel, ModelPart } from "./model.ts";
import type { Split } from "./split.ts";

export interface Importance {
  /** The column, or "telco: feature 3" where it has no name here. */
  readonly feature: string;
  /** Undefined for the guest's own. */
  readonly host?: string;
  /** Of a host's column, under which both know it. */
  readonly number?: number;
  readonly gain: number;
  /** Over its splits, the sum of h of the rows there; null where the model does not say. */
  readonly cover: number | null;
  /** Number of splits. */
  readonly count: number;
}

const nameOf = ({ hosts, hostColumns }: GuestModel, split: Extract<GuestSplit, { owner: number }>): string =>
  hostColumns?.[split.owner]?.[split.feature] ?? `${hosts[split.owner]!}: feature ${split.feature}`;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** By node of a tree, the training rows below it and their sum of h, where its leaves say. */
function below({ leaves }: GuestTree): Record<"rows" | "cover", ReadonlyMap<number, number>> {
  const sums = { rows: new Map<number, number>(), cover: new Map<number, number>() };
  for (const what of ["rows", "cover"] as const)
    for (const leaf of leaves)
      for (let node = leaf.node; node > 0 && leaf[what] !== undefined; node >>= 1)
        sums[what].set(node, (sums[what].get(node) ?? 0) + leaf[what]);
  return sums;
}

/** Columns by total gain, highest first; columns never used are left out. */
export function featureImportance(model: GuestModel): Importance[] {
  const byFeature = new Map<string, Mutable<Importance>>();
  const all = model.trees.flatMap((tree) => {
    const { cover } = below(tree);
    return tree.splits.map((split) => ({ split, cover: cover.get(split.node) ?? null }));
  });
  for (const { split, cover } of all) {
    const own = split.owner === "guest";
    const feature = own ? split.split.feature : nameOf(model, split);
    // A column of the guest may be named like a masked one.
    const key = `${split.owner} ${feature}`;
    const entry = byFeature.get(key) ?? {
      feature,
      ...(own ? {} : { host: model.hosts[split.owner]!, number: split.feature }),
      gain: 0,
      cover: 0,
      count: 0,
    };
    entry.gain += split.gain;
    entry.cover = entry.cover === null || cover === null ? null : entry.cover + cover;
    entry.count++;
    byFeature.set(key, entry);
  }
  return [...byFeature.values()].sort((a, b) => b.gain - a.gain);
}

export interface HostUse {
  readonly feature: string;
  /** The number under which the guest sees it. */
  readonly number: number;
  readonly count: number;
}

/** How often each of the host's columns was used. Gains stay with the guest. */
export function hostFeatureUse(model: HostModel): HostUse[] {
  const splits = model.trees.flatMap((tree) => tree.splits);
  const uses = Object.entries(model.featureNumbers).map(([feature, number]) => {
    return { feature, number, count: splits.filter(({ split }) => split.feature === feature).length };
  });
  return uses.sort((a, b) => b.count - a.count);
}

export interface DescribedNode {
  /** Heap number: the root is 1, the children of n are 2n (left) and 2n + 1. */
  readonly node: number;
  readonly kind: "own" | "masked" | "leaf";
  readonly feature?: string;
  /** For own splits: who goes left. */
  readonly condition?: string;
  readonly missingLeft?: boolean;
  readonly gain?: number;
  readonly weight?: number;
  /** Training rows that came here, and their sum of h. */
  readonly rows?: number | undefined;
  readonly cover?: number | undefined;
}

/** Per tree its nodes, ascending. A host sees its own splits only. */
export function describeTrees(model: ModelPart): DescribedNode[][] {
  if (model.kind === "boosting/host")
    return model.trees.map((tree) =>
      tree.splits.map(({ node, split }) => ({ node, kind: "own", ...describeSplit(split) })),
    );
  return model.trees.map((tree) => {
    const { rows, cover } = below(tree);
    const described = tree.splits.map((split): DescribedNode => {
      const { node, gain } = split;
      const here = { node, gain, rows: rows.get(node), cover: cover.get(node) };
      if (split.owner !== "guest") return { ...here, kind: "masked", feature: nameOf(model, split) };
      return { ...here, kind: "own", ...describeSplit(split.split) };
    });
    const ends = tree.leaves.map((leaf): DescribedNode => ({ kind: "leaf", ...leaf }));
    return [...described, ...ends].sort((a, b) => a.node - b.node);
  });
}

function describeSplit(split: Split): { feature: string; condition: string; missingLeft: boolean } {
  const { feature, missingLeft } = split;
  if (split.kind === "numeric")
    return { feature, missingLeft, condition: split.threshold === null ? "present" : `< ${split.threshold}` };
  const condition = split.otherLeft ? `not in {${split.right.join(", ")}}` : `in {${split.left.join(", ")}}`;
  return { feature, missingLeft, condition };
}
