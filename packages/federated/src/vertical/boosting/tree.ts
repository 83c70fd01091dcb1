/**
 * Grows one tree level by level over the columns of all sites. The plaintext twin and the federated guest both run this
 * code; only the sites differ.
 */
import { choose } from "./choose.ts";
import { type Gradients, leafWeight, type Scoring } from "./objective.ts";
import type { Partition } from "./partition.ts";
import type { Branch, Decision, Level, Site } from "./site.ts";
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

export interface GrownTree {
  /** By node, ascending. */
  readonly splits: readonly GrownSplit[];
  readonly leaves: readonly { readonly node: number; readonly weight: number }[];
}

export interface GrowOptions {
  readonly depth: number;
  readonly minimumRows: number;
  readonly scoring: Scoring;
  /** The weight of a leaf with these sampled rows, where its sums do not give it. */
  readonly weightOf?: (rows: Int32Array) => number;
  readonly onLevel?: ((level: number) => void) | undefined;
}

export async function growTree(
  sites: readonly Site[],
  partition: Partition,
  gradients: Gradients,
  options: GrowOptions,
): Promise<GrownTree> {
  const splits: GrownSplit[] = [];
  let open = partition.sampledRows(1).length >= 2 * options.minimumRows ? [1] : [];
  for (let level = 0; level < options.depth && open.length > 0; level++) {
    options.onLevel?.(level);
    const now: Level = { open, partition, last: level === options.depth - 1 };
    const decisions = await decideLevel(sites, now, gradients, options.scoring);
    const branches = await branchLevel(sites, now, decisions);
    for (const { node, left } of branches.flat()) partition.split(node, left);
    splits.push(...grownSplits(decisions, branches));
    open = now.last ? [] : openChildren(decisions, partition, options.minimumRows);
  }
  const leaves = partition.leaves().map((node) => {
    if (options.weightOf !== undefined) return { node, weight: options.weightOf(partition.sampledRows(node)) };
    const { g, h } = totalOf(node, partition, gradients);
    return { node, weight: leafWeight(g, h, options.scoring) };
  });
  return { splits, leaves };
}

async function decideLevel(
  sites: readonly Site[],
  level: Level,
  gradients: Gradients,
  scoring: Scoring,
): Promise<Decision[]> {
  const offers = await Promise.all(sites.map((site) => site.offers(level)));
  return level.open.map((node, i) => {
    const total = totalOf(node, level.partition, gradients);
    return {
      node,
      choice: choose(
        total,
        offers.map((ofSite) => ofSite[i]!),
        scoring,
      ),
    };
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
export function totalOf(node: number, partition: Partition, gradients: Gradients): { g: number; h: number } {
  let g = 0;
  let h = 0;
  for (const row of partition.sampledRows(node)) {
    g += gradients.g[row]!;
    h += gradients.h[row]!;
  }
  return { g, h };
}
