/**
 * Exact sampling from discrete Laplace and discrete Gaussian distributions.
 *
 * Paper: Canonne, Kamath, Steinke (NeurIPS 2020), algorithm numbers below. Fractions are pairs of integers.
 */
import { bytesToBigint, type Secrets } from "@tombolo/base";

/** numerator / denominator, denominator above zero. */
export interface Fraction {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

/** P(x) proportional to exp(-|x| / scale). Algorithm 2. */
export function discreteLaplace({ numerator: t, denominator: s }: Fraction, secrets: Secrets): bigint {
  for (;;) {
    const u = below(t, secrets);
    if (!bernoulliExp(u, t, secrets)) continue;
    let v = 0n;
    while (bernoulliExp(1n, 1n, secrets)) v++;
    const y = (u + t * v) / s;
    const negative = below(2n, secrets) === 1n;
    if (negative && y === 0n) continue; // zero would come twice as often
    return negative ? -y : y;
  }
}

/** P(x) proportional to exp(-x^2 / (2·variance)). Algorithm 3. */
export function discreteGaussian(variance: Fraction, secrets: Secrets): bigint {
  const { numerator: n, denominator: d } = variance;
  const t = squareRoot(n / d) + 1n;
  for (;;) {
    const y = discreteLaplace({ numerator: t, denominator: 1n }, secrets);
    // (|y| - variance/t)^2 / (2·variance) = (|y|·t·d - n)^2 / (2·n·d·t^2)
    const distance = (y < 0n ? -y : y) * t * d - n;
    if (bernoulliExp(distance * distance, 2n * n * d * t * t, secrets)) return y;
  }
}

/** True with probability exp(-numerator / denominator). Algorithm 1. */
function bernoulliExp(numerator: bigint, denominator: bigint, secrets: Secrets): boolean {
  for (let whole = numerator / denominator; whole > 0n; whole--)
    if (!bernoulliExpBelowOne(1n, 1n, secrets)) return false;
  return bernoulliExpBelowOne(numerator % denominator, denominator, secrets);
}

/** The same for a fraction of at most one: the number of successes before the first failure is even. */
function bernoulliExpBelowOne(numerator: bigint, denominator: bigint, secrets: Secrets): boolean {
  let k = 1n;
  while (below(denominator * k, secrets) < numerator) k++;
  return k % 2n === 1n;
}

/** Uniform in [0, bound), by rejection. */
function below(bound: bigint, secrets: Secrets): bigint {
  const bits = (bound - 1n).toString(2).length;
  const spare = BigInt((8 - (bits % 8)) % 8);
  for (;;) {
    const value = bytesToBigint(secrets.bytes(Math.ceil(bits / 8))) >> spare;
    if (value < bound) return value;
  }
}

/** Rounded down. */
function squareRoot(value: bigint): bigint {
  if (value < 2n) return value;
  let root = 1n << BigInt(Math.ceil(value.toString(2).length / 2));
  for (;;) {
    const next = (root + value / root) / 2n;
    if (next >= root) return root;
    root = next;
  }
}
