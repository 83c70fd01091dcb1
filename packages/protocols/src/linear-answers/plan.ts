/** How much noise answers carry, and how large the sums may be that still come out exactly. README.md has the derivation. */
import { TomboloError } from "@tombolo/base";
import { type SumRings, sumRings } from "@tombolo/crypto";

export interface LinearShape {
  readonly rows: number;
  readonly columns: number;
  /** Bins of all columns together. */
  readonly outputs: number;
  /**
   * Vectors behind all that is released in a job, over all its attempts: each answer of one vector to all of a partition of the outputs
   * counts once, that of a sum or difference of k vectors k times.
   */
  readonly passes: number;
  /** Most vectors behind an answer, and most outputs in a set. */
  readonly termsMax: number;
  readonly setMax: number;
}

export interface LinearPlan extends LinearShape {
  /** Three numbers uniform below it are added to each answer. */
  readonly spread: bigint;
  /** Between numbers that follow each other, modulo the first prime. */
  readonly delta: bigint;
  /** Largest difference between a sum's least and greatest value. */
  readonly rangeMax: bigint;
}

/** All answers of a job together are so close to what their sums alone give. */
export const PRIVACY_BITS = 40;
/** All answers of a job together come out wrong with at most this probability. */
const FAILURE_BITS = 40;
/** Errors' variance is 21/2, a ternary coefficient's 2/3. */
const VARIANCE = [21n, 2n] as const;
/** Bound on spread² · sum of (√p(x) - √p(x - 1))² over the noise's distribution p; plan.test.ts computes it. */
export const ROUGHNESS = [5n, 4n] as const;
const SPREAD_BITS_MAX = 100;
/** A hint takes 32 KB an output in the asker's memory: 2 GB. */
export const OUTPUTS_MAX = 2 ** 16;

/** `input.linear-shape` where no sum would come out, or hints would fill the memory: before anything is made of that size. */
export function planSums(shape: LinearShape, rings: SumRings = sumRings()): LinearPlan {
  if (shape.outputs > OUTPUTS_MAX)
    throw new TomboloError("input.linear-shape", `more than ${OUTPUTS_MAX} bins of all columns of a party together`, {
      remedy: "Use fewer columns or fewer bins, or another encryption.",
    });
  const spread = spreadFor(shape, rings.size);
  const [first, second] = rings.primes;
  const noise = (3n * spread) / (2n * second) + BigInt(Math.ceil(roundingBound(shape, rings.size))) + 2n;
  const delta = 2n * noise;
  const rangeMax = first / delta - 2n;
  if (rangeMax < 1n || spread >> BigInt(SPREAD_BITS_MAX) !== 0n)
    throw new TomboloError("input.linear-shape", "so many answers about so many rows cannot be hidden in these rings", {
      remedy: "Ask for fewer trees or columns.",
    });
  return { ...shape, spread, delta, rangeMax };
}

/** sqrt(roughness · sum of D²) / spread <= 2^-40, D² on average 21/2 · (rows of the set + 4/3 size for each of its outputs). */
function spreadFor({ rows, columns, outputs, passes }: LinearShape, size: number): bigint {
  const [variance, half] = VARIANCE;
  const masks = (4n * BigInt(outputs) * BigInt(size) + 2n) / 3n;
  const squares = (variance * (BigInt(columns) * BigInt(rows) + masks) * BigInt(passes)) / half + 1n;
  return rootAbove(((squares * ROUGHNESS[0]) << BigInt(2 * PRIVACY_BITS)) / ROUGHNESS[1] + 1n);
}

/**
 * What rounding the hint to one prime does: errors uniform in -1/2..1/2 of each coefficient of each output, with signs of a sum of
 * secrets, whose squares are `terms` a coefficient at most in the mean. Sub-Gaussian, all answers together.
 */
function roundingBound({ outputs, passes, termsMax, setMax }: LinearShape, size: number): number {
  const bits = FAILURE_BITS + 1 + Math.log2(Math.max(2, outputs * passes));
  return Math.sqrt(2 * Math.LN2 * bits) * Math.sqrt((setMax * size * termsMax) / 12);
}

/** Least integer whose square is at least x. */
function rootAbove(x: bigint): bigint {
  let low = 0n;
  let high = 1n << BigInt(Math.ceil(x.toString(2).length / 2) + 1);
  while (low < high) {
    const middle = (low + high) / 2n;
    if (middle * middle >= x) high = middle;
    else low = middle + 1n;
  }
  return low;
}
