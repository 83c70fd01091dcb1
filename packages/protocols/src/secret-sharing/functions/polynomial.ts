/**
 * Polynomials in a shared variable, and the public ones that come near a function: interpolation at Chebyshev nodes, whose
 * error on an interval of width h at degree n is at most 2·(h/4)^(n+1)/(n+1)! times the largest (n+1)-th derivative.
 */
import type { Backend, Words } from "../backend.ts";

/** Coefficients, lowest first, in t = x - middle of the interval. */
export function chebyshevFit(f: (x: number) => number, from: number, to: number, degree: number): number[] {
  const [middle, half, count] = [(from + to) / 2, (to - from) / 2, degree + 1];
  const angles = Array.from({ length: count }, (_, k) => (Math.PI * (k + 0.5)) / count);
  const weights = Array.from({ length: count }, (_, j) => {
    const sum = angles.reduce((all, angle) => all + f(middle + half * Math.cos(angle)) * Math.cos(j * angle), 0);
    return ((j === 0 ? 1 : 2) * sum) / count;
  });
  // Chebyshev polynomials as powers: T_(j+1) = 2·s·T_j - T_(j-1).
  let [before, current] = [[1], [0, 1]];
  const powers = new Array<number>(count).fill(0);
  const addTimes = (polynomial: readonly number[], weight: number): void =>
    polynomial.forEach((coefficient, i) => {
      powers[i]! += weight * coefficient;
    });
  addTimes(before, weights[0]!);
  for (let j = 1; j < count; j++) {
    addTimes(current, weights[j]!);
    const next = [0, ...current.map((coefficient) => 2 * coefficient)].map((value, i) => value - (before[i] ?? 0));
    [before, current] = [current, next];
  }
  return powers.map((coefficient, i) => coefficient / half ** i);
}

/** With `bits` fraction bits. */
export const encode = (value: number, bits: number): bigint => BigInt(Math.round(value * 2 ** bits));

/** Horner's rule; t and the result have `bits` fraction bits, all values on the way must stay below 2^(61 - 2·bits). */
export async function polynomial(
  backend: Backend,
  t: Words,
  coefficients: readonly number[],
  bits: number,
): Promise<Words> {
  const highest = encode(coefficients.at(-1)!, bits);
  let sum = backend.publicWords(new BigUint64Array(t.length).fill(BigInt.asUintN(64, highest)));
  for (const [step, coefficient] of coefficients.slice(0, -1).reverse().entries()) {
    const product = step === 0 ? backend.scale(t, highest) : await backend.multiply(sum, t);
    sum = backend.addPublic(await backend.shift(product, bits, "near"), encode(coefficient, bits));
  }
  return sum;
}

/** The same with coefficients of each element's own, which are shared too. */
export async function sharedPolynomial(
  backend: Backend,
  t: Words,
  coefficients: readonly Words[],
  bits: number,
): Promise<Words> {
  let sum = coefficients.at(-1)!;
  for (const coefficient of coefficients.slice(0, -1).reverse())
    sum = backend.add(await backend.shift(await backend.multiply(sum, t), bits, "near"), coefficient);
  return sum;
}
