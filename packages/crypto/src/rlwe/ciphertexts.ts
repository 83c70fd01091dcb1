/**
 * Ciphertexts and what anybody can do with them. All but encryption and decryption is public and deterministic.
 *
 * A ciphertext is two polynomials (b, a) modulo q with b + a·s = q/t·m + e: the plaintext m, modulo t = 2^bits, scaled up, and
 * noise e (Brakerski, CRYPTO 2012; Fan, Vercauteren, eprint 2012/144). t appears in encoding and decoding only.
 */
import { discard } from "@tombolo/base";
import type { Rlwe } from "./ring.ts";

/** Several, one after the other. Values are what products need, coefficients what all else does. */
export interface Ciphertexts {
  readonly level: number;
  readonly form: "values" | "coefficients";
  /** b and a of the first, b and a of the second... */
  readonly polynomials: BigUint64Array;
}

/** Polynomials a belong to a seed: half the size. b is held as values. At the highest level. */
export interface SeededCiphertexts {
  readonly seed: Uint8Array;
  readonly b: BigUint64Array;
}

export const SEED_BYTES = 32;

export const countOf = (of: Rlwe, { level, polynomials }: Ciphertexts): number =>
  polynomials.length / (2 * of.words(level));

/** With `more`, numbers modulo 2^bits are added on the way, one for each coefficient. */
export async function expandSeeded(
  of: Rlwe,
  { seed, b }: SeededCiphertexts,
  more: { readonly values: BigUint64Array; readonly bits: number } = { values: new BigUint64Array(0), bits: 1 },
): Promise<Ciphertexts> {
  const level = of.parameters.primes.length;
  return { level, form: "values", polynomials: await of.ring(level).unseal(b, seed, more.values, more.bits) };
}

/** One of `first`, one of `second`, and so on; polynomials of `words` words. */
export function interleave(words: number, first: BigUint64Array, second: BigUint64Array): BigUint64Array {
  const out = new BigUint64Array(first.length + second.length);
  for (let at = 0; at < first.length; at += words) {
    out.set(first.subarray(at, at + words), 2 * at);
    out.set(second.subarray(at, at + words), 2 * at + words);
  }
  return out;
}

/** The first (0) or second (1) polynomial of each pair. */
export function half(words: number, pairs: BigUint64Array, which: 0 | 1): BigUint64Array {
  const out = new BigUint64Array(pairs.length / 2);
  for (let at = 0; at < out.length; at += words)
    out.set(pairs.subarray(2 * at + which * words, 2 * at + (which + 1) * words), at);
  return out;
}

/** As coefficients or values, whatever they were. */
export async function inForm(of: Rlwe, all: Ciphertexts, form: Ciphertexts["form"]): Promise<Ciphertexts> {
  if (all.form === form) return all;
  const ring = of.ring(all.level);
  const polynomials = await (form === "values" ? ring.forward(all.polynomials) : ring.inverse(all.polynomials));
  return { level: all.level, form, polynomials };
}

function requireAlike(x: Ciphertexts, y: Ciphertexts): void {
  if (x.level !== y.level || x.form !== y.form) throw new RangeError("ciphertexts are of one level and form");
}

export async function addCiphertexts(of: Rlwe, x: Ciphertexts, y: Ciphertexts): Promise<Ciphertexts> {
  requireAlike(x, y);
  return { ...x, polynomials: await of.ring(x.level).add(x.polynomials, y.polynomials) };
}

export async function subtractCiphertexts(of: Rlwe, x: Ciphertexts, y: Ciphertexts): Promise<Ciphertexts> {
  requireAlike(x, y);
  return { ...x, polynomials: await of.ring(x.level).subtract(x.polynomials, y.polynomials) };
}

/** Adds numbers modulo 2^bits, one a coefficient of each ciphertext. */
export async function addPlain(of: Rlwe, x: Ciphertexts, values: BigUint64Array, bits: number): Promise<Ciphertexts> {
  const ring = of.ring(x.level);
  const encoded = await ring.encode(values, bits);
  const b = x.form === "values" ? await ring.forward(encoded) : encoded;
  if (2 * b.length !== x.polynomials.length) throw new RangeError("one number for each coefficient");
  const pairs = interleave(of.words(x.level), b, new BigUint64Array(b.length));
  const sum = await addCiphertexts(of, x, { ...x, polynomials: pairs });
  discard(encoded, b, pairs);
  return sum;
}

/** Signed plaintext polynomials as `multiplyPlain` wants them. */
export async function liftPlain(of: Rlwe, level: number, values: BigUint64Array): Promise<BigUint64Array> {
  const ring = of.ring(level);
  const lifted = await ring.lift(values);
  const plain = await ring.forward(lifted);
  discard(lifted);
  return plain;
}

/**
 * A matrix of plaintexts, rows × terms, times a matrix of ciphertexts, terms × width, in values: rows × width ciphertexts. Plaintexts
 * come row after row, or, where they are `turned`, column after column. Noise grows by the plaintexts' size (`noise.ts`).
 */
export async function multiplyPlain(
  of: Rlwe,
  plain: BigUint64Array,
  x: Ciphertexts,
  terms: number,
  turned = false,
): Promise<Ciphertexts> {
  if (x.form !== "values" || countOf(of, x) % terms !== 0) throw new RangeError("products take values, whole rows");
  const width = (2 * countOf(of, x)) / terms;
  return { ...x, polynomials: await of.ring(x.level).products(plain, x.polynomials, terms, width, turned) };
}

/** Times X^by; coefficients. */
export async function shiftCiphertexts(of: Rlwe, x: Ciphertexts, by: number): Promise<Ciphertexts> {
  requireCoefficients(x);
  const turn = 2 * of.parameters.size;
  return { ...x, polynomials: await of.ring(x.level).shift(x.polynomials, ((by % turn) + turn) % turn) };
}

/** To a smaller modulus: the same plaintexts, q and noise smaller by the dropped primes. Coefficients. */
export async function switchModulus(of: Rlwe, x: Ciphertexts, level: number): Promise<Ciphertexts> {
  requireCoefficients(x);
  let { polynomials } = x;
  for (let from = x.level; from > level; from--) polynomials = await of.ring(from).dropLast(polynomials);
  return { ...x, level: Math.min(level, x.level), polynomials };
}

export function requireCoefficients(x: Ciphertexts): void {
  if (x.form !== "coefficients") throw new RangeError("this works on coefficients");
}

/** Ciphertexts `from` to `to` of a list, without a copy. */
export function someOf(of: Rlwe, x: Ciphertexts, from: number, to: number): Ciphertexts {
  const words = 2 * of.words(x.level);
  return { ...x, polynomials: x.polynomials.subarray(from * words, to * words) };
}
