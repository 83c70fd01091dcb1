/**
 * Standard errors of the coefficients that training found, to each party those of its own.
 *
 * Goal: square roots of the diagonal of (XᵀWX)⁻¹, as a plain fit of the joined table gives them; W: mean·(1 - mean) of a logistic model,
 * mean^(2 - power) with a log link, 1 of a linear one, which goes with a dispersion, as Gamma and Tweedie do: the mean square of Pearson residuals. Papers: Schulz, "Iterative Berechnung der reziproken Matrix",
 * 1933; Newton and Schulz on shares as in Hall, Fienberg, Nardi, "Secure multiple linear regression", JOS 2011.
 *
 * 1. The matrix in whitened columns (information.ts), its inverse (inverse.ts): on shares.
 * 2. Coefficients in units of columns are combinations of whitened ones which the owner alone knows: rows of its U, of length 1.
 *    The diagonal of U·X·Uᵀ is computed on shares, rounded to 2^-12 (its entries are 1 at least) and opened to the owner.
 * 3. Linear: the mean square of residuals is opened to the guest, and in units of the label to the host. Gamma, Tweedie: the dispersion, which
 *    has no units, to both. Poisson: counts were divided by a unit of the guest's; the host's diagonal is divided by it on shares too.
 *
 * Learns: each - for each of its own coefficients one number; of a linear model the residual standard error, in the label's
 * units, of Gamma and Tweedie the dispersion; whether the columns of both parties are nearly dependent; of Poisson and Tweedie two powers of two,
 * information.ts; of Poisson the host also the one next to the counts' mean. Must not learn: anything of a row, covariances, the other's errors.
 * Adversary: semi-honest, one of the two. What a number tells: how much of a combination of own columns the other party's columns
 * explain, in 24 bits at most. Error: half a percent of a standard error at most where the flag is set, on the way to it far less.
 */
import { TomboloError } from "@tombolo/base";
import type { Backend, Words } from "@tombolo/protocols/secret-sharing/backend";
import { Engine, type Fixed } from "@tombolo/protocols/secret-sharing/engine";
import { sharesOf, wordsOfShares } from "@tombolo/protocols/secret-sharing/two-party";
import type { Design } from "../design.ts";
import type { Curvature, Dispersion, FamilyRules } from "../families/index.ts";
import type { Formats } from "../formats.ts";
import { solveLower } from "../linear-algebra.ts";
import type { Start } from "../messages.ts";
import { timesOfGuest } from "../own-weights.ts";
import type { Side } from "../products.ts";
import { countsOf, FRACTION, type InformationInput, information, partiesOf, sizeOf } from "./information.ts";
import { bounded, INVERSE_MAX, inverse } from "./inverse.ts";

/** Of both parties, with the constant: more do not fit words, and would take long. */
export const COLUMNS_MAX = 64;
/** Fraction bits of a diagonal as it is opened. */
const OPENED = 12;
const MANTISSA_BITS = 20;
/** Of a mean square, at most. */
const SQUARE_FRACTION = 36;
/** Sums of the rows' squares have room for so many bits. */
const SUM_BITS = 60;

export interface StandardErrors {
  /** Of each own term, in units of its column and the label. */
  readonly terms: Float64Array;
  /** Of the intercept, at the guest, where there is one. */
  readonly intercept: number | null;
  /** Of a linear model: in units of the label. */
  readonly residual: number | null;
  /** Of Gamma and Tweedie: the variance over that power of the mean; at the host of labels over their mean. */
  readonly dispersion: number | null;
  /** Rows less columns. */
  readonly degrees: number;
}

export interface ErrorsInput extends Omit<InformationInput, "fine" | "curvature" | "curvatures"> {
  readonly backend: Backend;
  readonly family: FamilyRules;
  /** Of the rows, at the fit. */
  readonly predictors: Fixed;
  readonly labels: Fixed;
  readonly start: Start;
  /** At the guest: the unit of the standardised label, or what a count was divided by. */
  readonly scale: number | null;
  /** At the guest: what labels with a log link were divided by; else 1. */
  readonly unit: number;
}

/** Null where the columns of both parties together are nearly dependent. */
export async function standardErrors(input: ErrorsInput): Promise<StandardErrors | null> {
  const { backend, design, me, others } = input;
  const { curvature } = input.family;
  if (curvature === null || sizeOf(input) > COLUMNS_MAX) throw noErrors();
  const fine = new Engine(backend, { fraction: FRACTION });
  const curvatures = await curvature.rows(me, input.predictors);
  const { matrix, scaled } = await information({ ...input, curvature, curvatures, fine });
  const x = await inverse(fine, matrix);
  if (x === null) return null;
  const own = combinations(design);
  const diagonal = await diagonals(fine, x, { ...input, curvature }, own);
  const { dispersion } = curvature;
  const square = dispersion === null ? null : await meanSquare(me, input, dispersion);
  for (const [i, other] of others.entries()) {
    const words = square === null ? [] : [square.told.words];
    const shares = await me.inTurn((backend) => shareAfresh(backend, backend.join([diagonal.others[i]!, ...words])));
    await other.errors({ scaled, fraction: square?.told.fraction ?? null }, shares);
  }
  const { start, scale, unit } = input;
  const about = {
    design,
    curvature,
    unit,
    scaled,
    columns: sizeOf(input),
    parties: partiesOf(input),
    lengths: own.lengths,
  };
  return errorsFrom({ ...about, scale: scale ?? 2 ** start.labelExponent }, diagonal.own, square?.own ?? null);
}

