/**
 * One party's columns as the growing of a tree sees them. Local columns (the guest's own, everyone's in the twin) answer
 * from plaintext; a host's answer comes over a peer. Growing a tree is the same code for all.
 */
import type { Feature } from "./binning.ts";
import type { Choice, Offer, Sums } from "./choose.ts";
import { binOffsets, countBins, type Histogram, schedule, subtract, sumBins } from "./histogram.ts";
import type { Gradients } from "./objective.ts";
import type { Partition } from "./partition.ts";
import {
  type Chosen,
  candidateBin,
  candidateFeature,
  candidateMissingLeft,
  describeSplit,
  type Group,
  leftBins,
  type NodePlan,
  planNode,
  type Split,
} from "./split.ts";

/** Sums over the rows of a node that count, and the least and the most that g sums to over any of them. */
export interface NodeTotal {
  readonly g: number;
  readonly h: number;
  readonly least: number;
  readonly most: number;
}

export interface Level {
  /** Nodes that may be split, ascending. */
  readonly open: readonly number[];
  /** By open node. */
  readonly totals: readonly NodeTotal[];
  readonly partition: Partition;
  /** The children of this level's nodes will be leaves. */
  readonly last: boolean;
}

/** What is decided for an open node: undefined makes it a leaf. */
export interface Decision {
  readonly node: number;
  readonly choice: Choice | undefined;
}

/** A split made at its owner. */
export interface Branch {
  readonly node: number;
  readonly site: number;
  /** 1 for each of the node's rows, in order, that goes left. */
  readonly left: Uint8Array;
  /** The owner's split, if it is our own. */
  readonly split?: Split;
  /** Number of the column within the owner, meaningless to others. */
  readonly feature: number;
  /** As in `Offer`, of the column taken. */
  readonly direction?: number;
}

export interface Site {
  /** `rows` are those whose gradients count, ascending. */
  startTree(tree: number, gradients: Gradients, rows: Int32Array): Promise<void>;
  /** One offer per open node. */
  offers(level: Level): Promise<readonly Offer[]>;
  /**
   * Takes all decisions of the level and answers for those that chose this site, in their order. `own` are the
   * branches at the guest's columns, known before.
   */
  decide(
    decisions: readonly Decision[],
    site: number,
    level: Level,
    own: readonly Branch[],
  ): Promise<readonly Branch[]>;
  /** Takes every branch of the level, before the partition changes. */
  route(branches: readonly Branch[], level: Level, site: number): Promise<void>;
}

/** Columns in our own memory. `activeOf` names the columns that tree may use, `directions` by column those of a direction. */
export function localSite(
  features: readonly Feature[],
  minimumRows: number,
  activeOf: (tree: number) => Uint8Array,
  directions?: Int8Array,
): Site {
  const offsets = binOffsets(features);
  let active: Uint8Array = new Uint8Array(features.length);
  let gradients: Gradients;
  let tallies = new Map<number, Tally>();
  let plans = new Map<number, NodePlan>();
  return {
    async startTree(tree, treeGradients) {
      active = activeOf(tree);
      gradients = treeGradients;
      tallies = new Map();
    },
    async offers({ open, partition }) {
      tallies = levelTallies(open, partition, tallies, (rows) => ({
        sums: sumBins(features, offsets, rows, gradients, active),
        counts: countBins(features, offsets, rows),
      }));
      plans = new Map(
        open.map((node) => [node, planNode(features, active, tallies.get(node)!.counts, offsets, minimumRows)]),
      );
      return open.map((node) => {
        const plan = plans.get(node)!;
        const offer = offerOf(plan, features, offsets, tallies.get(node)!.sums);
        if (directions === undefined) return offer;
        return { ...offer, directions: Int8Array.from(plan.singles, (key) => directions[candidateFeature(key)]!) };
      });
    },
    async decide(decisions, site, { partition }) {
      return decisions
        .flatMap(({ node, choice }) =>
          choice?.site === site ? [localBranch(features, plans.get(node)!, choice, node, partition, site)] : [],
        )
        .map((branch) => ({
          ...branch,
          ...(directions === undefined ? {} : { direction: directions[branch.feature]! }),
        }));
    },
    async route() {},
  };
}

/** Of a node: sums and rows by column and bin. */
interface Tally {
  readonly sums: Histogram;
  readonly counts: Int32Array;
}

