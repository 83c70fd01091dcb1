/** The guest's model while it trains: what it hands out after each tree, and what an attempt goes on from. */
import type { GuestCheckpoint, GuestTree, RowLeaves } from "./model.ts";
import type { BoostingParameters } from "./parameters.ts";
import type { FinishedTree } from "./train.ts";
import type { GrownTree } from "./tree.ts";

export interface Growing {
  readonly parameters: BoostingParameters;
  /** Of the guest's columns. */
  readonly names: readonly string[];
  readonly hosts: readonly string[];
  readonly modelId: string;
  readonly resumeFrom: GuestCheckpoint | undefined;
  /** Trees of it that all parties kept. */
  readonly common: number;
  /** The margin before the first tree of a new model. */
  readonly base: () => number;
}

/** From the trees kept. */
export function growingModel({ parameters, names, hosts, modelId, resumeFrom, common, base }: Growing) {
  const trees: GuestTree[] = [...(resumeFrom?.model.trees.slice(0, common) ?? [])];
  const leaves: RowLeaves[] = [...(resumeFrom?.leaves.slice(0, common) ?? [])];
  const finished: FinishedTree[] = trees.map((tree, i) => ({ tree: grownTree(tree), leaves: leaves[i]! }));
  const head = {
    kind: "boosting/guest",
    version: 1,
    modelId,
    objective: parameters.objective,
    baseMargin: common > 0 ? resumeFrom!.model.baseMargin : base(),
    ...(parameters.classes === null ? {} : { classes: parameters.classes }),
    features: [...names],
    hosts: [...hosts],
  } as const;
  return {
    finished,
    base: head.baseMargin,
    count: (): number => trees.length,
    add(tree: GrownTree, rowLeaves: RowLeaves): void {
      trees.push(guestTree(tree));
      leaves.push(rowLeaves);
    },
    checkpoint: (): GuestCheckpoint => ({ model: { ...head, trees: [...trees] }, leaves: [...leaves] }),
  };
}

const guestTree = ({ splits, leaves }: GrownTree): GuestTree => ({
  splits: splits.map(({ node, site, gain, feature, split }) =>
    split === undefined ? { node, owner: site - 1, gain, feature } : { node, owner: "guest", gain, split },
  ),
  leaves,
});

const grownTree = ({ splits, leaves }: GuestTree): GrownTree => ({
  splits: splits.map((split) =>
    split.owner === "guest"
      ? { node: split.node, site: 0, gain: split.gain, feature: 0, split: split.split }
      : { node: split.node, site: split.owner + 1, gain: split.gain, feature: split.feature },
  ),
  leaves,
});
