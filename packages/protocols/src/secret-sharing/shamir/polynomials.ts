/**
 * Shamir, "How to Share a Secret", Communications of the ACM 22 (1979): a secret is f(0) of a random polynomial of degree t, the share of party j
 * is f(j), j from 1 on. Any t + 1 shares give f(0), t or fewer are uniform whatever it is.
 *
 * Over the integers modulo the order of ristretto255, a prime of 253 bits. Several secrets at once, each with a polynomial of its own. BigInt
 * arithmetic is not constant-time.
 */
import { bytesToBigint, type Secrets } from "@tombolo/base";
import { ristretto255 as group } from "@tombolo/crypto";

export const PARTIES_MAX = 255;
export const ORDER = group.order;

export interface Sharing {
  /** n: they have the indices 1 to n. */
  readonly parties: number;
  /** t: so many learn nothing, one more everything. */
  readonly threshold: number;
}

/** Of one party: f(index) of each secret. */
export interface Shares {
  readonly index: number;
  readonly values: readonly bigint[];
}

export const modulo = (value: bigint): bigint => ((value % ORDER) + ORDER) % ORDER;

export function checkSharing({ parties, threshold }: Sharing): void {
  const whole = Number.isInteger(parties) && Number.isInteger(threshold);
  if (!whole || threshold < 1 || threshold >= parties || parties > PARTIES_MAX)
    throw new RangeError(`a threshold from 1 to the parties less one, of at most ${PARTIES_MAX}`);
}

/** Coefficients of each secret, that of power 0 first. */
export type Polynomials = readonly (readonly bigint[])[];

export function randomPolynomials(
  secretValues: readonly bigint[],
  { threshold }: Sharing,
  secrets: Secrets,
): Polynomials {
  return secretValues.map((secret) => {
    // 64 bytes, so that what is modulo the order is uniform up to 2^-256.
    const random = Array.from({ length: threshold }, () => modulo(bytesToBigint(secrets.bytes(64))));
    return [modulo(secret), ...random];
  });
}

export function sharesOf(polynomials: Polynomials, index: number): Shares {
  const at = (coefficients: readonly bigint[]): bigint =>
    coefficients.reduceRight((sum, coefficient) => modulo(sum * BigInt(index) + coefficient), 0n);
  return { index, values: polynomials.map(at) };
}

/** From any t + 1 shares; more are not compared with one another. */
export function reconstruct(shares: readonly Shares[]): bigint[] {
  const indices = shares.map(({ index }) => index);
  if (shares.length === 0 || new Set(indices).size !== shares.length || indices.some((index) => index < 1))
    throw new RangeError("shares of different indices, from 1 on");
  const factors = indices.map((index) => weightAtZero(index, indices));
  return shares[0]!.values.map((_, i) =>
    shares.reduce((sum, { values }, k) => modulo(sum + values[i]! * factors[k]!), 0n),
  );
}

/** Lagrange: the product over the other indices m of m / (m - index). */
function weightAtZero(index: number, indices: readonly number[]): bigint {
  const others = indices.filter((other) => other !== index).map(BigInt);
  const over = others.reduce((product, other) => modulo(product * other), 1n);
  const under = others.reduce((product, other) => modulo(product * (other - BigInt(index))), 1n);
  return modulo(over * inverse(under));
}

/** Fermat: x^(q - 2). Indices are public. */
function inverse(value: bigint): bigint {
  let [result, base] = [1n, modulo(value)];
  for (let power = ORDER - 2n; power > 0n; power >>= 1n) {
    if (power & 1n) result = modulo(result * base);
    base = modulo(base * base);
  }
  return result;
}

/** Numbers of either sign, up to half of the order. */
export const signed = (value: bigint): bigint => (2n * value > ORDER ? value - ORDER : value);
