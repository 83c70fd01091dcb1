/**
 * Parts of residuals as plaintexts: each party's is a whole number of 2^-24, with OFFSET added so that none is negative. The sum over
 * parties is a residual with parties·OFFSET.
 */
import { concat } from "@tombolo/base";
import type { HePublicKey } from "@tombolo/crypto";
import { ranOff } from "../lengths.ts";

const FRACTION_BITS = 24;
/** No part of a residual is larger: a linear predictor beyond separates any labels, and labels are at most 2^13 times their spread. */
const PART_BITS = 14;
const OFFSET = 2 ** (PART_BITS + FRACTION_BITS);
/** Of a sum over parties. */
export const residualBits = (parties: number): number => PART_BITS + FRACTION_BITS + 1 + Math.ceil(Math.log2(parties));

/** Throws `input.separable` for parts that are out of range. */
export function encodeParts(key: Pick<HePublicKey, "plaintextBytes">, parts: Float64Array): Uint8Array {
  const out = new Uint8Array(parts.length * key.plaintextBytes);
  const view = new DataView(out.buffer);
  parts.forEach((part, row) => {
    const whole = Math.round(part * 2 ** FRACTION_BITS) + OFFSET;
    if (!(whole >= 0 && whole <= 2 * OFFSET)) throw ranOff();
    view.setBigUint64(row * key.plaintextBytes, BigInt(whole), true);
  });
  return out;
}

/** Of sums Σ (k - zero)·(residual + parties·OFFSET) what is left without the offset, in units of the column. */
export function decodeSum(
  sum: bigint,
  { weights, parties, step }: { readonly weights: bigint; readonly parties: number; readonly step: number },
): number {
  return (step * Number(sum - weights * BigInt(parties * OFFSET))) / 2 ** FRACTION_BITS;
}

const CHUNK_ROWS = 4096;

/** Encrypted chunk by chunk, as they are sent. */
export async function* encryptedChunks(
  parts: Float64Array,
  key: HePublicKey,
  encrypt: (plaintexts: Uint8Array) => Promise<Uint8Array>,
): AsyncIterable<Uint8Array> {
  for (let first = 0; first < parts.length; first += CHUNK_ROWS)
    yield await encrypt(encodeParts(key, parts.subarray(first, first + CHUNK_ROWS)));
}

export const joined = async (chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> =>
  concat(...(await Array.fromAsync(chunks)));
