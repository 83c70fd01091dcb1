/** How products are laid out in polynomials, and what their release costs: from public shapes alone, the same at both parties. */
import { TomboloError } from "@tombolo/base";
import {
  decrypts,
  floodBits,
  freshNoise,
  type Places,
  productNoise,
  publicNoise,
  type Rlwe,
  type RlweName,
  releasedBytes,
  rlwe,
  seededBytes,
  switchedNoise,
} from "@tombolo/crypto";

export interface ProductShape {
  readonly rows: number;
  readonly columns: number;
  /** Vectors multiplied at once: columns of the other matrix. */
  readonly vectors: number;
  /** Entries of the matrix are above -2^entryBits and below 2^entryBits: 1 to 63. */
  readonly entryBits: number;
  /** Vectors and shares are modulo 2^bits: 1 to 64. */
  readonly bits: number;
  /**
   * Numbers released in an attempt at the whole job, of all its products, each counted as `Side.released`: their privacy is
   * 2^-40 together. At most 2^40.
   */
  readonly releasedMax: number;
  /**
   * How often a job may do all this over, each time with a budget of its own, since it ended before it was done: 2^-40 is of all
   * its attempts together. At most 2^10; default: 1.
   */
  readonly attempts?: number;
  /** Also products of the transposed matrix, from the same transforms. Default: no. */
  readonly bothWays?: boolean;
}

/** Products of the matrix with vectors of `length` numbers, or of the transposed one. */
export interface Side {
  readonly turned: boolean;
  /** Numbers of a vector, and of its product. */
  readonly length: number;
  readonly results: number;
  /** Ciphertexts of each lot of vectors, and of its results. */
  readonly inputs: number;
  readonly outputs: number;
  /** Coefficients of an answer that leave. */
  readonly places: Places;
  /** Worst-case noise before flooding, and its bits of flooding. */
  readonly noise: bigint;
  readonly floodBits: number;
  /** Primes that a released ciphertext keeps. */
  readonly releaseLevel: number;
  /** Coefficients that one product releases. */
  readonly released: number;
}

export interface ProductPlan extends ProductShape {
  readonly of: Rlwe;
  /** Columns of a block: a power of two. */
  readonly width: number;
  /** Vectors that one ciphertext holds a part of, a power of two, and how many such lots there are. */
  readonly together: number;
  readonly lots: number;
  /** From a row to the next: `width`·`together`. */
  readonly period: number;
  /** Blocks of columns. */
  readonly blocks: number;
  /** Rows that one polynomial holds a block of. */
  readonly rowsAtOnce: number;
  /** Such groups of rows. */
  readonly groups: number;
  readonly forward: Side;
  /** Null where the shape does not ask for it. */
  readonly transposed: Side | null;
}

export const ROWS_MAX = 2 ** 24;
export const COLUMNS_MAX = 2 ** 20;
export const VECTORS_MAX = 2 ** 10;
const ENTRIES_MAX = 2 ** 33;
const RELEASED_MAX = 2 ** 40;
const ATTEMPTS_MAX = 2 ** 10;
const PLACES_MIN = 16;
/** More take fewer ciphertexts yet, but as many more plaintexts as there are rows that no longer fit. */
const TOGETHER_MAX = 64;
const sets: readonly RlweName[] = ["rlwe-8192", "rlwe-16384"];

/**
 * Microseconds of processor time of both parties for a ciphertext of ring 8,192, as `npm run bench -- rlwe` measures them; of other
 * rings all grow alike.
 */
const COST = {
  /** Encrypt, expand, add the other share. */
  input: 1800,
  /** Re-randomise, flood, decrypt. */
  output: 1700,
  /** A product with a plaintext, summed. */
  product: 170,
  /** Laying out and transforming a plaintext, in memory touched for the first time. */
  plain: 800,
  /** A byte: two parties' runners and nodes. */
  byte: 0.0057,
} as const;

/** Throws `input.product-shape` where no parameter set has room for it. */
export function planProduct(shape: ProductShape): ProductPlan {
  requireShape(shape);
  for (const name of sets) {
    const plans = layouts(rlwe(name), shape);
    if (plans.length > 0) return plans.reduce((best, one) => (costOf(one) < costOf(best) ? one : best));
  }
  throw new TomboloError("input.product-shape", "no parameters have room for the noise of such a product", {
    remedy: "Use smaller entries (fewer fraction bits), fewer columns at once, or release less in one job.",
  });
}