/** Of the open nodes: from their rows for the smaller siblings, subtraction for the others. */
function levelTallies(
  open: readonly number[],
  partition: Partition,
  parents: ReadonlyMap<number, Tally>,
  tally: (rows: Int32Array) => Tally,
): Map<number, Tally> {
  const { direct, derived } = schedule(open, partition);
  const tallies = new Map(direct.map((node) => [node, tally(partition.sampledRows(node))]));
  for (const node of derived) {
    const [parent, sibling] = [parents.get(node >> 1)!, tallies.get(node ^ 1)!];
    const counts = parent.counts.map((rows, bin) => rows - sibling.counts[bin]!);
    tallies.set(node, { sums: subtract(parent.sums, sibling.sums), counts });
  }
  return tallies;
}

function offerOf(plan: NodePlan, features: readonly Feature[], offsets: Int32Array, histogram: Histogram): Offer {
  return {
    singles: {
      g: singleSums(plan, features, offsets, histogram.g),
      h: singleSums(plan, features, offsets, histogram.h),
    },
    groups: plan.groups.map(({ feature, members }): Sums => {
      const sum = (cells: Float64Array) =>
        Float64Array.from(members, (bins) => bins.reduce((total, bin) => total + cells[offsets[feature]! + bin]!, 0));
      return { g: sum(histogram.g), h: sum(histogram.h) };
    }),
  };
}

/** Keys ascend, so one running sum per column serves all its candidates. */
function singleSums(
  plan: NodePlan,
  features: readonly Feature[],
  offsets: Int32Array,
  cells: Float64Array,
): Float64Array {
  let current = -1;
  let bin = -1;
  let sum = 0;
  return Float64Array.from(plan.singles, (key) => {
    const f = candidateFeature(key);
    const feature = features[f]!;
    if (feature.kind !== "numeric") return cells[offsets[f]! + candidateBin(key)]!;
    if (f !== current) {
      current = f;
      bin = -1;
      sum = 0;
    }
    while (bin < candidateBin(key)) sum += cells[offsets[f]! + ++bin]!;
    return candidateMissingLeft(key) ? sum + cells[offsets[f]! + feature.missingBin]! : sum;
  });
}

/**
 * The owner's pick among equals: the first by column, then bin, then direction of missing values. Columns stand in an order that says
 * nothing (column-order.ts), since a guest may call equal what it likes.
 */
export function resolve(plan: NodePlan, choice: Pick<Choice, "singles" | "groups">): Chosen {
  const single = choice.singles.reduce((least, at) => Math.min(least, plan.singles[at]!), Infinity);
  const groups = choice.groups.map(({ group, left }) => ({ group: plan.groups[group]!, left }));
  const group = groups.reduce<(typeof groups)[number] | undefined>(
    (first, next) => (first === undefined || next.group.feature < first.group.feature ? next : first),
    undefined,
  );
  if (group === undefined || (single !== Infinity && candidateFeature(single) < group.group.feature)) return { single };
  return group;
}

export function localBranch(
  features: readonly Feature[],
  plan: NodePlan,
  choice: Pick<Choice, "singles" | "groups">,
  node: number,
  partition: Partition,
  site: number,
): Branch {
  const rows = partition.rows(node);
  const asked = resolve(plan, choice);
  const chosen = "group" in asked ? lesserSide(features, asked, rows) : asked;
  const { feature } = leftBins(features, chosen);
  return { node, site, left: branchBits(features, chosen, rows), split: describeSplit(features, chosen), feature };
}

function branchBits(features: readonly Feature[], chosen: Chosen, rows: Int32Array): Uint8Array {
  const { feature, left } = leftBins(features, chosen);
  const { codes } = features[feature]!;
  const bits = new Uint8Array(rows.length);
  for (let i = 0; i < rows.length; i++) bits[i] = left[codes[rows[i]!]!]!;
  return bits;
}

/**
 * Of a partition of categories the side with fewer rows goes left, of equals the one with the first row; rows of other
 * categories, which go right either way, do not count. All parties could state this rule, it says nothing about
 * gradients, and it gives the same split whichever side was named.
 */
function lesserSide(features: readonly Feature[], asked: GroupChoice, rows: Int32Array): Chosen {
  const turned = otherSide(asked);
  const [here, there] = [asked, turned].map((side) => branchBits(features, side, rows)) as [Uint8Array, Uint8Array];
  const count = (bits: Uint8Array): number => bits.reduce((sum, bit) => sum + bit, 0);
  const more = count(here) - count(there);
  return more > 0 || (more === 0 && there.indexOf(1) < here.indexOf(1)) ? turned : asked;
}

type GroupChoice = Extract<Chosen, { group: Group }>;

function otherSide({ group, left }: GroupChoice): Chosen {
  return { group, left: [...group.members.keys()].filter((member) => !left.includes(member)) };
}
