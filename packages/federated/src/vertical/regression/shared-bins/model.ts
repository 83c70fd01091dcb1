/**
 * Parts of a model on a host's columns in bins whose weights the guest has: the guest has the coefficients of these columns, too, and so
 * what each bin adds to a score; the host has its columns' bins, and neither coefficient nor weight.
 */
import * as z from "zod";
import { NAME_MAX, TERMS_MAX } from "../design.ts";
import { type GuestModel, guestShape, modelId, parseModel } from "../model.ts";
import type { GivenParameters } from "../parameters.ts";
import { guestModel } from "../parts-of-model.ts";
import type { TrainedPart } from "../sides.ts";
import type { HostBins, WeighedBins } from "./bins.ts";

const BINS_MAX = 128;
const name = z.string().max(NAME_MAX);

const lookup = z.strictObject({
  /** What the guest knows the host's column by. */
  id: z.int().min(0),
  /** null: its owner does not show it. */
  name: name.nullable(),
  /** Of each bin; of a scorecard its points. */
  woe: z.array(z.number()).min(1).max(BINS_MAX).readonly(),
  /** Of each bin when bins were fixed. */
  rows: z.array(z.int().min(0)).min(1).max(BINS_MAX).readonly(),
  mean: z.number(),
  scale: z.number().positive(),
  /** Of the weight of evidence. */
  coefficient: z.number(),
});
export type LookupTerm = z.infer<typeof lookup>;

const guestBinsModel = guestShape
  .extend({
    kind: z.literal("regression/guest-bins"),
    lookups: z.strictObject({
      /** What a bin adds is rounded to, so that a row's total has few values. */
      quantum: z.number().positive(),
      columns: z.array(lookup).max(TERMS_MAX).readonly(),
    }),
  })
  .readonly();
export type GuestBinsModel = z.infer<typeof guestBinsModel>;

const hostBinsModel = z
  .strictObject({
    kind: z.literal("regression/host-bins"),
    version: z.literal(1),
    modelId,
    /** In the order of the guest's lookups; bins by their names, as the columns of text have them. */
    columns: z
      .array(z.strictObject({ column: name, bins: z.array(name).min(1).max(BINS_MAX).readonly() }))
      .max(TERMS_MAX)
      .readonly(),
  })
  .readonly();
export type HostBinsModel = z.infer<typeof hostBinsModel>;

export const binsPartSchema = z.discriminatedUnion("kind", [guestBinsModel, hostBinsModel]);

/** A model part from a file or store. Throws `input.model`. */
export const checkGuestBinsModel = (value: unknown): GuestBinsModel => parseModel(guestBinsModel, value);
export const checkHostBinsModel = (value: unknown): HostBinsModel => parseModel(hostBinsModel, value);

/** From coefficients of standardised weights. */
export const lookupTerms = (weights: readonly WeighedBins[], coefficients: Float64Array): LookupTerm[] =>
  weights.map(({ id, name: shown, woe, rows, mean, scale }, i) => ({
    ...{ id, name: shown, woe, rows, mean, scale },
    coefficient: coefficients[i]! / scale,
  }));

/**
 * Of the spread that a row's total would have if columns were independent: a total has some thousand values, so that it does not tell the
 * bins of a row of several columns (README), and rounding is far below what moves a score.
 */
const QUANTUM_BITS = 8;

export function guestBinsPart(
  trained: TrainedPart & { readonly lookups: readonly LookupTerm[] },
  parameters: GivenParameters,
  about: { readonly hosts: readonly string[]; readonly offset: string | null },
): GuestBinsModel {
  const { lookups: columns } = trained;
  const spread = Math.hypot(...columns.map(({ coefficient, scale }) => coefficient * scale));
  const quantum = 2 ** (Math.floor(Math.log2(Math.max(spread, Number.MIN_VALUE * 2 ** 64))) - QUANTUM_BITS);
  return { ...guestModel(trained, parameters, about), kind: "regression/guest-bins", lookups: { quantum, columns } };
}

/** `columns`: those that took part, in the order in which they did. */
export const hostBinsPart = ({ run }: Pick<TrainedPart, "run">, columns: readonly HostBins[]): HostBinsModel => ({
  kind: "regression/host-bins",
  version: 1,
  modelId: run,
  columns: columns.map(({ column, names: bins }) => ({ column, bins })),
});

/** The guest's own columns alone, as of a model without shared bins. */
export const plainPart = ({ lookups: _, ...rest }: GuestBinsModel): GuestModel => ({
  ...rest,
  kind: "regression/guest",
});
