/** What training of several classes leaves: for each class own coefficients at each party, and at the guest the intercepts. */
import * as z from "zod";
import { TERMS_MAX } from "../design.ts";
import { CLASS_FAMILIES } from "../families/index.ts";
import { missingRule, modelId, parseModel, partyName, termName } from "../model.ts";
import { CLASSES_LEAST, CLASSES_MOST, PARTIES_MAX } from "../parameters.ts";

/** One for each class, in the order of their numbers. */
const each = z.array(z.number()).min(CLASSES_LEAST).max(CLASSES_MOST).readonly();
const term = termName.extend({ coefficients: each }).readonly();
const terms = z.array(term).max(TERMS_MAX).readonly();

const guestModel = z
  .strictObject({
    kind: z.literal("regression/guest-classes"),
    version: z.literal(1),
    /** Random, the same in both parts. */
    modelId,
    family: z.enum(CLASS_FAMILIES),
    intercepts: each,
    hosts: z
      .array(partyName)
      .max(PARTIES_MAX - 1)
      .readonly(),
    missing: missingRule,
    terms,
  })
  .refine(({ intercepts, terms: own }) => own.every(({ coefficients }) => coefficients.length === intercepts.length))
  .readonly();

const hostModel = z
  .strictObject({
    kind: z.literal("regression/host-classes"),
    version: z.literal(1),
    modelId,
    family: z.enum(CLASS_FAMILIES),
    classes: z.int().min(CLASSES_LEAST).max(CLASSES_MOST),
    /** How many of them the model has: totals go to the guest by themselves only where this is the one. */
    hosts: z
      .int()
      .min(1)
      .max(PARTIES_MAX - 1)
      .default(1),
    /** What a row's totals are rounded to when they go to the guest: small against their spread in training. */
    quantum: z.number().positive(),
    missing: missingRule,
    terms,
  })
  .refine(({ classes, terms: own }) => own.every(({ coefficients }) => coefficients.length === classes))
  .readonly();

/** What a part may be, to be told to others (JSON Schema). */
export const classPartSchema = z.discriminatedUnion("kind", [guestModel, hostModel]);

export type GuestClassModel = z.infer<typeof guestModel>;
export type HostClassModel = z.infer<typeof hostModel>;
export type ClassTerm = z.infer<typeof term>;

/** A model part from a file or store. Throws `input.model`. */
export const checkGuestClassModel = (value: unknown): GuestClassModel => parseModel(guestModel, value);
export const checkHostClassModel = (value: unknown): HostClassModel => parseModel(hostModel, value);
