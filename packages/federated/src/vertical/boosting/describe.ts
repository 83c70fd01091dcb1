/** Models for people: importance and trees, each party's own splits in full, others' by number only. */
import type { GuestModel, GuestSplit, HostModel, ModelPart } from "./model.ts";
import type { Split } from "./split.ts";

export interface Importance {
  /** The column, or "telco: feature 3". */
  readonly feature: string;
  /** Undefined for the guest's own. */
  readonly host?: string;
  readonly gain: number;
  /** Number of splits. */
  readonly count: number;
}

const maskedName = (model: GuestModel, split: Extract<GuestSplit, { owner: number }>): string =>
  `${model.hosts[split.owner]!}: feature ${split.feature}`;

/** Columns by total gain, highest first; columns never used are left out. */
export function featureImportance(model: GuestModel): Importance[] {
  const byFeature = new Map<string, { feature: string; host?: string; gain: number; count: number }>();
  for (const split of model.trees.flatMap((tree) => tree.splits)) {
    const own = split.owner === "guest";
    const feature = own ? split.split.feature : maskedName(model, split);
    // A column of the guest may be named like a masked one.
    const key = `${split.owner} ${feature}`;
    const entry = byFeature.get(key) ?? {
      feature,
      ...(own ? {} : { host: model.hosts[split.owner]! }),
      gain: 0,
      count: 0,
    };
    entry.gain += split.gain;
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
}

/** Per tree its nodes, ascending. A host sees its own splits only. */
export function describeTrees(model: ModelPart): DescribedNode[][] {
  if (model.kind === "boosting/host")
    return model.trees.map((tree) =>
      tree.splits.map(({ node, split }) => ({ node, kind: "own", ...describeSplit(split) })),
    );
  return model.trees.map(({ splits, leaves }) => {
    const described = splits.map((split): DescribedNode => {
      const { node, gain } = split;
      if (split.owner !== "guest") return { node, kind: "masked", feature: maskedName(model, split), gain };
      return { node, kind: "own", gain, ...describeSplit(split.split) };
    });
    const ends = leaves.map(({ node, weight }): DescribedNode => ({ node, kind: "leaf", weight }));
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
