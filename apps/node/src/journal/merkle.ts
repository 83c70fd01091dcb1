/**
 * Merkle trees of RFC 6962 section 2.1 (the same tree as RFC 9162 section 2.1), pure: hashes in, hashes out.
 * A tree of n leaves is kept as its complete subtrees: node (level, position) covers leaves
 * [position * 2^level, (position + 1) * 2^level), and exists once all of them do.
 */
import { createHash } from "node:crypto";
import { equalBytes } from "@tombolo/base";

export type Hash = Uint8Array;

const LEAF = Uint8Array.of(0);
const INNER = Uint8Array.of(1);

/** MTH({d}) = SHA-256(0x00 || d) */
export const hashLeaf = (data: Uint8Array): Hash => createHash("sha256").update(LEAF).update(data).digest();

/** SHA-256(0x01 || left || right) */
export const hashPair = (left: Hash, right: Hash): Hash =>
  createHash("sha256").update(INNER).update(left).update(right).digest();

export const emptyRoot = (): Hash => createHash("sha256").digest();

/** Reads complete subtrees. */
export type ReadNode = (level: number, position: number) => Promise<Hash>;

export interface TreeNode {
  readonly level: number;
  readonly position: number;
  readonly hash: Hash;
}

/** The nodes that become complete when `leaf` is added at `size`, leaf first. */
export async function appended(size: number, leaf: Hash, read: ReadNode): Promise<TreeNode[]> {
  const nodes: TreeNode[] = [{ level: 0, position: size, hash: leaf }];
  let hash = leaf;
  for (let level = 0, position = size; position % 2 === 1; level++) {
    hash = hashPair(await read(level, position - 1), hash);
    position = (position - 1) / 2;
    nodes.push({ level: level + 1, position, hash });
  }
  return nodes;
}

/** MTH(D[from:to]) where `from` is a multiple of the smallest power of two >= to - from, as in every recursive step. */
export async function rangeHash(from: number, to: number, read: ReadNode): Promise<Hash> {
  const length = to - from;
  if (length === 0) return emptyRoot();
  const level = Math.log2(length);
  if (Number.isInteger(level)) return read(level, from / length);
  const split = from + largestPowerBelow(length);
  return hashPair(await rangeHash(from, split, read), await rangeHash(split, to, read));
}

/** PATH(m, D[n]): proves that leaf `index` is in the tree of `size` leaves. Deepest sibling first. */
export async function inclusionProof(index: number, size: number, read: ReadNode): Promise<Hash[]> {
  const path = async (from: number, to: number): Promise<Hash[]> => {
    if (to - from === 1) return [];
    const split = from + largestPowerBelow(to - from);
    return index < split
      ? [...(await path(from, split)), await rangeHash(split, to, read)]
      : [...(await path(split, to)), await rangeHash(from, split, read)];
  };
  return path(0, size);
}

/** PROOF(m, D[n]): proves that the tree of `size` leaves extends the tree of `first` leaves. Empty for 0 and size. */
export async function consistencyProof(first: number, size: number, read: ReadNode): Promise<Hash[]> {
  if (first === 0 || first === size) return [];
  const subproof = async (from: number, to: number, whole: boolean): Promise<Hash[]> => {
    if (first === to) return whole ? [] : [await rangeHash(from, to, read)];
    const split = from + largestPowerBelow(to - from);
    return first <= split
      ? [...(await subproof(from, split, whole)), await rangeHash(split, to, read)]
      : [...(await subproof(split, to, false)), await rangeHash(from, split, read)];
  };
  return subproof(0, size, true);
}

/** RFC 9162 section 2.1.3.2. */
export function verifyInclusion(leaf: Hash, index: number, size: number, proof: readonly Hash[], root: Hash): boolean {
  if (index >= size) return false;
  let [fn, sn] = [index, size - 1];
  let hash = leaf;
  for (const each of proof) {
    if (sn === 0) return false;
    if (fn % 2 === 1 || fn === sn) {
      hash = hashPair(each, hash);
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [half(fn), half(sn)];
    } else hash = hashPair(hash, each);
    [fn, sn] = [half(fn), half(sn)];
  }
  return sn === 0 && equalBytes(hash, root);
}

/** RFC 9162 section 2.1.4.2, with the trivial cases: anything extends the empty tree, and itself. */
export function verifyConsistency(
  first: number,
  firstRoot: Hash,
  size: number,
  root: Hash,
  proof: readonly Hash[],
): boolean {
  if (first > size) return false;
  if (first === size) return proof.length === 0 && equalBytes(firstRoot, root);
  if (first === 0) return proof.length === 0;
  const path = Number.isInteger(Math.log2(first)) ? [firstRoot, ...proof] : [...proof];
  let [fn, sn] = [first - 1, size - 1];
  while (fn % 2 === 1) [fn, sn] = [half(fn), half(sn)];
  const start = path.shift();
  if (start === undefined) return false;
  let [old, now] = [start, start];
  for (const each of path) {
    if (sn === 0) return false;
    if (fn % 2 === 1 || fn === sn) {
      [old, now] = [hashPair(each, old), hashPair(each, now)];
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [half(fn), half(sn)];
    } else now = hashPair(now, each);
    [fn, sn] = [half(fn), half(sn)];
  }
  return sn === 0 && equalBytes(old, firstRoot) && equalBytes(now, root);
}

/** Sizes may pass 2^31, so no bit operators. */
const half = (value: number): number => Math.floor(value / 2);

function largestPowerBelow(length: number): number {
  let power = 1;
  while (power * 2 < length) power *= 2;
  return power;
}
