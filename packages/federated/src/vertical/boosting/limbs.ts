/**
 * Quantised g and h as vectors whose sums linear answers can tell: whole where the rows leave room, else in limbs of fewer bits, of which the
 * highest has the sign; g alone where every h is 1 and the owner's counts of rows say its sums. Both sides derive it from public figures.
 */
import { TASK_ATTEMPTS_MAX, TomboloError } from "@tombolo/base";
import { type LinearPlan, planSums, VECTORS_MAX } from "@tombolo/protocols/linear-answers";
import { treesMax } from "./classes.ts";
import type { Histogram, RowGradients } from "./histogram.ts";
import { countsForH, gradientBounds } from "./objective.ts";
import type { BoostingParameters } from "./parameters.ts";
import { sampledCount } from "./sample.ts";

export interface Limb {
  readonly of: "g" | "h";
  /** Bits below it. */
  readonly shift: number;
  /** Bits it takes; the highest takes what is left, sign and all. */
  readonly width: number;
  readonly highest: boolean;
}

export interface SumsPlan {
  readonly linear: LinearPlan;
  readonly limbs: readonly Limb[];
}

const WIDTH_MIN = 2;

const tooLarge = (): TomboloError =>
  new TomboloError("input.linear-shape", "sums over so many rows and trees cannot be hidden in these rings", {
    remedy: "Train fewer trees, or use another encryption.",
  });

export interface SumsShape {
  readonly rows: number;
  readonly columns: number;
  readonly outputs: number;
}

/** As few limbs as their own number leaves room for, and no more than are sent side by side. */
export function planTreeSums(shape: SumsShape, parameters: BoostingParameters): SumsPlan {
  for (let count = 1; ; count++) {
    const linear = planSums({
      ...shape,
      passes: count * treesMax(parameters) * passesOfTree(parameters.depth) * TASK_ATTEMPTS_MAX,
      termsMax: parameters.depth,
      setMax: parameters.bins + 1,
    });
    const limbs = limbsFor(shape.rows, parameters, linear.rangeMax);
    if (limbs.length > VECTORS_MAX) throw tooLarge();
    if (limbs.length <= count) return { linear, limbs };
  }
}

/**
 * Vectors behind the nodes of a tree, for each limb. The root's and the smaller child's sums come from one; the other child's from its parent's
 * and its sibling's: 1, 3, 7, ... at a level.
 */
const passesOfTree = (depth: number): number => 2 ** (depth + 1) - 2 - depth;

function limbsFor(rows: number, parameters: BoostingParameters, rangeMax: bigint): Limb[] {
  const sampled = sampledCount(rows, parameters);
  const width = Math.floor(Math.log2(Number(rangeMax) / sampled));
  if (width < WIDTH_MIN) throw tooLarge();
  const bounds = gradientBounds(parameters, sampled);
  const bits = (bound: number): number => Math.ceil(Math.log2(bound));
  const ofG = limbsOf("g", bits(bounds.g), width);
  return countsForH(parameters) ? ofG : [...ofG, ...limbsOf("h", bits(bounds.h), width)];
}

function limbsOf(of: "g" | "h", bits: number, width: number): Limb[] {
  const count = Math.max(1, Math.ceil(bits / width));
  return Array.from({ length: count }, (_, i) => ({
    of,
    shift: i * width,
    width: Math.min(width, bits - i * width),
    highest: i === count - 1,
  }));
}

/** The limb of each row of `rows`, ascending, that lies within `out`, whose first place is row `first`. */
export function fillLimb(
  gradients: RowGradients,
  rows: Int32Array,
  { of, shift, width, highest }: Limb,
  out: Int32Array,
  first: number,
): void {
  const values = gradients[of];
  const mask = highest ? -1 : 2 ** width - 1;
  const end = first + out.length;
  for (let i = firstFrom(rows, first); i < rows.length && rows[i]! < end; i++)
    out[rows[i]! - first] = (values[rows[i]!]! >> shift) & mask;
}

/** Place of the first row at or after `row`. */
function firstFrom(rows: Int32Array, row: number): number {
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rows[middle]! < row) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** By limb, the least that a subset of the rows can sum to: only a highest limb has a sign. */
export function leastSums(gradients: RowGradients, rows: Int32Array, limbs: readonly Limb[]): BigInt64Array {
  return BigInt64Array.from(limbs, ({ of, shift, highest }) => {
    if (!highest) return 0n;
    const values = gradients[of];
    let least = 0;
    for (let i = 0; i < rows.length; i++) least += Math.min(0, values[rows[i]!]! >> shift);
    return BigInt(least);
  });
}

/** Sums by set and limb to sums of g and of h by set; `counts` where no limb is of h. */
export function joinLimbs(sums: Float64Array, limbs: readonly Limb[], counts: Uint32Array | null): Histogram {
  const sets = sums.length / limbs.length;
  const out = { g: new Float64Array(sets), h: counts === null ? new Float64Array(sets) : Float64Array.from(counts) };
  limbs.forEach(({ of, shift }, l) => {
    for (let set = 0; set < sets; set++) out[of][set]! += sums[set * limbs.length + l]! * 2 ** shift;
  });
  return out;
}
