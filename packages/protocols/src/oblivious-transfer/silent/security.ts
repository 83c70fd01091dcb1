/**
 * Cost of the known attacks on the noise of silent transfers, in bits, for every batch: run by a test, stated in README.md.
 *
 * Linear tests. For a row vector v the bit v·B·C·e is biased by the product over blocks of |1 - 2·w_i/B|, w_i the weight of
 * v·B·C in block i: at most (1 - 2d)^t if the smaller of w_i and B - w_i are together at least d·N (Boyle et al., FOCS 2020;
 * B - w_i since each block is known to have one 1).
 *
 * Distance. v of weight w feeds 7w inputs to the convolution (run backwards). While any of the last sixteen groups is not
 * zero each next element is a uniform bit; a state ends where all 64 elements of sixteen groups are zero, at a given place
 * with probability 2^-64. Words of weight w with D ends, alive on a share `a` of the places, exist with probability at most
 *   C(n, w)·C(7w, D)·(1 + 7w - D)·C(a·N/4 + D, D)·2^(-64·D)·a^(7w - D)·(7^(7w)·(w!)^7 / (7w)!)
 * (which inputs begin a state; whether the last one lasts; how long each lasts; all other inputs fall where it is alive; the last
 * factor for one input in each region instead of anywhere), times 2^(a·t - a·N·(1 - H(d/a))) for so little weight there. With
 * D <= 2 regions keep a at 1 - (2D + 1)/7 at least, with none at 6/7. A first-moment bound in the model of Raghuraman, Rindal,
 * Tanguy (CRYPTO 2023), which treats inputs as uniform in their region; unlike theirs and that of usual implementations,
 * which estimate distances of up to 0.2 from small codes, it does not exceed what random codes have, 0.11. The probability is over
 * the code, which is drawn anew in each batch; whoever is so lucky still has to find the word.
 */
import { choose, log2Choose, log2Factorial } from "../../binomials.ts";
import { LENGTH_RATIO, NOISE, transfersOf } from "./parameters.ts";

const REGIONS = 7;
const END_BITS = 64;
const GROUP = 4;
/** A word of less weight exists with at most this probability. */
const DISTANCE_BITS = 40;
export const SECURITY_BITS = 128;

export interface Attack {
  readonly name: string;
  readonly source: string;
  readonly bits: number;
}

export function attacksOn(depth: number): Attack[] {
  const block = 2 ** depth;
  return [
    {
      name: "linear test with words of least weight",
      source: "Boyle et al., FOCS 2020; Raghuraman, Rindal, Tanguy, CRYPTO 2023",
      bits: -NOISE * Math.log2(1 - 2 * relativeDistance(depth)),
    },
    {
      // Places free of noise for all of the N - n unknowns: each block's share is right with probability n/N. Better
      // decoders of regular noise search what Gauss guesses: at best the square root of it.
      name: "regular decoding, were it the square root of pooled Gauss",
      source: "Esser, Santini, CRYPTO 2024; Carozza, Couteau, Joux, EUROCRYPT 2023; Liu et al., EUROCRYPT 2024",
      bits: (NOISE * Math.log2(LENGTH_RATIO)) / 2,
    },
    {
      name: "algebraic, with guessing",
      source: "Briaud, Oygarden, EUROCRYPT 2023",
      bits: algebraicBits(transfersOf(depth), block),
    },
  ];
}

/** The largest d at which the bound above stays below 2^-40, in steps of 0.005. */
export function relativeDistance(depth: number): number {
  let distance = 0;
  for (let d = 0.005; d < 0.5 && wordsBits(depth, d) < -DISTANCE_BITS; d += 0.005) distance = d;
  return distance;
}

/** log2 of the bound, the largest of all w, D and a. */
function wordsBits(depth: number, d: number): number {
  const count = transfersOf(depth);
  let most = Number.NEGATIVE_INFINITY;
  for (let w = 1; w <= count; w = Math.max(w + 1, Math.floor(w * 1.2))) {
    most = Math.max(most, lastingBits(depth, d, w));
    const inputs = REGIONS * w;
    for (let ends = 1; ends <= inputs; ends = Math.max(ends + 1, Math.floor(ends * 1.1))) {
      const chosen =
        log2Choose(count, w) +
        log2Choose(inputs, ends) +
        Math.log2(1 + inputs - ends) -
        END_BITS * ends +
        regionsBits(w);
      if (chosen + log2Choose(placesOf(depth, 1) + ends, ends) < most) continue;
      most = Math.max(most, chosen + sharesBits(depth, d, inputs, ends));
    }
  }
  return most;
}

