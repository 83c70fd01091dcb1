/**
 * Punctured trees of seeds between two parties: the sender has all leaves, the receiver all but one of each tree, at places
 * that only it knows. One correlated transfer for each level of each tree, whose choice is the complement of the
 * place's bit, gives the receiver the sum beside its path.
 */
import { BLOCK_BYTES, correlations } from "@tombolo/crypto";

export interface Trees {
  readonly trees: number;
  readonly depth: number;
}

/** Public keys of one run. */
export interface TreeKeys {
  /** Of trees and code. */
  readonly salt: Uint8Array;
  /** Of the transfers' hash. */
  readonly hash: Uint8Array;
}

/** Sender: per tree and level both sums under the two keys of its transfer; per tree the sum of all leaves. */
export async function maskSums(
  seeds: Uint8Array,
  depth: number,
  transfers: { readonly delta: Uint8Array; readonly q: Uint8Array },
  { salt, hash }: TreeKeys,
): Promise<{ readonly masked: Uint8Array; readonly totals: Uint8Array }> {
  const keys = await Promise.all(
    [new Uint8Array(BLOCK_BYTES), transfers.delta].map((offset) =>
      correlations.correlationHash(transfers.q, offset, hash, 0),
    ),
  );
  const masked = await correlations.ggmSums(seeds, depth, salt);
  const totals = new Uint8Array(seeds.length);
  for (let i = 0; i < seeds.length / BLOCK_BYTES; i++)
    for (const side of [0, 1]) addElement(totals, i, masked, 2 * (depth * (i + 1) - 1) + side);
  for (let i = 0; i < masked.length / BLOCK_BYTES; i++) addElement(masked, i, keys[i & 1]!, i >> 1);
  return { masked, totals };
}

/** Receiver: per tree and level the sum beside the path, and the places from the choices. */
export async function openSums(
  masked: Uint8Array,
  { trees, depth }: Trees,
  transfers: { readonly choices: Uint8Array; readonly t: Uint8Array },
  { hash }: TreeKeys,
): Promise<{ readonly others: Uint8Array; readonly positions: Uint32Array }> {
  const { choices, t } = transfers;
  const keys = await correlations.correlationHash(t, new Uint8Array(BLOCK_BYTES), hash, 0);
  const others = new Uint8Array(BLOCK_BYTES * trees * depth);
  const positions = new Uint32Array(trees);
  for (let i = 0; i < trees * depth; i++) {
    const choice = (choices[i >> 3]! >> (i & 7)) & 1;
    addElement(others, i, masked, 2 * i + choice);
    addElement(others, i, keys, i);
    positions[Math.floor(i / depth)]! |= (1 - choice) << (i % depth);
  }
  return { others, positions };
}

/** Of each tree both sides of each level and one more. */
export const sumsBytes = ({ trees, depth }: Trees): number => BLOCK_BYTES * trees * (2 * depth + 1);

/** to[i] ^= from[j], element by element. */
export function addElement(to: Uint8Array, i: number, from: Uint8Array, j: number): void {
  const [at, by] = [BLOCK_BYTES * i, BLOCK_BYTES * j];
  for (let k = 0; k < BLOCK_BYTES; k++) to[at + k]! ^= from[by + k]!;
}

export const added = (a: Uint8Array, b: Uint8Array): Uint8Array => a.map((byte, i) => byte ^ b[i]!);
