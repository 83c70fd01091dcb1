/**
 * Worst-case noise, step by step, and how much flooding hides it. README.md has the derivation; tests compare with noise measured.
 *
 * Noise of a ciphertext is b + a·s - q·m/t over the integers, modulo q and centred: a bound is on its largest coefficient. All bounds
 * are exact integers, rounded up. N is the ring's size, errors are at most E = 21, secrets ternary.
 */
import { ERROR_MAX, product, type RlweParameters } from "./parameters.ts";

/** Of a job: all that is ever released of what somebody else computed is this far from independent of it. */
export const PRIVACY_BITS = 40;

const half = (x: bigint): bigint => (x + 1n) / 2n;
const quotient = (x: bigint, by: bigint): bigint => (x + by - 1n) / by;
const sizeOf = ({ size }: RlweParameters): bigint => BigInt(size);

/** Error E and rounding q·m/t to an integer, 1/2. */
export const freshNoise = (): bigint => ERROR_MAX + 1n;

/** A sum of products with plaintexts whose coefficients are at most `plainMax` in size, with N terms each. */
export const productNoise = (of: RlweParameters, noise: bigint, plainMax: bigint, terms: number): bigint =>
  BigInt(terms) * sizeOf(of) * plainMax * noise;

/**
 * One key switch at the highest level: each of L digits is at most p/2 and meets N errors, all divided by the special prime; what
 * rounding leaves is 1/2 in b and 1/2 in each of N coefficients of a, which meet the secret's.
 */
export function switchNoise(of: RlweParameters): bigint {
  const digits = of.primes.reduce((sum, p) => sum + half(p), 0n);
  return quotient(digits * sizeOf(of) * ERROR_MAX, of.special) + half(sizeOf(of) + 1n);
}

/** 2^depth ciphertexts merged to one: a key switch's noise doubles at each later depth. */
export const mergeNoise = (of: RlweParameters, noise: bigint, depth: number): bigint =>
  noise + ((1n << BigInt(depth)) - 1n) * switchNoise(of);

/** An encryption of zero with the public key, without the flooding: e·u + e1·s, and rounding the mask that is added. */
export const publicNoise = (of: RlweParameters): bigint => 2n * sizeOf(of) * ERROR_MAX + 1n;

/** From level `from` down to `to`: divided by the primes between, and at each of them rounded as in a key switch. */
export function switchedNoise(of: RlweParameters, noise: bigint, from: number, to: number): bigint {
  let left = noise;
  for (let level = from; level > to; level--) left = quotient(left, of.primes[level - 1]!) + half(sizeOf(of) + 1n);
  return left;
}

/** Whether numbers modulo 2^bits come out right: noise at most q/2^(bits + 2), half of what is needed. */
export const decrypts = (of: RlweParameters, noise: bigint, level: number, bits: number): boolean =>
  noise << BigInt(bits + 2) <= product(of.primes.slice(0, level));

/**
 * Least f for which noise uniform in -2^f..2^f hides noise up to `noise` in `coefficients` coefficients together: the distance
 * between such a uniform number and one that is x higher is |x|/2^(f+1), and distances add up, so
 * coefficients·noise/2^(f+1) <= 2^-40.
 */
export function floodBits(noise: bigint, coefficients: bigint): number {
  const needed = (noise * coefficients) << BigInt(PRIVACY_BITS);
  let bits = 0;
  while (1n << BigInt(bits + 1) < needed) bits++;
  return bits;
}
