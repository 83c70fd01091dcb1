/**
 * Grows one tree level by level over the columns of all sites. The plaintext twin and the federated guest both run this
 * code; only the sites differ.
 */
import { bestFirst } from "./best-first.ts";
import { choose } from "./choose.ts";
import { type Bounds, FREE, type Gradients, leafWeight, type Scoring, stepOf } from "./objective.ts";
import type { Partition } from "./partition.ts";
import type { Branch, Decision, Level, NodeTotal, Site } from "./site.ts";
import type { Split } from "./split.ts";

export interface GrownSplit {
  readonly node: number;
  /** Position in the list of sites. */
  readonly site: number;
  readonly gain: number;
  readonly feature: number;
  /** Known only for the guest's own columns. */
  readonly split?: Split;
}

export interface GrownLeaf {
  readonly node: number;
  readonly weight: number;
  /** Of the rows that the tree was grown from: how many, and their sum of h. */
  readonly rows?: number | undefined;
  readonly cover?: number | undefined;
}

export interface GrownTree {
  /** By node, ascending. */
  readonly splits: readonly GrownSplit[];
  readonly leaves: readonly GrownLeaf[];
}

export interface GrowOptions {
  readonly depth: number;
  readonly minimumRows: number;
  readonly maxLeaves: number | null;
  readonly scoring: Scoring;
  /** The weight of a leaf with these sampled rows, where its sums do not give it. */
  readonly weightOf?: (rows: Int32Array, bounds: Bounds | undefined) => number;
  readonly onLevel?: ((level: number) => void) | undefined;
}

export async function growTree(
  sites: readonly Site[],
  partition: Partition,
  gradients: Gradients,
  options: GrowOptions,
): Promise<GrownTree> {
  const splits: GrownSplit[] = [];
  const bounds = new Map<number, Bounds>();
  let open = partition.sampledRows(1).length >= 2 * options.minimumRows ? [1] : [];
  for (let level = 0; level < options.depth && open.length > 0; level++) {
    options.onLevel?.(level);
    const totals = open.map((node) => totalOf(node, partition, gradients));
    const now: Level = { open, totals, partition, last: level === options.depth - 1 };
    const found = await decideLevel(sites, now, options.scoring, bounds);
    const decisions = withinReach(found, splits, options.maxLeaves);
    const branches = await branchLevel(sites, now, decisions);
    for (const branch of branches.flat()) {
      partition.split(branch.node, branch.left);
      boundChildren(branch, partition, gradients, options.scoring, bounds);
    }
    splits.push(...grownSplits(decisions, branches));
    open = now.last ? [] : openChildren(decisions, partition, options.minimumRows);
  }
  const kept = options.maxLeaves === null ? splits : takeBack(splits, options.maxLeaves, partition);
  return {
    splits: kept,
    leaves: partition.leaves().map((node) => leafAt(node, partition, gradients, options, bounds)),
  };
}

function leafAt(
  node: number,
  partition: Partition,
  gradients: Gradients,
  { weightOf, scoring }: GrowOptions,
  bounds: ReadonlyMap<number, Bounds>,
): GrownLeaf {
  const { g, h } = totalOf(node, partition, gradients);
  const rows = partition.sampledRows(node);
  const weight =
    weightOf === undefined ? leafWeight(g, h, scoring, bounds.get(node)) : weightOf(rows, bounds.get(node));
  return { node, weight, rows: rows.length, cover: h / scoring.hScale };
}

/** What `maxLeaves` leaves of the level's splits, given those above. */
function withinReach(
  decisions: readonly Decision[],
  above: readonly GrownSplit[],
  maxLeaves: number | null,
): Decision[] {
  if (maxLeaves === null) return [...decisions];
  const found = decisions.flatMap(({ node, choice }) => (choice === undefined ? [] : [{ node, gain: choice.gain }]));
  const taken = bestFirst([...above, ...found], maxLeaves);
  return decisions.map(({ node, choice }) => ({ node, choice: taken.has(node) ? choice : undefined }));
}

