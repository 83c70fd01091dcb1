/**
 * Starts from the coefficients of an earlier model of the same columns: each party brings its own to the columns of its new
 * matrix by itself and gives them as inputs.
 *
 * Columns' means have changed since: what that adds to the linear predictor belongs to the constant column, so hosts give their
 * part of it beside. Further hosts send theirs as shares to the two that compute. Of a linear model weights are in units of the new label's spread 2^exponent·m: the host divides by the power
 * of two, which it knows, and by m on shares.
 *
 * Learns: both - the length of the weights to start from.
 */
import { TomboloError } from "@tombolo/base";
import type { Backend, Words } from "@tombolo/protocols/secret-sharing/backend";
import { wordsOfShares } from "@tombolo/protocols/secret-sharing/two-party";
import type { GuestClassModel, HostClassModel } from "./classes/model.ts";
import type { Design } from "./design.ts";
import { WEIGHTS_MAX } from "./formats.ts";
import { timesLower } from "./linear-algebra.ts";
import type { GuestModel, HostModel, ModelTerm } from "./model.ts";
import { type OpeningOwn, timesOfGuest } from "./own-weights.ts";
import type { Owner } from "./owners.ts";

export type EarlierModel = GuestModel | HostModel | GuestClassModel | HostClassModel;

/** Of all parties' columns, class after class. */
export async function warmStart(
  backend: Backend,
  design: Design,
  model: EarlierModel,
  about: OpeningOwn & { readonly others: readonly Pick<Owner, "columns" | "earlier">[] },
): Promise<Words> {
  const { side, columns, rows, start, scaled, outputs, others } = about;
  const unit = !scaled ? 1 : side === "guest" ? rows!.scale : 2 ** start.labelExponent;
  const starts = startsOf(design, model, { unit, outputs });
  if (side === "guest" && design.intercept) moveConstants(starts, rows!.centre / unit);
  const own = encoded(starts, { shifts: side === "host", weight: about.formats.weight });
  const guest = await backend.share("first", outputs * columns.guest, side === "guest" ? own : null);
  const theirs = [await backend.share("second", outputs * (columns.host + 1), side === "host" ? own : null)];
  for (const other of others) theirs.push(wordsOfShares(await other.earlier()));
  const mantissa = rows && 2 ** start.labelExponent / rows.scale;
  const parts: HostStart[] = [];
  for (const [i, count] of [columns.host, ...others.map((other) => other.columns)].entries())
    parts.push({ count, words: scaled ? await timesOfGuest(backend, theirs[i]!, mantissa) : theirs[i]! });
  const classes = Array.from({ length: outputs }, (_, c) => {
    const weights = backend.join([
      backend.pick(guest, placesFrom(c * columns.guest, columns.guest)),
      ...parts.map(({ words, count }) => backend.pick(words, placesFrom(c * (count + 1), count))),
    ]);
    if (!about.intercept) return weights;
    const beside = backend.publicWords(new BigUint64Array(weights.length - 1));
    const shifts = parts.map(({ words, count }) => backend.pick(words, placesFrom(c * (count + 1) + count, 1)));
    return shifts.reduce((sum, shift) => backend.add(sum, backend.join([shift, beside])), weights);
  });
  return backend.join(classes);
}

/** Of each class the weights of a host's columns, then what they add to the constant. */
interface HostStart {
  readonly words: Words;
  readonly count: number;
}

export interface OwnerStart {
  readonly scaled: boolean;
  readonly labelExponent: number;
  readonly outputs: number;
  /** Fraction bits. */
  readonly weight: number;
}

/** A further host's, which it shares between the two. */
export function startWords(
  design: Design,
  model: EarlierModel,
  { scaled, labelExponent, outputs, weight }: OwnerStart,
): BigUint64Array {
  return encoded(startsOf(design, model, { unit: scaled ? 2 ** labelExponent : 1, outputs }), { shifts: true, weight });
}

