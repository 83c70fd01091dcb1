/**
 * A smooth function of one variable, from one polynomial for each interval.
 *
 * Which interval a value is in is a bit for each knot, "not below it", all compared at once. The bits as words pick
 * coefficients and middle: each is a sum of public differences times bits. Above the last edge the function is what it is
 * there. Costs a comparison and a transfer for each knot, and a product for each degree.
 */
import type { Backend, BitRange, Words } from "../backend.ts";
import { chebyshevFit, encode, sharedPolynomial } from "./polynomial.ts";

export interface Pieces {
  /** Where the second interval begins, and so on; above the last the function is constant. */
  readonly knots: readonly number[];
  /** One for each interval and one above: coefficients in t = x - middle. */
  readonly coefficients: readonly (readonly number[])[];
  readonly middles: readonly number[];
}

export function piecesOf(f: (x: number) => number, edges: readonly number[], degree: number): Pieces {
  const intervals = edges.slice(1).map((to, i) => ({ from: edges[i]!, to }));
  const last = edges.at(-1)!;
  return {
    knots: edges.slice(1),
    coefficients: [
      ...intervals.map(({ from, to }) => chebyshevFit(f, from, to, degree)),
      [f(last), ...new Array<number>(degree).fill(0)],
    ],
    middles: [...intervals.map(({ from, to }) => (from + to) / 2), last],
  };
}

/**
 * Comparisons with knots leave out what is below 2^-8: up to that far above a knot the polynomial below it may serve, which on
 * intervals of length 1 is off by at most 1.3 times as much as within (the growth of Chebyshev polynomials of degree six).
 */
const KNOT_BITS = 8;

export const knotRange = (fraction: number, width: number): BitRange => ({
  width,
  dropped: Math.max(0, Math.min(fraction - KNOT_BITS, width - 2)),
});

interface Numerals {
  /** Fraction bits of x. */
  readonly fraction: number;
  /** Bits, with the sign, of x less a knot. */
  readonly width: number;
  /** Fraction bits of the result, at least as many. */
  readonly bits: number;
}

/** Of x not below the first edge. */
export async function piecewise(
  backend: Backend,
  x: Words,
  { knots, coefficients, middles }: Pieces,
  { fraction, width, bits }: Numerals,
): Promise<Words> {
  const count = x.length;
  const at = (knot: number): Uint32Array => Uint32Array.from({ length: count }, (_, i) => knot * count + i);
  const distances = knots.map((knot) => backend.addPublic(x, -encode(knot, fraction)));
  const below = await backend.negative(backend.join(distances), knotRange(fraction, width));
  const reached = await backend.toWords(backend.not(below));
  const steps = knots.map((_, knot) => backend.pick(reached, at(knot)));
  /** The value of the interval that x is in. */
  const chosen = (values: readonly bigint[]): Words =>
    steps.reduce(
      (sum, step, i) => backend.add(sum, backend.scale(step, values[i + 1]! - values[i]!)),
      backend.publicWords(new BigUint64Array(count).fill(BigInt.asUintN(64, values[0]!))),
    );
  const middle = chosen(middles.map((value) => encode(value, fraction)));
  const t = backend.scale(backend.subtract(x, middle), 2n ** BigInt(bits - fraction));
  // Above the last edge t may be large, and its powers would leave the range.
  const inside = await backend.inject(backend.pickBits(below, at(knots.length - 1)), t);
  const degree = coefficients[0]!.length - 1;
  const own = Array.from({ length: degree + 1 }, (_, power) =>
    chosen(coefficients.map((each) => encode(each[power]!, bits))),
  );
  return sharedPolynomial(backend, inside, own, bits);
}
