/**
 * Cost of the known attacks on the noise of VOLE, in bits, for every size: run by a test, stated in README.md.
 *
 * Distance of the code. An attacker's test is a row vector v; it sees noise unless none of it falls where v·B·C is not zero:
 * for regular noise with probability at most (1 - weight/N)^t (Boyle, Couteau, Gilboa, Ishai, Kohl, Scholl, FOCS 2020).
 * v of weight w feeds 7w inputs to the convolution (run backwards); a state that is alive dies only if its 24 elements
 * become zero. Over GF(q), q = 2^128, that takes one equation in the w free coefficients of v, and 23 random bits that
 * no coefficient can buy. So words of weight at most d·N with D such ends exist with probability at most
 *   C(n, w)·C(7w, D)·2^(-23·D)·min(1, q^(w-1-D))·P[Binomial(7w, d) >= 7w - D]·(7^(7w)·(w!)^7 / (7w)!),
 * the last factor for one input in each region instead of anywhere. Where D <= 2 regions alone keep the weight above
 * 1 - (2D + 1)/7. It is a first-moment bound in the model of the paper, which treats inputs as uniform in their region. The
 * probability is over the code, which is drawn anew in each run; whoever is so lucky still has to find the word.
 */
import { choose, log2Choose, log2Factorial } from "../binomials.ts";
import { parametersOf } from "./parameters.ts";

const REGIONS = 7;
const FIELD_BITS = 128;
/** Random bits that must all be zero at an end: the window without the element that the multiplier reaches. */
const END_BITS = 23;
/** A word of less weight exists with at most this probability. */
const DISTANCE_BITS = 40;
export const SECURITY_BITS = 128;

export interface Attack {
  readonly name: string;
  readonly source: string;
  readonly bits: number;
}

export function attacksOn(count: number): Attack[] {
  const { trees, depth } = parametersOf(count, "malicious");
  const length = trees * 2 ** depth;
  return [
    {
      name: "linear test with words of least weight",
      source: "Boyle et al., FOCS 2020; Raghuraman, Rindal, Tanguy, CRYPTO 2023",
      bits: -trees * Math.log2(1 - relativeDistance(count)),
    },
    {
      name: "pooled Gauss on regular noise",
      source: "Esser, Santini 2023; Carozza, Couteau, Joux 2023; Liu, Wang, Yang, Yu, EUROCRYPT 2024",
      bits: gaussBits(count, trees, length),
    },
    {
      name: "algebraic, with guessing",
      source: "Briaud, Oygarden, EUROCRYPT 2023",
      bits: algebraicBits(count, trees, 2 ** depth),
    },
  ];
}

/** Places free of noise for all of the N - n unknowns: each block's share is right with probability n/N. */
function gaussBits(count: number, trees: number, length: number): number {
  return trees * Math.log2(length / count) + 2 * Math.log2(length - count);
}

/** The largest d at which the bound above stays below 2^-40, in steps of 0.005. */
export function relativeDistance(count: number): number {
  let distance = 0;
  for (let d = 0.005; d < 1 - 5 / REGIONS && wordsBits(count, d) < -DISTANCE_BITS; d += 0.005) distance = d;
  return distance;
}

/** log2 of the bound, the largest of all w and D. */
function wordsBits(count: number, d: number): number {
  let most = Number.NEGATIVE_INFINITY;
  for (let w = 4; w <= count; w = Math.max(w + 1, Math.floor(w * 1.15)))
    for (let ends = 3; ends < REGIONS * w; ends = Math.max(ends + 1, Math.floor(ends * 1.1))) {
      const inputs = REGIONS * w;
      const chosen =
        log2Choose(count, w) + log2Choose(inputs, ends) - END_BITS * ends + FIELD_BITS * Math.min(0, w - 1 - ends);
      if (chosen < most - 10 * inputs) break;
      most = Math.max(most, chosen + log2Tail(inputs, d, inputs - ends) + regionsBits(w));
    }
  return most;
}

/** log2 of 7^(7w)·(w!)^7 / (7w)!: what one input per region and row makes likelier at most. */
const regionsBits = (w: number): number =>
  REGIONS * w * Math.log2(REGIONS) + REGIONS * log2Factorial(w) - log2Factorial(REGIONS * w);

/** log2 of P[Binomial(m, d) >= k], by Chernoff where it is rare, else 0. */
function log2Tail(m: number, d: number, k: number): number {
  const share = k / m;
  if (share <= d) return 0;
  const rest = share < 1 ? (1 - share) * Math.log2((1 - share) / (1 - d)) : 0;
  return -m * (share * Math.log2(share / d) + rest);
}

/**
 * Products of two elements of one block vanish, n equations are linear: over a large field the Hilbert series is
 * (1 - z)^(n - t)·(1 + (B - 1)·z)^t, and a solution needs the degree of its first coefficient that is not positive. The
 * matrix there has at least C(t, d)·(B - 1)^d columns. Guessing places free of noise shortens all blocks first.
 */
function algebraicBits(count: number, trees: number, block: number): number {
  let least = Number.POSITIVE_INFINITY;
  for (let guessed = 0; guessed < block; guessed += Math.max(1, Math.floor(block / 16))) {
    const guess = -trees * Math.log2(1 - guessed / block);
    if (guess > least) break;
    least = Math.min(least, guess + solvingBits(count, trees, block - guessed));
  }
  return least;
}

/** Stops at a degree that is costly enough, so the result is a lower bound. */
function solvingBits(count: number, trees: number, block: number): number {
  for (let degree = 1; ; degree++) {
    const columns = log2Choose(trees, degree) + degree * Math.log2(Math.max(1, block - 1));
    if (2 * columns > 2 * SECURITY_BITS || seriesCoefficient(count - trees, trees, block, degree) <= 0n)
      return 2 * columns;
  }
}

function seriesCoefficient(linear: number, trees: number, block: number, degree: number): bigint {
  let sum = 0n;
  for (let j = 0; j <= degree; j++) {
    const term = choose(trees, j) * BigInt(block - 1) ** BigInt(j) * choose(linear, degree - j);
    sum += (degree - j) % 2 === 0 ? term : -term;
  }
  return sum;
}

/** Sizes that cover all of them: the bounds change slowly between. */
export const SAMPLE_COUNTS: readonly number[] = [
  769,
  1000,
  1920,
  4096,
  20_000,
  2 ** 15,
  2 ** 17,
  2 ** 18,
  2 ** 20,
  1_363_149,
  2 ** 21,
  2 ** 22,
  2 ** 23,
];
