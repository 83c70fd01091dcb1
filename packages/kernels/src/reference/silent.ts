/**
 * Correlated oblivious transfers by the binary expand-convolute code of a salt, from leaves e of length N to `count` blocks,
 * all 128 planes alike:
 *
 *   x_i = e_i + sum of b_ij·x_j over the 64 elements of the sixteen groups of four before i's group
 *   y_o = sum over seven regions of one random x of the region, as in vole-code.ts
 *
 * The bits of group g are those of AES_K2(2g), AES_K2(2g + 1), 64 for each element; its bits 4k..4k+3 say which elements of
 * group g - 1 - k are added. The lowest bit of a leaf is 1 where there is noise and else 0, so the lowest bit of an output
 * is the receiver's choice.
 */
import { elementCount, requireRange } from "../checks.ts";
import type { VoleKernels } from "../vole-kernels.ts";
import { BLOCK, counter, purposeKey, readBlocks, sumOf, writeBlocks } from "./gf128.ts";
import { expandTrees, punctureTrees } from "./ggm.ts";
import { checkSizes, checkSum, gather } from "./vole-code.ts";

const GROUP = 4;
const TAP_GROUPS = 16;

export const silentExpand: VoleKernels["silentExpand"] = async (seeds, depth, salt, count, checkSeed) => {
  checkCount(elementCount(seeds, BLOCK), depth, count);
  const leaves = expandTrees(seeds, depth, salt).flatMap((tree) => tree.leaves.map(cleared));
  return { q: writeBlocks(encodeBits(leaves, salt, count)), check: checkSum(leaves, checkSeed) };
};

export const silentExpandPunctured: VoleKernels["silentExpandPunctured"] = async (
  { others, positions, ...trees },
  depth,
  salt,
  count,
  checkSeed,
) => {
  const corrections = readBlocks(trees.corrections);
  requireRange(corrections.length === positions.length, "one correction per tree");
  checkCount(positions.length, depth, count);
  const leaves = punctureTrees(others, positions, depth, salt).flatMap((tree) => tree.map(cleared));
  positions.forEach((position, i) => {
    const at = i * 2 ** depth + position;
    leaves[at] = cleared(leaves[at]! ^ corrections[i]!) | 1n;
  });
  const t = encodeBits(leaves, salt, count);
  const choices = new Uint8Array(count / 8);
  for (const [j, block] of t.entries()) choices[j >> 3]! |= Number(block & 1n) << (j & 7);
  return { t: writeBlocks(t), choices, check: checkSum(leaves, checkSeed) };
};

/** y = B·C·e over bits. */
export function encodeBits(e: readonly bigint[], salt: Uint8Array, count: number): bigint[] {
  const words = counter(purposeKey(salt, 2), 0, e.length / 2);
  const x: bigint[] = [];
  for (let i = 0; i < e.length; i++) {
    const group = Math.floor(i / GROUP);
    const taps = words[i >> 1]! >> BigInt(64 * (i & 1));
    const reached = Array.from({ length: Math.min(group, TAP_GROUPS) * GROUP }, (_, j) => {
      const [back, element] = [Math.floor(j / GROUP), j % GROUP];
      return (taps >> BigInt(j)) & 1n ? x[(group - 1 - back) * GROUP + element]! : 0n;
    });
    x.push(e[i]! ^ sumOf(reached));
  }
  return gather(x, salt, count);
}

const cleared = (block: bigint): bigint => (block >> 1n) << 1n;

function checkCount(trees: number, depth: number, count: number): void {
  checkSizes(trees, depth, count);
  requireRange(count % 8 === 0, "transfers in multiples of eight");
}
