/** Trees of seeds, level by level. */
import { elementCount, requireRange } from "../checks.ts";
import { toLittleEndian } from "../little-endian.ts";
import type { VoleKernels } from "../vole-kernels.ts";
import { BLOCK, counter, encrypt, purposeKey, readBlocks, sumOf, writeBlocks } from "./gf128.ts";

export const DEPTH_MAX = 24;
const LEAVES_MAX = 2 ** 25;

export interface Tree {
  readonly leaves: readonly bigint[];
  /** Per level left, right. */
  readonly sums: readonly bigint[];
}

export const ggmExpand: VoleKernels["ggmExpand"] = async (seeds, depth, salt) => {
  const trees = expandTrees(seeds, depth, salt);
  return {
    leaves: writeBlocks(trees.flatMap((tree) => tree.leaves)),
    sums: writeBlocks(trees.flatMap((tree) => tree.sums)),
  };
};

export const ggmSums: VoleKernels["ggmSums"] = async (seeds, depth, salt) => (await ggmExpand(seeds, depth, salt)).sums;

export const ggmPuncture: VoleKernels["ggmPuncture"] = async (others, positions, depth, salt) =>
  writeBlocks(punctureTrees(others, positions, depth, salt).flat());

export function expandTrees(seeds: Uint8Array, depth: number, salt: Uint8Array): Tree[] {
  checkTrees(elementCount(seeds, BLOCK), depth);
  return readBlocks(seeds).map((seed, i) => {
    const keys = treeKeys(salt, i);
    let nodes = [seed];
    const sums: bigint[] = [];
    for (let level = 0; level < depth; level++) {
      const sides = children(keys, nodes);
      sums.push(...sides.map(sumOf));
      nodes = sides.flat();
    }
    return { leaves: nodes, sums };
  });
}

export function punctureTrees(others: Uint8Array, positions: Uint32Array, depth: number, salt: Uint8Array): bigint[][] {
  checkTrees(positions.length, depth);
  requireRange(others.length === positions.length * depth * BLOCK, "one sum per tree and level");
  requireRange(
    positions.every((position) => position < 2 ** depth),
    "a position within the tree",
  );
  const sums = readBlocks(others);
  return Array.from(positions, (position, i) =>
    punctureTree(treeKeys(salt, i), sums.slice(i * depth, (i + 1) * depth), position),
  );
}

/** Unknown nodes are held as zero. */
function punctureTree(keys: readonly Uint8Array[], others: readonly bigint[], position: number): bigint[] {
  let nodes = [0n];
  others.forEach((other, level) => {
    const unknown = position % nodes.length;
    const side = (position >> level) & 1;
    const sides = children(keys, nodes);
    sides[0]![unknown] = 0n;
    sides[1]![unknown] = 0n;
    sides[1 - side]![unknown] = other ^ sumOf(sides[1 - side]!);
    nodes = sides.flat();
  });
  nodes[position] = sumOf(nodes);
  return nodes;
}

const children = (keys: readonly Uint8Array[], nodes: readonly bigint[]): bigint[][] =>
  keys.map((key) => encrypt(key, nodes).map((value, i) => value ^ nodes[i]!));

const treeKeys = (salt: Uint8Array, index: number): Uint8Array[] =>
  counter(purposeKey(salt, 4), 2 * index, 2).map((key) => toLittleEndian(key, BLOCK));

function checkTrees(trees: number, depth: number): void {
  requireRange(Number.isInteger(depth) && depth >= 1 && depth <= DEPTH_MAX, "a tree has 1 to 24 levels");
  requireRange(trees * 2 ** depth <= LEAVES_MAX, "at most 2^25 leaves");
}
