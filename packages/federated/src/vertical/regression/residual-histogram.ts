/**
 * How residuals lie at the fit: how many rows have one between public bounds, for the guest.
 *
 * Residuals are those that gradients are made of, the label less the mean in the family's units, without weights of rows. Rows are the first
 * ones of the first part: aligned rows are in an order that a joint key drew, so they are a sample.
 *
 * 1. Residuals on shares, as for a gradient. 2. Compared with each bound, and counted, on shares. 3. Each count is rounded down to a
 * multiple of a power of two that is `minimumRows` at least, on shares; the guest alone is told.
 *
 * Learns: guest - for each class and range a multiple of that power; a range of fewer rows is 0 to it. host - nothing.
 * Must not learn: any row's residual, smaller counts, or counts that differ by less in one training. Adversary: semi-honest, one of the two.
 */
import type { Engine, Fixed, Integers } from "@tombolo/protocols/secret-sharing/engine";
import type { FamilyRules, RowValues } from "./families/index.ts";
import { withOffsets } from "./residuals.ts";

export interface ResidualHistogram {
  /** Rising, in units of the label, of its mean with a log link; ranges are below the first, between two, and above the last. */
  readonly bounds: readonly number[];
  /** For each class its counts, one more than bounds; each rounded down to a multiple of `step`. */
  readonly counts: readonly (readonly number[])[];
  readonly step: number;
  /** That were counted. */
  readonly rows: number;
}

/** Rows of all classes together that are counted at most. */
const ROWS_COUNTED = 16_384;
/** Of residuals that are within -1 and 1. */
const NARROW = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9];
/** Of others, in standard deviations of the label, or its mean with a log link. */
const WIDE = [0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 3];

export interface HistogramInput {
  readonly me: Engine;
  readonly family: FamilyRules;
  /** Of all rows of a part, without offsets, and what the guest has for them. */
  readonly predictors: Fixed;
  readonly values: RowValues;
  readonly minimumRows: number;
  /** At the guest: the unit of the standardised label. */
  readonly scale: number | null;
}

/** Null at the host. */
export async function residualHistogram(input: HistogramInput): Promise<ResidualHistogram | null> {
  const { me, family, predictors, values, scale } = input;
  const residuals = await family.residuals(me, withOffsets(me, predictors, values), values.labels, {
    precision: "full",
  });
  const count = residuals.words.length / family.outputs;
  const rows = Math.min(count, Math.floor(ROWS_COUNTED / family.outputs));
  const bounds = boundsOf(family);
  const bits = Math.ceil(Math.log2(input.minimumRows));
  const counts: number[][] = [];
  for (let output = 0; output < family.outputs; output++) {
    const places = Uint32Array.from({ length: rows }, (_, row) => output * count + row);
    // Label less mean.
    const opened = await rounded(me, await countsBetween(me, me.neg(me.pick(residuals, places)), bounds), bits);
    if (opened !== null) counts.push([...opened]);
  }
  if (counts.length === 0) return null;
  return { bounds: bounds.map((bound) => bound * (scale ?? 1)), counts, step: 2 ** bits, rows };
}

const boundsOf = (family: FamilyRules): number[] => {
  const right = Number.isFinite(family.residualBounds(0).each) && family.residualBounds(0).each < 8 ? NARROW : WIDE;
  return [...right.map((bound) => -bound).reverse(), 0, ...right];
};

async function countsBetween(me: Engine, values: Fixed, bounds: readonly number[]): Promise<Integers> {
  const rows = values.words.length;
  const below = await me.less(me.concat(bounds.map((bound) => me.sub(values, bound))), 0);
  const flags = me.reshape(await me.numberOf(below), [bounds.length, rows]);
  const under = me.sum(flags); // rows below each bound
  const at = (from: number): Uint32Array => Uint32Array.from({ length: bounds.length - 1 }, (_, i) => from + i);
  const between = me.sub(me.pick(under, at(1)), me.pick(under, at(0)));
  const first = me.pick(under, Uint32Array.of(0));
  const above = me.add(me.neg(me.pick(under, Uint32Array.of(bounds.length - 1))), rows);
  return me.concat([first, between, above]);
}

/** Down to multiples of 2^bits; opened to the guest. */
async function rounded(me: Engine, counts: Integers, bits: number): Promise<Float64Array | null> {
  const words = await me.inTurn((backend) => backend.shift(counts.words, bits, "down"));
  const opened = await me.open({ ...counts, words }, "first");
  return opened?.map((count) => count * 2 ** bits) ?? null;
}

/** The same in the clear, of residuals of the classes' rows: what shares are compared with. */
export function plainHistogram(
  residuals: readonly (readonly number[])[],
  family: FamilyRules,
  minimumRows: number,
): number[][] {
  const step = 2 ** Math.ceil(Math.log2(minimumRows));
  return residuals.map((own) => countsOf(own, boundsOf(family)).map((count) => step * Math.floor(count / step)));
}

/** To whom has all residuals: every row is counted, and no count rounded. Of several classes all rows of the first class first. */
export function exactHistogram(residuals: Float64Array, family: FamilyRules, scale: number): ResidualHistogram {
  const [bounds, rows] = [boundsOf(family), residuals.length / family.outputs];
  const counts = Array.from({ length: family.outputs }, (_, c) =>
    countsOf(residuals.subarray(c * rows, (c + 1) * rows), bounds),
  );
  return { bounds: bounds.map((bound) => bound * scale), counts, step: 1, rows };
}

function countsOf(residuals: Iterable<number>, bounds: readonly number[]): number[] {
  const counts = new Array<number>(bounds.length + 1).fill(0);
  for (const residual of residuals) counts[bounds.filter((bound) => -residual >= bound).length]!++;
  return counts;
}
