/**
 * Products of many 64-bit integers of two parties: one encrypts its factors, `SLOTS` to a plaintext modulo each of three primes t, the other
 * multiplies by its own, sums, masks, floods and releases. Both then have shares modulo T, the product of the primes, of sums
 * below 2^129 < T/2: so shares add up to the sum, or to T more, which is so exactly where
 * one of both is large (`Shares.large`): below T/2 two shares add up to less than T, and no share of a sum without T is above 2^129.
 *
 * Batching: Smart, Vercauteren, Designs, Codes and Cryptography 2014. Noise, flooding and release: README.md; t in place of 2^bits
 * changes nothing there, since q·m/t times an integer polynomial is q/t times the product but for multiples of q. Every coefficient
 * of an answer leaves: three for each number.
 */

import type { Secrets } from "@tombolo/base";
import { kernels, type SlotShares, type Slots } from "@tombolo/kernels";
import { type Ciphertexts, SEED_BYTES } from "./ciphertexts.ts";
import { decrypts, floodBits, freshNoise, productNoise, publicNoise, switchedNoise } from "./noise.ts";
import type { ReleasedCiphertexts } from "./releasing.ts";
import { type Rlwe, rlwe } from "./ring.ts";

/** 1 modulo 2^14, below 2^43.5; the product is above 2^130. */
const PRIMES = [12439552819201n, 12439552327681n, 12439552032769n] as const;
const PRIME_BITS = 44;
const WORD = 2n ** 64n;

/** Numbers of a batch. */
export const SLOTS = 8192;
/** Ciphertexts of a batch. */
export const SLOT_PRIMES = PRIMES.length;
/** T modulo 2^64. */
export const SLOTS_PRODUCT = PRIMES.reduce((product: bigint, t) => product * t, 1n) % WORD;
/** Products of a pair of factors each that an answer may sum up. */
export const SLOT_TERMS_MAX = 2;

export const slotsRing = (): Rlwe => rlwe("rlwe-8192");

/** Primes that an answer keeps. */
export const SLOTS_LEVEL = 2;
export const SLOT_PLACES = { stride: 1, wanted: SLOTS } as const;

const known = new Map<number, Slots>();

export function slotsAt(level: number): Slots {
  const { size, primes } = slotsRing().parameters;
  const found =
    known.get(level) ?? kernels.slots(size, BigUint64Array.from(primes.slice(0, level)), BigUint64Array.from(PRIMES));
  known.set(level, found);
  return found;
}

/** Bits of flooding for so many coefficients, all that are ever released. Throws where decryption would not be certain. */
export function slotsFloodBits(coefficients: bigint): number {
  const { parameters } = slotsRing();
  const noise = productNoise(parameters, freshNoise(), PRIMES[0], SLOT_TERMS_MAX) + publicNoise(parameters);
  const bits = floodBits(noise, coefficients);
  const flooded = noise + (1n << BigInt(bits));
  const top = parameters.primes.length;
  const released = switchedNoise(parameters, flooded, top, SLOTS_LEVEL);
  if (!decrypts(parameters, flooded, top, PRIME_BITS) || !decrypts(parameters, released, SLOTS_LEVEL, PRIME_BITS))
    throw new RangeError("no room for the noise of so many products");
  return bits;
}

export interface Shares {
  /** Modulo 2^64. */
  readonly low: BigUint64Array;
  /** Packed bits. The sum of both parties' shares is the number, or T more where one of both bits is set. */
  readonly large: Uint8Array;
}

/** Of whole batches. */
export function slotShares(words: SlotShares): Shares {
  const width = SLOTS + SLOTS / 64;
  const count = words.length / width;
  const [low, large] = [new BigUint64Array(count * SLOTS), new BigUint64Array((count * SLOTS) / 64)];
  for (let i = 0; i < count; i++) {
    low.set(words.subarray(i * width, i * width + SLOTS), i * SLOTS);
    large.set(words.subarray(i * width + SLOTS, (i + 1) * width), (i * SLOTS) / 64);
  }
  return { low, large: new Uint8Array(large.buffer) };
}

/** `x`: of each factor its partner's encrypted one, as values; sums of `terms` products. With own shares. */
export async function answerSlots(
  publicKey: BigUint64Array,
  x: Ciphertexts,
  factors: BigUint64Array,
  { terms, floodBits }: { readonly terms: number; readonly floodBits: number },
  secrets: Secrets,
): Promise<{ readonly released: ReleasedCiphertexts; readonly shares: Shares }> {
  const seeds = secrets.bytes(4 * SEED_BYTES);
  const slots = slotsAt(x.level);
  const how = { terms, floodBits, keep: SLOTS_LEVEL };
  const both = await slots.answer(x.polynomials, factors, publicKey, seeds, how);
  const masks = await slots.masks(seeds.subarray(3 * SEED_BYTES), factors.length / terms / SLOTS);
  const [a, b] = [both.subarray(0, both.length / 2), both.subarray(both.length / 2)];
  return { released: { level: SLOTS_LEVEL, places: SLOT_PLACES, a, b }, shares: slotShares(masks) };
}
