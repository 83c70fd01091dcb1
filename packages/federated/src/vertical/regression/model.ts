/**
 * What training leaves: own coefficients at each party, nothing of the other's. The guest's part has the intercept: the linear
 * predictor where all columns of both are at their means in training.
 */
import { TomboloError } from "@tombolo/base";
import * as z from "zod";
import { CATEGORIES_MAX, NAME_MAX, TERMS_MAX, type Term } from "./design.ts";
import { SCALAR_FAMILIES } from "./families/index.ts";
import { PARTIES_MAX, POWER_LEAST, POWER_MOST } from "./parameters.ts";

const name = z.string().max(NAME_MAX);
/** A term without its coefficient. */
export const termName = z.strictObject({
  column: name,
  category: name.nullable(),
  merged: z.array(name).max(CATEGORIES_MAX).readonly().nullable().default(null),
  mean: z.number(),
  scale: z.number().positive(),
});
const term = termName
  .extend({
    /** In units of the column. */
    coefficient: z.number(),
  })
  .readonly();
export const missingRule = z.enum(["refuse", "mean"]);
export const partyName = name;
const terms = z.array(term).max(TERMS_MAX).readonly();
export const modelId = z.string().regex(/^[0-9a-f]{32}$/);

export const guestShape = z.strictObject({
  kind: z.literal("regression/guest"),
  version: z.literal(1),
  /** Random, the same in both parts. */
  modelId,
  family: z.enum(SCALAR_FAMILIES),
  power: z.number().min(POWER_LEAST).max(POWER_MOST).default(POWER_LEAST),
  intercept: z.number(),
  /** It was trained with an offset for each row, and is used with one. */
  offset: name.nullable(),
  hosts: z
    .array(name)
    .max(PARTIES_MAX - 1)
    .readonly(),
  missing: missingRule,
  terms,
});
const guestModel = guestShape.readonly();

const hostModel = z
  .strictObject({
    kind: z.literal("regression/host"),
    version: z.literal(1),
    modelId,
    /** How many of them the model has: a total goes to the guest by itself only where this is the one. */
    hosts: z
      .int()
      .min(1)
      .max(PARTIES_MAX - 1)
      .default(1),
    /** What a row's total is rounded to when it goes to the guest: small against the spread of totals in training. */
    quantum: z.number().positive(),
    missing: missingRule,
    terms,
  })
  .readonly();

/** What a part may be, to be told to others (JSON Schema). */
export const partSchema = z.discriminatedUnion("kind", [guestModel, hostModel]);

export type GuestModel = z.infer<typeof guestModel>;
export type HostModel = z.infer<typeof hostModel>;
export type ModelTerm = z.infer<typeof term>;

/** A model part from a file or store. Throws `input.model`. */
export const checkGuestModel = (value: unknown): GuestModel => parseModel(guestModel, value);
export const checkHostModel = (value: unknown): HostModel => parseModel(hostModel, value);

export function parseModel<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new TomboloError("input.model", "this is not a valid regression model part", {
    remedy: "Use the part that training left at this party, unchanged.",
    detail: { fault: z.prettifyError(result.error).slice(0, 2000) },
  });
}

export const modelTerms = (terms: readonly Term[], coefficients: Float64Array): ModelTerm[] =>
  terms.map((term, i) => ({ ...term, coefficient: coefficients[i]! }));

/** Columns that a part needs. */
export const columnsOf = ({ terms: all }: { readonly terms: readonly Pick<ModelTerm, "column">[] }): string[] => [
  ...new Set(all.map(({ column }) => column)),
];
