/**
 * Parts of residuals as plaintexts: each party's is a whole number of 2^-32, with OFFSET added so that none is negative. The sum over
 * parties is a residual with parties·OFFSET.
 *
 * Sums are exact, and what rounding leaves in their last places would say something new about rows in every epoch. So each part has
 * secret noise in its last 16 bits, up to 2^-17: against it the place within 2^-32 that a part was rounded from is a 2^-16th.
 */
import { concat, type Secrets } from "@tombolo/base";
import type { HePublicKey } from "@tombolo/crypto";
import { ranOff } from "../lengths.ts";

const FRACTION_BITS = 32;
/** No part of a residual is larger: a linear predictor beyond separates any labels, and labels are at most 2^13 times their spread. */
const PART_BITS = 14;
const OFFSET = 2 ** (PART_BITS + FRACTION_BITS);
const NOISE_HALF = 2 ** 15;
/** Of a sum over parties. */
export const residualBits = (parties: number): number => PART_BITS + FRACTION_BITS + 1 + Math.ceil(Math.log2(parties));

/** Throws `input.separable` for parts that are out of range. */
export function encodeParts(
  key: Pick<HePublicKey, "plaintextBytes">,
  parts: Float64Array,
  secrets: Secrets,
): Uint8Array {
  const out = new Uint8Array(parts.length * key.plaintextBytes);
  const view = new DataView(out.buffer);
  const noise = new Uint16Array(secrets.bytes(2 * parts.length).slice().buffer);
  parts.forEach((part, row) => {
    const whole = Math.round(part * 2 ** FRACTION_BITS) + noise[row]! - NOISE_HALF + OFFSET;
    if (!(whole >= 0 && whole < 2 * OFFSET)) throw ranOff();
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
export async function* encryptedParts(
  parts: Float64Array,
  key: HePublicKey,
  secrets: Secrets,
): AsyncIterable<Uint8Array> {
  for (let first = 0; first < parts.length; first += CHUNK_ROWS) {
    const plaintexts = encodeParts(key, parts.subarray(first, first + CHUNK_ROWS), secrets);
    yield await key.encrypt(plaintexts, secrets);
  }
}

export const joined = async (chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> =>
  concat(...(await Array.fromAsync(chunks)));
