/**
 * Automorphisms, and packing: many ciphertexts with few wanted coefficients each to one with many.
 *
 * Chen, Dai, Kim, Song, "Efficient homomorphic conversion between (ring) LWE ciphertexts", ACNS 2021, in the form of Lu et al.,
 * "BumbleBee", NDSS 2025 (section 3: interleaving): wanted are the multiples of `period`, whatever else is elsewhere. Of two
 * ciphertexts x and y, with z = X^(period/2)·y and the automorphism g: X -> X^(2N/period + 1), which keeps X^period
 * and turns X^(period/2) around,
 *   (x + z) + g(x - z)
 * has at the multiples of period/2 twice theirs, by turns. So 2^depth of them take 2^depth - 1 automorphisms. The doubling is taken back
 * beforehand by 2^-depth modulo q, which noise at wanted places survives: there it is doubled as the plaintext is.
 *
 * **Other places must never be released**, masked or not. What is there is not doubled as often, so it stays a multiple of
 * (q/t)·2^-depth: its lowest bits are between the multiples of q/t that masks are, and far above what floods them. They tell about
 * numbers that were merged. Release wanted places alone, by `releaseCiphertexts`, of which none may be one of the others.
 */
import { discard } from "@tombolo/base";
import {
  addCiphertexts,
  type Ciphertexts,
  countOf,
  half,
  interleave,
  requireCoefficients,
  someOf,
} from "./ciphertexts.ts";
import type { GaloisKey } from "./keys.ts";
import type { Rlwe } from "./ring.ts";

/** A switching key in full, kept by who uses it. */
export interface ExpandedGaloisKey {
  readonly exponent: number;
  readonly polynomials: BigUint64Array;
}

export async function expandGaloisKey(of: Rlwe, { exponent, seed, b }: GaloisKey): Promise<ExpandedGaloisKey> {
  const { primes, size } = of.parameters;
  const a = await of.extended(primes.length).uniform(seed, primes.length);
  return { exponent, polynomials: interleave(size * (primes.length + 1), b, a) };
}

/** X -> X^exponent of plaintexts. Coefficients at the highest level. */
export async function applyAutomorphism(of: Rlwe, x: Ciphertexts, key: ExpandedGaloisKey): Promise<Ciphertexts> {
  requireCoefficients(x);
  const level = of.parameters.primes.length;
  if (x.level !== level) throw new RangeError("keys are switched at the highest level");
  const words = of.words(level);
  const turned = await of.ring(level).automorphism(x.polynomials, key.exponent);
  const switched = await of.extended(level).switchKey(half(words, turned, 1), key.polynomials);
  const b = half(words, turned, 0);
  const alone = { ...x, polynomials: interleave(words, b, new BigUint64Array(b.length)) };
  return addCiphertexts(of, alone, { ...x, polynomials: switched });
}

/** The automorphisms of `mergeCiphertexts`, in the order of use. */
export const mergeExponents = (size: number, period: number, depth: number): number[] =>
  Array.from({ length: depth }, (_, i) => (2 * size * 2 ** i) / period + 1);

/**
 * 2^depth ciphertexts to one, any number of groups of them: coefficient k·period of ciphertext i goes to k·period plus
 * period/2 times the bits of i, the lowest first: `mergedPlace`. Other places
 * are not masked by whatever is added, and must never be released: see above.
 */
export async function mergeCiphertexts(
  of: Rlwe,
  x: Ciphertexts,
  period: number,
  depth: number,
  keys: readonly ExpandedGaloisKey[],
): Promise<Ciphertexts> {
  requireCoefficients(x);
  const { size, primes } = of.parameters;
  if (x.level !== primes.length) throw new RangeError("keys are switched at the highest level");
  const count = countOf(of, x);
  if (count % 2 ** depth !== 0 || period % 2 ** depth !== 0) throw new RangeError("whole groups, within the period");
  const inverses = BigUint64Array.from(primes, (p) => power((p + 1n) / 2n, depth, p));
  let left: Ciphertexts = { ...x, polynomials: await of.ring(x.level).scale(x.polynomials, inverses) };
  for (const [i, exponent] of mergeExponents(size, period, depth).entries()) {
    const key = keys.find((one) => one.exponent === exponent);
    if (key === undefined) throw new RangeError(`no key for the automorphism ${exponent}`);
    const offset = period / 2 ** (i + 1);
    const polynomials = await of.extended(x.level).merge(left.polynomials, offset, exponent, key.polynomials);
    discard(left.polynomials);
    left = { ...left, polynomials };
  }
  return left;
}

/** Where coefficient `k`·period of ciphertext `i` of a group is after merging. */
export function mergedPlace(period: number, depth: number, i: number, k: number): number {
  let place = k * period;
  for (let bit = 0; bit < depth; bit++) if ((i >> bit) & 1) place += period / 2 ** (bit + 1);
  return place;
}

/** One coefficient of a ciphertext as learning with errors without a ring: b + <a, secret's coefficients>. */
export interface LweCiphertext {
  readonly level: number;
  /** One residue for each prime. */
  readonly b: BigUint64Array;
  /** A row for each prime. */
  readonly a: BigUint64Array;
}

/** Coefficient `at` of ciphertext `index`. */
export function extractLwe(of: Rlwe, x: Ciphertexts, index: number, at: number): LweCiphertext {
  requireCoefficients(x);
  const { size, primes } = of.parameters;
  const words = of.words(x.level);
  const { polynomials } = someOf(of, x, index, index + 1);
  const [b, a] = [new BigUint64Array(x.level), new BigUint64Array(words)];
  for (let k = 0; k < x.level; k++) {
    const p = primes[k]!;
    b[k] = polynomials[k * size + at]!;
    for (let j = 0; j < size; j++) {
      const source = polynomials[words + k * size + ((at - j + size) % size)]!;
      a[k * size + j] = j <= at ? source : (p - source) % p;
    }
  }
  return { level: x.level, b, a };
}

/** Back into the ring: the constant coefficient is the number, the others are not to be released. */
export function embedLwe(of: Rlwe, all: readonly LweCiphertext[]): Ciphertexts {
  const level = all[0]?.level ?? of.parameters.primes.length;
  const { size, primes } = of.parameters;
  const words = of.words(level);
  const polynomials = new BigUint64Array(2 * words * all.length);
  all.forEach((one, index) => {
    if (one.level !== level) throw new RangeError("ciphertexts are of one level");
    const out = polynomials.subarray(2 * words * index, 2 * words * (index + 1));
    for (let k = 0; k < level; k++) {
      out[k * size] = one.b[k]!;
      for (let j = 0; j < size; j++) {
        const source = one.a[k * size + ((size - j) % size)]!;
        out[words + k * size + j] = j === 0 ? source : (primes[k]! - source) % primes[k]!;
      }
    }
  });
  return { level, form: "coefficients", polynomials };
}

/**
 * 2^depth extracted numbers to one ciphertext: number i at `mergedPlace(size, depth, i, 0)`. Other coefficients
 * tell about where the numbers came from, masks do not hide it, and they must never be released: see above.
 */
export const packLwe = (
  of: Rlwe,
  all: readonly LweCiphertext[],
  depth: number,
  keys: readonly ExpandedGaloisKey[],
): Promise<Ciphertexts> => mergeCiphertexts(of, embedLwe(of, all), of.parameters.size, depth, keys);

function power(base: bigint, exponent: number, p: bigint): bigint {
  let out = 1n;
  for (let i = 0; i < exponent; i++) out = (out * base) % p;
  return out;
}
