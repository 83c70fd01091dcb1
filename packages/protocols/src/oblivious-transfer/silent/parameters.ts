/** Sizes of batches; `security.ts` says why they suffice. */
import { sumsBytes, type Trees } from "../../vole/trees.ts";

/** Places of noise, one in each tree, whatever the batch. */
export const NOISE = 448;
/** Leaves per transfer. */
export const LENGTH_RATIO = 2;
/** Levels of a tree in the smallest and in the largest batch. */
export const DEPTH_MIN = 9;
export const DEPTH_MAX = 12;
/** Bits of the small field of the base transfers: two bytes each. */
export const BASE_BITS = 8;
/** Base transfers of the element that masks a check. */
export const MASK_TRANSFERS = 128;

type Adversary = "semi-honest" | "malicious";

export const treesOf = (depth: number): Trees => ({ trees: NOISE, depth });

/** 114,688 at the least depth, 917,504 at the greatest. */
export const transfersOf = (depth: number): number => (NOISE * 2 ** depth) / LENGTH_RATIO;

/** The least depth that gives as many, or the greatest there is. */
export function depthFor(count: number): number {
  let depth = DEPTH_MIN;
  while (depth < DEPTH_MAX && transfersOf(depth) < count) depth++;
  return depth;
}

/** Which batches are made when so many transfers are taken one time after the other: the same at both sides. */
export class Plan {
  #left = 0;
  #depth = 0;

  /** Depths of the batches to be made before `count` more can be given out. Batches grow: who asks once asks again. */
  take(count: number): number[] {
    const depths: number[] = [];
    while (this.#left < count) {
      this.#depth = Math.max(depthFor(count - this.#left), Math.min(this.#depth + 1, DEPTH_MAX));
      this.#left += transfersOf(this.#depth);
      depths.push(this.#depth);
    }
    this.#left -= count;
    return depths;
  }
}

export const baseTransfers = (depth: number, adversary: Adversary): number =>
  NOISE * depth + (adversary === "malicious" ? MASK_TRANSFERS : 0);

/** Payload bytes of a batch to the sender and to the receiver. */
export function batchTraffic(
  depth: number,
  adversary: Adversary,
): { readonly sender: number; readonly receiver: number } {
  const malicious = adversary === "malicious";
  const blocks = Math.ceil(baseTransfers(depth, adversary) / 128) + (malicious ? 1 : 0);
  const corrections = 16 * (128 / BASE_BITS - 1) * blocks;
  return {
    sender: corrections + (malicious ? 2064 + 16 : 0),
    receiver: sumsBytes(treesOf(depth)) + (malicious ? 32 : 0),
  };
}

/** In both directions. */
export function batchBytes(depth: number, adversary: Adversary): number {
  const { sender, receiver } = batchTraffic(depth, adversary);
  return sender + receiver;
}

/** Of what comes before the first batch. */
export const setUpBytes = (adversary: Adversary): number =>
  16_384 + (adversary === "malicious" ? 32 * (128 / BASE_BITS + 1) : 0);