export interface OwnErrors {
  readonly design: Pick<Design<unknown>, "rows" | "intercept">;
  readonly curvature: Pick<Curvature, "most" | "dispersion">;
  /** As in ErrorsInput; at hosts 1. */
  readonly unit: number;
  /** Of the label as the party knows it. */
  readonly scale: number;
  readonly scaled: number;
  /** Of all parties. */
  readonly columns: number;
  /** A power of two, information.ts. */
  readonly parties: number;
  readonly lengths: Float64Array;
}

/** From the own part of the diagonal, in units, and the rows' mean square with 2^ceil(log2 n) in place of their number. */
export function errorsFrom(about: OwnErrors, diagonal: Float64Array, square: number | null): StandardErrors {
  const { design, curvature, unit, scale, scaled, columns, parties, lengths } = about;
  const { dispersion } = curvature;
  const rows = 2 ** Math.ceil(Math.log2(design.rows));
  const degrees = design.rows - columns;
  const inUnits = dispersion?.inUnits === true;
  const root = square === null ? null : (inUnits ? scale : 1) * Math.sqrt((Math.max(0, square) * rows) / degrees);
  // (XᵀWX)⁻¹ = S⁻¹ · 2^scaled / (parties · max W · 2^ceil(log2 n)).
  const part = 2 ** scaled / (parties * curvature.most * rows);
  const errors = lengths.map((length, i) => length * Math.sqrt(part * diagonal[i]!) * (root ?? 1));
  const first = design.intercept ? 1 : 0;
  return {
    terms: errors.slice(first),
    intercept: design.intercept ? errors[0]! : null,
    residual: inUnits ? root : null,
    dispersion: dispersion === null || inUnits || root === null ? null : root ** 2 * unit ** dispersion.unitPower,
    degrees,
  };
}

/** A product with 1: shares on the way hang on more than their sum. */
export async function shareAfresh(backend: Backend, words: Words): Promise<BigUint64Array> {
  const ones = backend.publicWords(new BigUint64Array(words.length).fill(1n));
  return sharesOf(await backend.multiply(words, ones));
}

export const noErrors = (): TomboloError =>
  new TomboloError("input.inference", "there are no standard errors of such a model", {
    remedy: `Ask for them without penalties, weights and mini-batches, with hosts of at most ${COLUMNS_MAX} terms of all parties.`,
  });

export interface Combinations {
  /** Row by row, each of length 1. */
  readonly rows: Float64Array;
  readonly lengths: Float64Array;
}

/** How the intercept, if there is one, and the terms' coefficients follow from those of the whitened columns. */
export function combinations({ terms, intercept, lower, columns }: Design<unknown>): Combinations {
  const size = columns.length;
  const first = intercept ? 1 : 0;
  const rows = new Float64Array(size * size);
  const lengths = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    const unit = new Float64Array(size);
    unit[i] = 1;
    // Row i of the transposed inverse is a column of the inverse.
    const row = solveLower(lower!, size, unit);
    const length = Math.sqrt(row.reduce((sum, value) => sum + value ** 2, 0));
    rows.set(
      row.map((value) => value / length),
      i * size,
    );
    lengths[i] = i < first ? length : length / terms[i - first]!.scale;
  }
  return { rows, lengths };
}

interface Diagonals {
  readonly own: Float64Array;
  /** Of each further host: shares, with OPENED bits. */
  readonly others: readonly Words[];
}

/** Those of U·X·Uᵀ, to each party its own; of counts divided by their unit. */
async function diagonals(
  me: Engine,
  x: Fixed,
  input: ErrorsInput & { readonly curvature: Curvature },
  own: Combinations,
): Promise<Diagonals> {
  const { side, others, curvature, scale, start } = input;
  const unit = !curvature.counted ? 1 : (scale ?? 2 ** start.labelExponent);
  const counts = countsOf(input);
  let [found, first]: [Float64Array, number] = [new Float64Array(0), 0];
  const shared: Words[] = [];
  for (const [party, count] of counts.entries()) {
    const block = blockOf(me, x, first, count);
    first += count;
    if (count === 0) continue;
    const u = await combinationsOf(me, { party, count, side, others }, own);
    const rows = bounded(await me.matmul(u, block), INVERSE_MAX);
    const sums = bounded(me.sum(await me.mul(rows, u)), INVERSE_MAX);
    const words =
      party === 0 || !curvature.counted
        ? sums.words
        : await me.inTurn((backend) => overMantissa(backend, sums.words, scale && scale / 2 ** start.labelExponent));
    const rounded = await me.inTurn((backend) => backend.shift(words, FRACTION - OPENED, "near"));
    if (party > 1) {
      shared.push(rounded);
      continue;
    }
    const opened = await me.inTurn((backend) => backend.open(rounded, party === 0 ? "first" : "second"));
    if (opened !== null) found = diagonalIn(opened, unit);
  }
  return { own: found, others: shared };
}

