/**
 * Starts from the coefficients of an earlier model of the same columns: each party brings its own to the columns of its new
 * matrix by itself and gives them as inputs.
 *
 * Columns' means have changed since: what that adds to the linear predictor belongs to the constant column, so the host gives its
 * part of it beside. Of a linear model weights are in units of the new label's spread 2^exponent·m: the host divides by the power
 * of two, which it knows, and by m on shares.
 *
 * Learns: both - the length of the weights to start from.
 */
import { TomboloError } from "@tombolo/base";
import type { Backend, Words } from "@tombolo/protocols/secret-sharing/backend";
import type { Design } from "./design.ts";
import { WEIGHTS_MAX } from "./formats.ts";
import { timesLower } from "./linear-algebra.ts";
import type { GuestModel, HostModel } from "./model.ts";
import { type OpeningOwn, timesOfGuest } from "./own-weights.ts";

export type EarlierModel = GuestModel | HostModel;

/** Of the matrices' columns. */
export async function warmStart(
  backend: Backend,
  design: Design,
  model: EarlierModel,
  about: OpeningOwn,
): Promise<Words> {
  const { side, columns, rows, start, scaled } = about;
  const unit = !scaled ? 1 : side === "guest" ? rows!.scale : 2 ** start.labelExponent;
  const { weights, shift } = ownStart(design, model, unit);
  const encoded = (values: Float64Array): BigUint64Array =>
    BigUint64Array.from(values, (value) => BigInt.asUintN(64, BigInt(Math.round(value * 2 ** about.formats.weight))));
  if (side === "guest" && design.intercept) weights[0]! += shift - rows!.centre / unit;
  // Of all weights together words have room for no more; and what is no number ends by name.
  if (design.intercept && !(Math.abs(weights[0]!) <= WEIGHTS_MAX)) throw outOfRange();
  const guest = await backend.share("first", columns.guest, side === "guest" ? encoded(weights) : null);
  const given = side === "host" ? encoded(Float64Array.of(...weights, shift)) : null;
  const theirs = await backend.share("second", columns.host + 1, given);
  const host = scaled ? await timesOfGuest(backend, theirs, rows && 2 ** start.labelExponent / rows.scale) : theirs;
  const places = (from: number, to: number): Uint32Array => Uint32Array.from({ length: to - from }, (_, i) => from + i);
  const all = backend.join([guest, backend.pick(host, places(0, columns.host))]);
  if (!about.intercept) return all;
  const beside = backend.publicWords(new BigUint64Array(all.length - 1));
  return backend.add(all, backend.join([backend.pick(host, places(columns.host, columns.host + 1)), beside]));
}

/** Throws `input.model` for a model of other columns, or out of all range on these. */
function ownStart({ terms, columns, intercept, lower }: Design, model: EarlierModel, unit: number) {
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
  const constant = "intercept" in model ? model.intercept / unit : 0;
  const standardised = Float64Array.from(intercept ? [constant, ...own] : own);
  const weights = lower === null ? standardised : timesLower(lower, columns.length, standardised);
  // The constant is of another centre: what is left of it is small.
  if (!(Math.hypot(...weights.subarray(intercept ? 1 : 0), shift / unit) <= WEIGHTS_MAX)) throw outOfRange();
  return { weights, shift: shift / unit };
}

const outOfRange = (): TomboloError =>
  new TomboloError("input.model", "the model to start from is out of range on these rows", { remedy: "Train afresh." });

const isTerm = (
  term: { readonly column: string; readonly category: string | null },
  column: string,
  category: string | null,
) => term.column === column && term.category === category;