const encoded = (
  starts: readonly OwnStart[],
  { shifts, weight }: { readonly shifts: boolean; readonly weight: number },
): BigUint64Array =>
  BigUint64Array.from(
    starts.flatMap(({ weights, shift }) => [...weights, ...(shifts ? [shift] : [])]),
    (value) => BigInt.asUintN(64, BigInt(Math.round(value * 2 ** weight))),
  );

/** The same where one party has all columns. */
export function plainStart(
  design: Design<unknown>,
  model: EarlierModel,
  { scale, centre, outputs }: { readonly scale: number; readonly centre: number; readonly outputs: number },
): Float64Array {
  const starts = startsOf(design, model, { unit: scale, outputs });
  if (design.intercept) moveConstants(starts, centre / scale);
  return Float64Array.from(starts.flatMap(({ weights }) => [...weights]));
}

interface OwnStart {
  readonly weights: Float64Array;
  /** What the linear predictor is more by, since columns' means have changed. */
  readonly shift: number;
}

function startsOf(
  design: Design<unknown>,
  model: EarlierModel,
  { unit, outputs }: { readonly unit: number; readonly outputs: number },
): OwnStart[] {
  const own = classesIn(model);
  if (own.length !== outputs)
    throw new TomboloError("input.model", "the model to start from has other classes", REMEDY);
  return own.map((each) => ownStart(design, each, unit));
}

/** In place. `centre`: of the label, in the unit of weights. */
function moveConstants(starts: readonly OwnStart[], centre: number): void {
  for (const { weights, shift } of starts) {
    weights[0]! += shift - centre;
    // Of all weights together words have room for no more; and what is no number ends by name.
    if (!(Math.abs(weights[0]!) <= WEIGHTS_MAX)) throw outOfRange();
  }
}

const placesFrom = (first: number, count: number): Uint32Array =>
  Uint32Array.from({ length: count }, (_, i) => first + i);

/** One class of a model, or its one score. */
interface OneClass {
  readonly terms: readonly (TermName & { readonly coefficient: number })[];
  readonly intercept: number;
}

function classesIn(model: EarlierModel): OneClass[] {
  if (model.kind === "regression/guest" || model.kind === "regression/host")
    return [{ terms: model.terms, intercept: "intercept" in model ? model.intercept : 0 }];
  const count = model.kind === "regression/guest-classes" ? model.intercepts.length : model.classes;
  return Array.from({ length: count }, (_, c) => ({
    terms: model.terms.map((term) => ({ ...term, coefficient: term.coefficients[c]! })),
    intercept: model.kind === "regression/guest-classes" ? model.intercepts[c]! : 0,
  }));
}

type TermName = Pick<ModelTerm, "column" | "category" | "mean">;

/** Throws `input.model` for a model of other columns, or out of all range on these. */
function ownStart({ terms, columns, intercept, lower }: Design<unknown>, model: OneClass, unit: number): OwnStart {
  const same = model.terms.length === terms.length;
  if (!same || terms.some(({ column, category }, i) => !isTerm(model.terms[i]!, column, category)))
    throw new TomboloError("input.model", "the model to start from has other columns, or other categories of them", {
      remedy: "Train on the columns that the model was trained on, or afresh.",
    });
  const shift = terms.reduce(
    (sum, { mean }, i) => sum + model.terms[i]!.coefficient * (mean - model.terms[i]!.mean),
    0,
  );
  const own = terms.map(({ scale }, i) => (model.terms[i]!.coefficient * scale) / unit);
  const constant = model.intercept / unit;
  const standardised = Float64Array.from(intercept ? [constant, ...own] : own);
  const weights = lower === null ? standardised : timesLower(lower, columns.length, standardised);
  // The constant is of another centre: what is left of it is small.
  if (!(Math.hypot(...weights.subarray(intercept ? 1 : 0), shift / unit) <= WEIGHTS_MAX)) throw outOfRange();
  return { weights, shift: shift / unit };
}

const REMEDY = { remedy: "Start from a model of the same classes, or afresh." };

const outOfRange = (): TomboloError =>
  new TomboloError("input.model", "the model to start from is out of range on these rows", { remedy: "Train afresh." });

const isTerm = (term: TermName, column: string, category: string | null) =>
  term.column === column && term.category === category;
