/** Primes of rings with their roots of unity, and the negacyclic transform (Longa, Naehrig, CANS 2016). */
import { bitLength, requireRange } from "../checks.ts";

const PRIME_BITS = [17, 50] as const;

export interface Prime {
  readonly p: bigint;
  readonly bits: number;
  /** psi to the power brv(i). */
  readonly roots: readonly bigint[];
  readonly inverseRoots: readonly bigint[];
}

export const mod = (x: bigint, p: bigint): bigint => ((x % p) + p) % p;

export function prime(p: bigint, size: number): Prime {
  const bits = bitLength(p);
  requireRange(bits >= PRIME_BITS[0] && bits <= PRIME_BITS[1], "a prime has 17 to 50 bits");
  requireRange(p % BigInt(2 * size) === 1n && isPrime(p), "a prime is 1 modulo twice the size");
  const psi = root(p, BigInt(size));
  return { p, bits, roots: powers(psi, p, size), inverseRoots: powers(power(psi, p - 2n, p), p, size) };
}

function root(p: bigint, size: bigint): bigint {
  for (let x = 2n; ; x++) {
    const psi = power(x, (p - 1n) / (2n * size), p);
    if (power(psi, size, p) === p - 1n) return psi;
  }
}

function powers(psi: bigint, p: bigint, size: number): bigint[] {
  const out = new Array<bigint>(size);
  for (let i = 0, x = 1n; i < size; i++, x = (x * psi) % p) out[reversed(i, size)] = x;
  return out;
}

function reversed(i: number, size: number): number {
  let out = 0;
  for (let bit = 1; bit < size; bit *= 2) out = 2 * out + (i & bit ? 1 : 0);
  return out;
}

export function forward(row: readonly bigint[], { p, roots }: Prime): bigint[] {
  const x = [...row];
  for (let m = 1, half = x.length / 2; m < x.length; m *= 2, half /= 2)
    for (let i = 0; i < m; i++)
      for (let j = 2 * half * i; j < 2 * half * i + half; j++) {
        const product = (x[j + half]! * roots[m + i]!) % p;
        [x[j], x[j + half]] = [(x[j]! + product) % p, mod(x[j]! - product, p)];
      }
  return x;
}

export function inverse(row: readonly bigint[], { p, inverseRoots }: Prime): bigint[] {
  const x = [...row];
  for (let m = x.length / 2, half = 1; m >= 1; m /= 2, half *= 2)
    for (let i = 0; i < m; i++)
      for (let j = 2 * half * i; j < 2 * half * i + half; j++)
        [x[j], x[j + half]] = [(x[j]! + x[j + half]!) % p, mod((x[j]! - x[j + half]!) * inverseRoots[m + i]!, p)];
  const shrink = power(BigInt(x.length), p - 2n, p);
  return x.map((value) => (value * shrink) % p);
}

export function power(base: bigint, exponent: bigint, p: bigint): bigint {
  let [out, square] = [1n, base % p];
  for (let left = exponent; left > 0n; left >>= 1n) {
    if (left & 1n) out = (out * square) % p;
    square = (square * square) % p;
  }
  return out;
}

/** Miller-Rabin with bases that decide all numbers of 64 bits. */
function isPrime(p: bigint): boolean {
  const [bases, twos] = [[2n, 3n, 5n, 7n, 11n, 13n, 17n, 19n, 23n, 29n, 31n, 37n], twosIn(p - 1n)];
  return bases.every((base) => {
    let x = power(base, (p - 1n) >> twos, p);
    if (x === 1n) return true;
    for (let i = 0n; i < twos; i++, x = (x * x) % p) if (x === p - 1n) return true;
    return false;
  });
}

function twosIn(x: bigint): bigint {
  let twos = 0n;
  while (((x >> twos) & 1n) === 0n) twos++;
  return twos;
}
