/** How a product is laid out in polynomials, and what its release costs: from its public shape alone, the same at both parties. */
import { TomboloError } from "@tombolo/base";
import {
  ciphertextBytes,
  decrypts,
  floodBits,
  freshNoise,
  mergeExponents,
  mergeNoise,
  productNoise,
  publicNoise,
  type Rlwe,
  type RlweName,
  rlwe,
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
   * Numbers released in the whole job, of all its products, each counted as `ProductPlan.released`: their privacy is 2^-40
   * together. At most 2^40.
   */
  readonly releasedMax: number;
}

export interface ProductPlan extends ProductShape {
  readonly of: Rlwe;
  /** Columns of a block, and distance of wanted coefficients before merging: a power of two. */
  readonly period: number;
  /** Blocks of columns. */
  readonly blocks: number;
  /** Rows that one polynomial holds a block of. */
  readonly rowsAtOnce: number;
  /** log2 of how many such groups of rows are merged to one ciphertext. */
  readonly depth: number;
  /** Ciphertexts of each vector's result. */
  readonly outputs: number;
  /** Automorphisms that the owner of the key gives keys for. */
  readonly exponents: readonly number[];
  /** Worst-case noise before flooding, and its bits of flooding. */
  readonly noise: bigint;
  readonly floodBits: number;
  /** Primes that a released ciphertext keeps. */
  readonly releaseLevel: number;
  /** Coefficients that one product releases. */
  readonly released: number;
}

export const ROWS_MAX = 2 ** 24;
export const COLUMNS_MAX = 2 ** 20;
export const VECTORS_MAX = 2 ** 10;
const ENTRIES_MAX = 2 ** 33;
const RELEASED_MAX = 2 ** 40;
const sets: readonly RlweName[] = ["rlwe-8192", "rlwe-16384"];

/** A ciphertext sent costs about as much as so many key switches, on a link of some Gbit/s. */
const SWITCHES_PER_CIPHERTEXT = 4;

/** Throws `input.product-shape` where no parameter set has room for it. */
export function planProduct(shape: ProductShape): ProductPlan {
  requireShape(shape);
  for (const name of sets) {
    const plan = planWith(rlwe(name), shape);
    if (plan !== undefined) return plan;
  }
  throw new TomboloError("input.product-shape", "no parameters have room for the noise of such a product", {
    remedy: "Use smaller entries (fewer fraction bits), fewer columns at once, or release less in one job.",
  });
}

function planWith(of: Rlwe, shape: ProductShape): ProductPlan | undefined {
  const { parameters } = of;
  const layout = bestLayout(parameters.size, shape);
  const fresh = freshNoise() + 1n; // and rounding the other party's share
  const product = productNoise(parameters, fresh, 1n << BigInt(shape.entryBits), layout.blocks);
  const noise = mergeNoise(parameters, product, layout.depth) + publicNoise(parameters);
  const bits = floodBits(noise, BigInt(shape.releasedMax));
  const flooded = noise + (1n << BigInt(bits));
  const top = parameters.primes.length;
  const fits = (level: number): boolean =>
    decrypts(parameters, switchedNoise(parameters, flooded, top, level), level, shape.bits);
  const releaseLevel = parameters.primes.map((_, i) => i + 1).find(fits);
  if (releaseLevel === undefined || !fits(top)) return undefined;
  return {
    ...shape,
    of,
    ...layout,
    exponents: mergeExponents(parameters.size, layout.period, layout.depth),
    noise,
    floodBits: bits,
    releaseLevel,
    released: layout.outputs * shape.vectors * parameters.size,
  };
}

/** Each ring that the plans are in, with the automorphisms that they need there: the same at both parties. */
export function ringsOf(plans: readonly ProductPlan[]): { readonly of: Rlwe; readonly exponents: readonly number[] }[] {
  const rings = [...new Set(plans.map(({ of }) => of))];
  return rings.map((of) => {
    const needed = plans.flatMap((plan) => (plan.of === of ? plan.exponents : []));
    return { of, exponents: [...new Set(needed)].sort((a, b) => a - b) };
  });
}

type Layout = Pick<ProductPlan, "period" | "blocks" | "rowsAtOnce" | "depth" | "outputs">;

/** Few wide blocks send fewer ciphertexts and merge more of them. */
function bestLayout(size: number, shape: ProductShape): Layout {
  const cost = ({ blocks, outputs, depth }: Layout): number =>
    SWITCHES_PER_CIPHERTEXT * (blocks + outputs) + outputs * (2 ** depth - 1);
  const layouts = Array.from({ length: Math.log2(size) + 1 }, (_, i) => layoutOf(size, 2 ** i, shape));
  return layouts.reduce((best, one) => (cost(one) < cost(best) ? one : best));
}

function layoutOf(size: number, period: number, { rows, columns }: ProductShape): Layout {
  const rowsAtOnce = size / period;
  const groups = Math.ceil(rows / rowsAtOnce);
  const depth = Math.min(Math.log2(period), Math.ceil(Math.log2(groups)));
  return { period, rowsAtOnce, depth, blocks: Math.ceil(columns / period), outputs: Math.ceil(groups / 2 ** depth) };
}

function requireShape(shape: ProductShape): void {
  const within = (value: number, max: number): boolean => Number.isInteger(value) && value >= 1 && value <= max;
  const { rows, columns, vectors, entryBits, bits, releasedMax } = shape;
  const good =
    within(rows, ROWS_MAX) &&
    within(columns, COLUMNS_MAX) &&
    within(vectors, VECTORS_MAX) &&
    rows * columns <= ENTRIES_MAX &&
    within(entryBits, 63) &&
    within(bits, 64) &&
    within(releasedMax, RELEASED_MAX);
  if (!good)
    throw new TomboloError("input.product-shape", "a product of such sizes is not offered", {
      remedy: `At most ${ROWS_MAX} rows, ${COLUMNS_MAX} columns, ${VECTORS_MAX} vectors, ${ENTRIES_MAX} entries.`,
    });
}

/** Bytes of the answer to one product: for plans that list their cost beforehand. */
export const answerBytes = ({ of, outputs, vectors, releaseLevel }: ProductPlan): number =>
  vectors * outputs * ciphertextBytes(of, 1, releaseLevel);