const STEPS = 40;

/** The largest over the share that is alive. */
function sharesBits(depth: number, d: number, inputs: number, ends: number): number {
  let most = Number.NEGATIVE_INFINITY;
  for (let step = 1; step <= STEPS; step++) {
    const share = step / STEPS;
    if (share < 1 - (2 * ends + 1) / REGIONS) continue;
    const lengths = log2Choose(placesOf(depth, share) + ends, ends);
    const weight = lightBits(depth, d, (step - 1) / STEPS);
    most = Math.max(most, lengths + (inputs - ends) * Math.log2(share) + weight);
  }
  return most;
}

/** A state that never ends is alive from the first input on, which lies in the last region: the fewer inputs, the later. */
function lastingBits(depth: number, d: number, w: number): number {
  let most = Number.NEGATIVE_INFINITY;
  for (let step = 1; step <= STEPS; step++) {
    const share = 1 - (1 - (step - 1) / STEPS) / REGIONS;
    const inputs = w * Math.log2(step / STEPS);
    most = Math.max(most, log2Choose(transfersOf(depth), w) + inputs + lightBits(depth, d, share));
  }
  return most;
}

const lengthOf = (depth: number): number => NOISE * 2 ** depth;

const placesOf = (depth: number, share: number): number => Math.floor((share * lengthOf(depth)) / GROUP);

/** log2 of the chance that uniform bits on this share of the places, block by block or their complement, have weight d·N. */
function lightBits(depth: number, d: number, share: number): number {
  const alive = Math.max(share, d);
  if (d / alive >= 0.5) return 0;
  return Math.min(0, alive * (NOISE - lengthOf(depth) * (1 - entropy(d / alive))));
}

const entropy = (p: number): number => -p * Math.log2(p) - (1 - p) * Math.log2(1 - p);

/** log2 of 7^(7w)·(w!)^7 / (7w)!: what one input per region and row makes likelier at most. */
const regionsBits = (w: number): number =>
  REGIONS * w * Math.log2(REGIONS) + REGIONS * log2Factorial(w) - log2Factorial(REGIONS * w);

/**
 * Over bits a block's elements have products and squares of no use at the top degree and a known sum: its series is 1 + (B - 1)·z;
 * each of n linear equations divides by 1 + z. A solution needs the degree of the first coefficient of
 * (1 + (B - 1)·z)^t / (1 + z)^n that is not positive. Guessing places free of noise shortens all blocks first.
 */
function algebraicBits(count: number, block: number): number {
  let least = Number.POSITIVE_INFINITY;
  for (let guessed = 0; guessed < block; guessed += Math.max(1, Math.floor(block / 16))) {
    const guess = -NOISE * Math.log2(1 - guessed / block);
    if (guess > least) break;
    least = Math.min(least, guess + solvingBits(count, block - guessed));
  }
  return least;
}

/** Stops at a degree that is costly enough, so the result is a lower bound. */
function solvingBits(count: number, block: number): number {
  for (let degree = 1; ; degree++) {
    const columns = log2Choose(NOISE, degree) + degree * Math.log2(Math.max(1, block - 1));
    if (columns > SECURITY_BITS || seriesCoefficient(count, block, degree) <= 0n) return 2 * columns;
  }
}

/** 1 / (1 + z)^n has the coefficients (-1)^k·C(n + k - 1, k). */
function seriesCoefficient(count: number, block: number, degree: number): bigint {
  let sum = 0n;
  for (let j = 0; j <= degree; j++) {
    const term = choose(NOISE, j) * BigInt(block - 1) ** BigInt(j) * choose(count + degree - j - 1, degree - j);
    sum += (degree - j) % 2 === 0 ? term : -term;
  }
  return sum;
}