function takeBack(splits: readonly GrownSplit[], maxLeaves: number, partition: Partition): GrownSplit[] {
  const taken = bestFirst(splits, maxLeaves);
  for (const { node } of splits) if (!taken.has(node) && (node === 1 || taken.has(node >> 1))) partition.merge(node);
  return splits.filter(({ node }) => taken.has(node));
}

/**
 * Weights below a split at a column that may only raise (1) or only lower (-1) the margin stay on their side of the middle
 * between the two children's; below any split they stay where those of the node had to.
 */
function boundChildren(
  { node, direction = 0 }: Branch,
  partition: Partition,
  gradients: Gradients,
  scoring: Scoring,
  bounds: Map<number, Bounds>,
): void {
  const own = bounds.get(node) ?? FREE;
  const [left, right] = [2 * node, 2 * node + 1];
  if (direction === 0 && own === FREE) return;
  const weight = (child: number): number => {
    const { g, h } = totalOf(child, partition, gradients);
    return stepOf(g, h, scoring, own);
  };
  const middle = direction === 0 ? 0 : (weight(left) + weight(right)) / 2;
  const [below, above] = [
    { ...own, high: middle },
    { ...own, low: middle },
  ];
  bounds.set(left, direction === 0 ? own : direction > 0 ? below : above);
  bounds.set(right, direction === 0 ? own : direction > 0 ? above : below);
}

async function decideLevel(
  sites: readonly Site[],
  level: Level,
  scoring: Scoring,
  bounds: ReadonlyMap<number, Bounds>,
): Promise<Decision[]> {
  const offers = await Promise.all(sites.map((site) => site.offers(level)));
  return level.open.map((node, i) => {
    const ofNode = offers.map((ofSite) => ofSite[i]!);
    return { node, choice: choose(level.totals[i]!, ofNode, scoring, bounds.get(node)) };
  });
}

/** Branches by site; the guest's own first, as a single host can then be told at once. */
async function branchLevel(sites: readonly Site[], level: Level, decisions: readonly Decision[]): Promise<Branch[][]> {
  const [guest, ...hosts] = sites;
  const own = [...(await guest!.decide(decisions, 0, level, []))];
  const theirs = await Promise.all(
    hosts.map(async (host, i) => [...(await host.decide(decisions, i + 1, level, own))]),
  );
  const branches = [own, ...theirs];
  await Promise.all(sites.map((site, i) => site.route(branches.flat(), level, i)));
  return branches;
}

function grownSplits(decisions: readonly Decision[], branches: readonly Branch[][]): GrownSplit[] {
  return decisions.flatMap(({ node, choice }) => {
    if (choice === undefined) return [];
    const branch = branches[choice.site]!.find((candidate) => candidate.node === node)!;
    const split = branch.split === undefined ? {} : { split: branch.split };
    return [{ node, site: choice.site, gain: choice.gain, feature: branch.feature, ...split }];
  });
}

/** Children worth another look; every party comes to the same list from the decisions and its own counts. */
export function openChildren(
  decisions: readonly { node: number; choice: { leftOpen: boolean; rightOpen: boolean } | undefined }[],
  partition: Partition,
  minimumRows: number,
): number[] {
  return decisions.flatMap(({ node, choice }) => {
    const children = [...(choice?.leftOpen ? [2 * node] : []), ...(choice?.rightOpen ? [2 * node + 1] : [])];
    return children.filter((child) => partition.sampledRows(child).length >= 2 * minimumRows);
  });
}

/** Exact: integers in any order. */
export const totalOf = (node: number, partition: Partition, gradients: Gradients): NodeTotal =>
  sumOf(partition.sampledRows(node), gradients);

export function sumOf(rows: Int32Array, gradients: Gradients): NodeTotal {
  let [least, most, h] = [0, 0, 0];
  for (let i = 0; i < rows.length; i++) {
    const g = gradients.g[rows[i]!]!;
    if (g < 0) least += g;
    else most += g;
    h += gradients.h[rows[i]!]!;
  }
  return { g: least + most, h, least, most };
}
