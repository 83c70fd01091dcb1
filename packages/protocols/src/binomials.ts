/** Binomial coefficients, exact and as bits, for counting what an attack on noise by blocks costs. */

export function choose(n: number, k: number): bigint {
  let out = 1n;
  for (let i = 0; i < k; i++) out = (out * BigInt(n - i)) / BigInt(i + 1);
  return out;
}

/** Stirling's series, exact enough from 1 on. */
export const log2Factorial = (n: number): number =>
  n < 2 ? 0 : (n * Math.log(n) - n + 0.5 * Math.log(2 * Math.PI * n) + 1 / (12 * n)) / Math.LN2;

export const log2Choose = (n: number, k: number): number =>
  k < 0 || k > n ? Number.NEGATIVE_INFINITY : log2Factorial(n) - log2Factorial(k) - log2Factorial(n - k);
