import { z } from "zod";
import { id, json, longText, partyId, shortText, text, timestamp } from "./common.ts";
import { report } from "./jobs.ts";

/** What a version is used for: a service that answers at once, or jobs that score tables. */
export const modelUse = z.enum(["online", "batch"]);
export const modelStatus = z.enum(["ACTIVE", "WITHDRAWN", "ARCHIVED"]);

/** A party's consent to uses of a version that it holds a part of. */
export const modelPermitTerms = z.object({
  use: z.array(modelUse).min(1).max(2),
  purpose: shortText,
  /** Rows that may be scored in all; null: no limit. */
  rowsMax: z.number().int().min(1).max(1e12).nullable(),
  expiresAt: timestamp,
});
export const permitStatus = z.enum(["REQUESTED", "ACTIVE", "REJECTED", "WITHDRAWN", "EXPIRED", "USED_UP"]);
export const modelPermit = z.object({
  id,
  terms: modelPermitTerms,
  status: permitStatus,
  /** Null without a limit, and of partners, who keep that to themselves. */
  rowsLeft: z.number().nullable(),
  requestedBy: z.string(),
  requestedParty: partyId,
  decidedBy: z.string().nullable(),
  reason: z.string().nullable(),
  createdAt: timestamp,
});
export const requestPermit = modelPermitTerms.extend({
  /** Who is asked: parties that hold a part. Empty: all of them. */
  parties: z.array(partyId).max(16).default([]),
  message: longText.default(""),
});

export const model = z.object({
  id,
  /** Of the entry that it is a version of. */
  name: shortText,
  entryId: id.nullable(),
  version: z.number().int().nullable(),
  notes: z.string(),
  status: modelStatus,
  /** Why it was withdrawn. */
  reason: z.string().nullable(),
  /** Partners that hold a part see its name, version and notes. */
  published: z.boolean(),
  /** Every party's signatures are here; whether they and all they cover hold is checked when it is opened or used. */
  signed: z.boolean(),
  /** What this party's permits in force allow; empty with `permits` 0: each job is consented to by itself. */
  permitted: z.array(modelUse),
  permits: z.number().int(),
  jobId: id,
  task: z.string(),
  kind: z.string(),
  /** What prepares columns before training; models trained after it hold it themselves. */
  step: z.boolean(),
  objective: z.string(),
  parties: z.array(z.object({ party: partyId, role: z.string() })),
  createdAt: timestamp,
  /** Marked when a grant it was made under was revoked. */
  derivedFromRevoked: z.boolean(),
  /** Of a catalogue that was brought up to date: the version that took its place. */
  supersededBy: id.nullable(),
  metrics: z.record(z.string(), z.number()),
});

/** One thing that was checked, and whose it is. */
export const modelCheck = z.object({
  party: partyId,
  what: z.enum(["record", "file", "part-signature", "manifest", "manifest-signature"]),
  ok: z.boolean(),
  /** Not wrong, only not here yet. */
  missing: z.boolean(),
  text,
});
export const modelVerification = z.object({
  ok: z.boolean(),
  manifestHash: z.string().nullable(),
  checks: z.array(modelCheck),
});
export const modelPartView = z.object({
  party: partyId,
  role: z.string(),
  own: z.boolean(),
  /** SHA-256 of what the party signs of its part, which stays with it. */
  digest: z.string().nullable(),
  keyFingerprint: z.string(),
  partSigned: z.boolean(),
  manifestSigned: z.boolean(),
  /** As the party last said; null: it said nothing. */
  status: modelStatus.nullable(),
  published: z.object({ name: z.string(), version: z.number().int(), notes: z.string() }).nullable(),
  permits: z.array(modelPermit),
  /** What its rows went through before training: own steps as they are, partners' as the consent told of them. */
  steps: z.array(text),
});
export const modelLineage = z.object({
  consentHash: z.string(),
  pipeline: z.array(
    z.object({ task: z.string(), component: z.string(), version: z.string(), title: text, parties: z.array(partyId) }),
  ),
  datasets: z.array(
    z.object({
      party: partyId,
      task: z.string(),
      datasetId: z.string(),
      /** Where this party knows it. */
      name: z.string().nullable(),
      snapshot: z.string(),
      columns: z.number().int(),
      grantId: z.string().nullable(),
    }),
  ),
  models: z.array(z.string()),
  /** Later jobs here that read it. */
  usedBy: z.array(z.object({ id, name: z.string(), status: z.string(), createdAt: timestamp })),
});
/** Own view of the model: trees with own thresholds, partners' splits masked; importance with masked names. */
export const modelDetail = model.extend({
  importance: z.array(
    z.object({
      feature: z.string(),
      party: partyId,
      gain: z.number(),
      /** Sum of second derivatives over its splits; null where the party does not know it. */
      cover: z.number().nullable(),
      count: z.number(),
    }),
  ),
  trees: json,
  /** Of a regression: own coefficients, with what is known of their errors. */
  regression: json,
  /** Of a scorecard: the own part of it, bins with their points. */
  scorecard: json,
  parameters: json,
  /** What own rows went through before training, and go through again when they are scored. */
  pipeline: z.array(z.object({ kind: z.string(), title: text, digest: z.string(), steps: z.array(z.string()) })),
  schema: z.array(
    z.object({ dataset: z.string(), name: z.string(), type: z.string(), use: z.enum(["key", "label", "feature"]) }),
  ),
  verification: modelVerification,
  parts: z.array(modelPartView),
  lineage: modelLineage,
});

/** An own report about a version: of its training, or of an evaluation of what was scored with it. */
export const modelReport = report.extend({
  jobId: id,
  jobName: z.string(),
  at: timestamp,
  about: z.enum(["training", "evaluation"]),
});

/** Of one standard deviation of a column; with the interval of 95 in 100, where errors are known. */
const effect = z.object({ effect: z.number(), low: z.number().nullable(), high: z.number().nullable() });
const pair = { a: json, b: json };
/** Two versions side by side, as this party sees them. */
export const modelComparison = z.object({
  a: model,
  b: model,
  metrics: z.array(z.object({ name: z.string(), a: z.number().nullable(), b: z.number().nullable() })),
  parameters: z.array(z.object({ name: z.string(), ...pair })),
  /** Of regressions: own columns. */
  coefficients: z.array(z.object({ name: z.string(), a: effect.nullable(), b: effect.nullable() })),
  /** Shares of all gain (of all splits, where no gain is known), 0..1. */
  importance: z.array(
    z.object({ feature: z.string(), party: partyId, a: z.number().nullable(), b: z.number().nullable() }),
  ),
});
export const describeModel = z.object({
  /** Of the entry it goes under; one that is new makes a new entry. */
  name: shortText.optional(),
  notes: longText.optional(),
});

export type ModelUse = z.infer<typeof modelUse>;
export type ModelPermitTerms = z.infer<typeof modelPermitTerms>;
export type ModelPermit = z.infer<typeof modelPermit>;
export type Model = z.infer<typeof model>;
export type ModelDetail = z.infer<typeof modelDetail>;
export type ModelReport = z.infer<typeof modelReport>;
export type ModelPartView = z.infer<typeof modelPartView>;
export type ModelCheck = z.infer<typeof modelCheck>;
export type ModelVerification = z.infer<typeof modelVerification>;
export type ModelComparison = z.infer<typeof modelComparison>;
export type RequestPermit = z.input<typeof requestPermit>;
