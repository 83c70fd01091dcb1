/**
 * The expand-convolute code of a salt over GF(2^128), from leaves e of length N to `count` values:
 *
 *   x_i = e_i + r_i·x_(i-4) + sum of b_ij·x_j over the 24 elements of the six groups of four before i's group
 *   y_o = sum over seven regions of one random x of the region
 *
 * r_i = AES_K1(i). The bits of group g are the four words of AES_K2(g), one per element; its bits 4k..4k+3 say which
 * elements of group g - 1 - k are added. The positions of output o are the first seven words w of AES_K3(2o),
 * AES_K3(2o + 1): start of the region + floor(w·length of the region / 2^32). Region r starts at floor(r·N / 7).
 */
import { elementCount, requireRange } from "../checks.ts";
import type { VoleKernels } from "../vole-kernels.ts";
import { BLOCK, counter, multiply, purposeKey, readBlocks, sumOf, writeBlocks } from "./gf128.ts";
import { expandTrees, punctureTrees } from "./ggm.ts";

const GROUP = 4;
const TAP_GROUPS = 6;
export const REGIONS = 7;

export const voleExpand: VoleKernels["voleExpand"] = async (seeds, depth, salt, count, checkSeed) => {
  checkSizes(elementCount(seeds, BLOCK), depth, count);
  const leaves = expandTrees(seeds, depth, salt).flatMap((tree) => tree.leaves);
  return { b: writeBlocks(encode(leaves, salt, count)), check: checkSum(leaves, checkSeed) };
};

export const voleExpandPunctured: VoleKernels["voleExpandPunctured"] = async (trees, depth, salt, count, checkSeed) => {
  const { others, positions } = trees;
  const [values, corrections] = [readBlocks(trees.values), readBlocks(trees.corrections)];
  requireRange(
    values.length === positions.length && corrections.length === positions.length,
    "one value and correction per tree",
  );
  checkSizes(positions.length, depth, count);
  const leaves = punctureTrees(others, positions, depth, salt).flat();
  const noise = leaves.map(() => 0n);
  positions.forEach((position, i) => {
    noise[i * 2 ** depth + position] = values[i]!;
    leaves[i * 2 ** depth + position]! ^= corrections[i]!;
  });
  return {
    a: writeBlocks(encode(noise, salt, count)),
    c: writeBlocks(encode(leaves, salt, count)),
    check: checkSum(leaves, checkSeed),
  };
};

export const voleNoiseCheck: VoleKernels["voleNoiseCheck"] = async (positions, values, depth, checkSeed) => {
  const noise = readBlocks(values);
  requireRange(noise.length === positions.length, "one value per tree");
  const terms = Array.from(positions, (position, i) =>
    multiply(counter(checkSeed, i * 2 ** depth + position, 1)[0]!, noise[i]!),
  );
  return writeBlocks([sumOf(terms)]);
};

/** y = B·C·e: convolve, then expand. `limit` maps each multiplier: a test makes the code binary with it. */
export function encode(
  e: readonly bigint[],
  salt: Uint8Array,
  count: number,
  limit: (multiplier: bigint) => bigint = (multiplier) => multiplier,
): bigint[] {
  return gather(convolve(e, salt, limit), salt, count);
}

function convolve(e: readonly bigint[], salt: Uint8Array, limit: (multiplier: bigint) => bigint): bigint[] {
  const multipliers = counter(purposeKey(salt, 1), 0, e.length).map(limit);
  const taps = counter(purposeKey(salt, 2), 0, e.length / GROUP);
  const x: bigint[] = [];
  for (let i = 0; i < e.length; i++) {
    const [group, slot] = [Math.floor(i / GROUP), i % GROUP];
    const bits = Number((taps[group]! >> BigInt(32 * slot)) & 0xffffffffn);
    let value = e[i]! ^ (i < GROUP ? 0n : multiply(multipliers[i]!, x[i - GROUP]!));
    for (let j = 0; j < Math.min(group, TAP_GROUPS) * GROUP; j++) {
      const [back, element] = [Math.floor(j / GROUP), j % GROUP];
      if ((bits >>> j) & 1) value ^= x[(group - 1 - back) * GROUP + element]!;
    }
    x.push(value);
  }
  return x;
}

export function gather(x: readonly bigint[], salt: Uint8Array, count: number): bigint[] {
  const words = new Uint32Array(writeBlocks(counter(purposeKey(salt, 3), 0, 2 * count)).buffer);
  const starts = Array.from({ length: REGIONS + 1 }, (_, r) => Math.floor((r * x.length) / REGIONS));
  return Array.from({ length: count }, (_, o) => {
    let sum = 0n;
    for (let r = 0; r < REGIONS; r++) {
      const span = starts[r + 1]! - starts[r]!;
      sum ^= x[starts[r]! + Math.floor((words[8 * o + r]! * span) / 2 ** 32)]!;
    }
    return sum;
  });
}

export function checkSum(leaves: readonly bigint[], seed: Uint8Array): Uint8Array {
  if (seed.length === 0) return new Uint8Array(0);
  const weights = counter(seed, 0, leaves.length);
  return writeBlocks([sumOf(leaves.map((leaf, j) => multiply(leaf, weights[j]!)))]);
}

export function checkSizes(trees: number, depth: number, count: number): void {
  requireRange(depth >= 2, "whole groups per tree");
  requireRange(count > 0 && 2 * count <= trees * 2 ** depth, "at most half as many outputs as leaves");
}
