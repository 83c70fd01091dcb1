/**
 * Release of some coefficients of what was computed on ciphertexts to the owner of the key: re-randomised, masked, flooded (public.ts
 * and README.md say why) and modulo fewer primes, in one native pass. All of a goes, of b only what is wanted: a coefficient
 * of b that nobody gets needs neither mask nor noise, and does not count against a job's budget.
 */
import { discard, type Secrets } from "@tombolo/base";
import { type Ciphertexts, interleave, SEED_BYTES } from "./ciphertexts.ts";
import type { RlwePublicKey } from "./keys.ts";
import type { Rlwe } from "./ring.ts";

/** Coefficients 0, stride, 2·stride...: both powers of two, 16 or more wanted, and their product within the ring's size. */
export interface Places {
  readonly stride: number;
  readonly wanted: number;
}

export interface ReleasedCiphertexts {
  readonly level: number;
  readonly places: Places;
  /** Of each ciphertext the wanted coefficients, for each prime. */
  readonly b: BigUint64Array;
  readonly a: BigUint64Array;
}

export interface ReleaseOptions {
  readonly places: Places;
  /** Uniform numbers modulo 2^bits, added: one for each wanted coefficient of each ciphertext. */
  readonly masks: BigUint64Array;
  readonly bits: number;
  readonly floodBits: number;
  /** Primes that are kept. */
  readonly level: number;
}

/** A public key in full, kept by who uses it: (b, a) as values. */
export async function expandPublicKey(of: Rlwe, { seed, b }: RlwePublicKey): Promise<BigUint64Array> {
  const level = of.parameters.primes.length;
  const a = await of.ring(level).uniform(seed, 1);
  const key = interleave(of.words(level), b, a);
  discard(a);
  return key;
}

/** `x`: as values, at the highest level. */
export async function releaseCiphertexts(
  of: Rlwe,
  publicKey: BigUint64Array,
  x: Ciphertexts,
  { places, masks, bits, floodBits, level }: ReleaseOptions,
  secrets: Secrets,
): Promise<ReleasedCiphertexts> {
  if (x.form !== "values" || x.level !== of.parameters.primes.length)
    throw new RangeError("ciphertexts are released as values, from the highest level");
  const seeds = secrets.bytes(3 * SEED_BYTES);
  const how = { bits, floodBits, keep: level, ...places };
  const both = await of.ring(x.level).release(x.polynomials, publicKey, masks, seeds, how);
  const split = (both.length / (of.parameters.size + places.wanted)) * of.parameters.size;
  return { level, places, a: both.subarray(0, split), b: both.subarray(split) };
}