/** All that have room for their noise: few wide blocks take few ciphertexts in and many out, and the other way round. */
function layouts(of: Rlwe, shape: ProductShape): ProductPlan[] {
  const doublings = (most: number): number[] => Array.from({ length: Math.log2(most) + 1 }, (_, i) => 2 ** i);
  const togetherMax = 2 ** Math.ceil(Math.log2(Math.min(shape.vectors, TOGETHER_MAX)));
  return doublings(of.parameters.size).flatMap((period) =>
    doublings(Math.min(period, togetherMax)).flatMap((together) => layout(of, shape, period, together) ?? []),
  );
}

function layout(of: Rlwe, shape: ProductShape, period: number, together: number): ProductPlan | null {
  const { size } = of.parameters;
  const [rowsAtOnce, width, lots] = [size / period, period / together, Math.ceil(shape.vectors / together)];
  const [blocks, groups] = [Math.ceil(shape.columns / width), Math.ceil(shape.rows / rowsAtOnce)];
  const stride = Math.min(width, size / PLACES_MIN);
  const forward = side(of, shape, lots, {
    turned: false,
    inputs: blocks,
    outputs: groups,
    places: { stride, wanted: size / stride },
  });
  const places = { stride: 1, wanted: Math.max(PLACES_MIN, period) };
  const turned = { turned: true, inputs: groups, outputs: blocks, places };
  const transposed = shape.bothWays === true ? side(of, shape, lots, turned) : null;
  if (forward === null || (transposed === null && shape.bothWays === true)) return null;
  return { ...shape, of, width, together, lots, period, blocks, rowsAtOnce, groups, forward, transposed };
}

/** Null where there is no room for the noise. */
function side(
  of: Rlwe,
  shape: ProductShape,
  lots: number,
  how: Pick<Side, "turned" | "inputs" | "outputs" | "places">,
): Side | null {
  const { parameters } = of;
  const fresh = freshNoise() + 1n; // and rounding the other party's share
  const product = productNoise(parameters, fresh, 1n << BigInt(shape.entryBits), how.inputs);
  const noise = product + publicNoise(parameters);
  const bits = floodBits(noise, shareOf(BigInt(shape.releasedMax) * BigInt(shape.attempts ?? 1)));
  const flooded = noise + (1n << BigInt(bits));
  const top = parameters.primes.length;
  const fits = (level: number): boolean =>
    decrypts(parameters, switchedNoise(parameters, flooded, top, level), level, shape.bits);
  const releaseLevel = parameters.primes.map((_, i) => i + 1).find(fits);
  if (releaseLevel === undefined || !fits(top)) return null;
  const [length, results] = how.turned ? [shape.rows, shape.columns] : [shape.columns, shape.rows];
  const released = how.outputs * lots * how.places.wanted;
  return { ...how, length, results, noise, floodBits: bits, releaseLevel, released };
}

/** Products of words in the same task have a quarter of its 2^-40 (secret-sharing/two-party/slot-cipher.ts). */
const shareOf = (coefficients: bigint): bigint => (4n * coefficients + 2n) / 3n;

function costOf(plan: ProductPlan): number {
  const sides = plan.transposed === null ? [plan.forward] : [plan.forward, plan.transposed];
  const each = sides.map((one) => {
    const { inputs, outputs } = one;
    const work = inputs * COST.input + outputs * COST.output + plan.blocks * plan.groups * COST.product;
    return work + COST.byte * (inputs * seededBytes(plan.of, 1) + outputs * answerBytes(plan, one, 1));
  });
  const { lots, blocks, groups } = plan;
  return each.reduce((sum, cost) => sum + lots * cost, blocks * groups * COST.plain);
}

/** Each ring that the plans are in: the same at both parties. */
export const ringsOf = (plans: readonly ProductPlan[]): readonly Rlwe[] => [...new Set(plans.map(({ of }) => of))];

function requireShape(shape: ProductShape): void {
  const within = (value: number, max: number): boolean => Number.isInteger(value) && value >= 1 && value <= max;
  const { rows, columns, vectors, entryBits, bits, releasedMax, attempts } = shape;
  const good =
    within(rows, ROWS_MAX) &&
    within(columns, COLUMNS_MAX) &&
    within(vectors, VECTORS_MAX) &&
    rows * columns <= ENTRIES_MAX &&
    within(entryBits, 63) &&
    within(bits, 64) &&
    within(releasedMax, RELEASED_MAX) &&
    within(attempts ?? 1, ATTEMPTS_MAX);
  if (!good)
    throw new TomboloError("input.product-shape", "a product of such sizes is not offered", {
      remedy: `At most ${ROWS_MAX} rows, ${COLUMNS_MAX} columns, ${VECTORS_MAX} vectors, ${ENTRIES_MAX} entries.`,
    });
}

/** Of a message with `count` answers. */
export const answerBytes = ({ of }: ProductPlan, { releaseLevel, places }: Side, count: number): number =>
  releasedBytes(of, count, releaseLevel, places.wanted);