/** `unit`: of counts, as the party knows it; else 1. */
export const diagonalIn = (words: BigUint64Array, unit: number): Float64Array =>
  numbersOf(words, OPENED).map((value) => value / unit);

function blockOf(me: Engine, x: Fixed, first: number, count: number): Fixed {
  const size = x.shape[0]!;
  const places = Uint32Array.from({ length: count * count }, (_, at) => {
    const [i, j] = [Math.floor(at / count), at % count];
    return (first + i) * size + first + j;
  });
  return me.pick(x, places, [count, count]);
}

interface Combining {
  readonly party: number;
  readonly count: number;
  readonly side: Side;
  readonly others: ErrorsInput["others"];
}

/** A party's U, known to it alone. */
async function combinationsOf(
  me: Engine,
  { party, count, side, others }: Combining,
  own: Combinations,
): Promise<Fixed> {
  const options = { shape: [count, count], bound: 1 };
  if (party > 1) {
    const words = wordsOfShares(await me.inTurn(() => others[party - 2]!.combinations()));
    return { kind: "fixed", ...options, words };
  }
  const isOwn = (side === "guest") === (party === 0);
  return me.fixed(party === 0 ? "first" : "second", options, isOwn ? own.rows : undefined);
}

/** Words over the guest's number from 1 to 2; null at the host. */
const overMantissa = (backend: Backend, words: Words, mantissa: number | null): Promise<Words> =>
  timesOfGuest(backend, words, mantissa && 1 / mantissa);

interface MeanSquare {
  /** As it is at this side, with 2^ceil(log2 n) in place of the number of rows. */
  readonly own: number;
  /** For further hosts: as for the first one, shared. */
  readonly told: { readonly words: Words; readonly fraction: number };
}

/**
 * The mean square of Pearson residuals. Of a label in units its unit is 2^exponent·m: the hosts' is multiplied by m² on shares, as their
 * coefficients are by m (own-weights.ts).
 */
async function meanSquare(
  me: Engine,
  input: ErrorsInput,
  { inUnits, most, residuals }: Dispersion,
): Promise<MeanSquare> {
  const { predictors, labels, design, start, side, scale } = input;
  const values = await residuals(me, predictors, labels);
  const mantissa = !inUnits || scale === null ? null : scale / 2 ** start.labelExponent;
  const shape = { rows: 1, inner: design.rows, columns: 1 };
  const { spare, sumFraction, fraction } = squareFormat(input, most ?? values.bound ** 2);
  const { words, theirs } = await me.inTurn(async (backend) => {
    const short = spare === 0 ? values.words : await backend.shift(values.words, spare, "near");
    const squares = await backend.multiplyMatrices(short, short, shape);
    const square = await backend.shift(squares, sumFraction - fraction, "near");
    const told = inUnits ? await timesSquare(backend, square, mantissa) : square;
    const own = await backend.open(square, "first");
    return { words: (await backend.open(told, "second")) ?? own, theirs: told };
  });
  const told = fraction + (inUnits ? MANTISSA_BITS : 0);
  const [mean] = numbersOf(words!, side === "guest" ? fraction : told);
  return { own: mean!, told: { words: theirs, fraction: told } };
}

/** Of rows' squares up to `most`: bits that they lose first, of their sum, and of what is told of it. */
function squareFormat({ design, formats }: SquareInput, most: number) {
  const logRows = Math.ceil(Math.log2(design.rows));
  const squareBits = Math.ceil(Math.log2(most));
  const spare = Math.max(0, Math.ceil((2 * formats.row + logRows + squareBits - SUM_BITS) / 2));
  const sumFraction = 2 * (formats.row - spare) + logRows;
  return { spare, sumFraction, fraction: Math.min(SQUARE_FRACTION, sumFraction - 1) };
}

interface SquareInput {
  readonly design: Pick<Design, "rows">;
  readonly formats: Pick<Formats, "row">;
}

async function timesSquare(backend: Backend, square: Words, mantissa: number | null): Promise<Words> {
  const own = mantissa === null ? null : BigUint64Array.of(BigInt(Math.round(mantissa ** 2 * 2 ** MANTISSA_BITS)));
  return backend.multiply(square, await backend.share("first", 1, own));
}

const numbersOf = (words: BigUint64Array, fraction: number): Float64Array =>
  Float64Array.from(words, (word) => Number(BigInt.asIntN(64, word)) / 2 ** fraction);
