/** What is checked before a job is asked for: a flow, or a guided form that the node makes one of. */
import { z } from "zod";
import { id, json, partyId, problem, shortText, text } from "./common.ts";
import { disclosureItem } from "./jobs.ts";

export const flowCheck = z.object({
  ok: z.boolean(),
  problems: z.array(problem),
  flow: json,
  flowYaml: z.string(),
  /** Of a flow with problems: what those of its tasks disclose that are right so far. */
  disclosure: z.array(disclosureItem),
  /** Tasks that would not run again, of a flow without problems. */
  reused: z.array(z.string()),
  /** Parties whose approver (or standing rule) has to say yes before it runs. */
  waitsFor: z.array(z.object({ party: partyId, why: text })),
});
/** The guided "joint model" form; the node turns it into a flow. */
export const jointModelForm = z.object({
  projectId: id,
  name: shortText,
  guest: z.object({
    datasetId: id,
    keys: z.array(z.string()).min(1),
    label: z.string(),
    columns: z.array(z.string()),
    /** A column of what each row counts. */
    weight: z.string().nullable().default(null),
    /** Columns that may only raise, or only lower, the prediction as they rise. */
    rising: z.array(z.string()).default([]),
    falling: z.array(z.string()).default([]),
  }),
  hosts: z
    .array(z.object({ partyId, datasetId: id, keys: z.array(z.string()).min(1), columns: z.array(z.string()) }))
    .min(1),
  objective: z
    .enum(["binary", "regression", "absolute", "huber", "poisson", "tweedie", "multi-class"])
    .default("binary"),
  trees: z.number().int().min(1).max(1000).default(50),
  depth: z.number().int().min(1).max(10).default(4),
  learningRate: z.number().gt(0).max(1).default(0.2),
  bins: z.number().int().min(2).max(255).default(32),
  testShare: z.number().min(0.05).max(0.9).default(0.3),
  seed: z
    .number()
    .int()
    .min(0)
    .max(2 ** 32 - 1)
    .default(7),
  /** Also trains on the guest's columns alone, to compare. */
  baseline: z.boolean().default(true),
  /** Further parameters of boosting-train; what is wrong with them is among the flow's problems. */
  boosting: z.record(z.string().max(100), json).default({}),
  /** An earlier version to go on from. */
  start: z.string().max(400).nullable().default(null),
});
const matchSide = z.object({ datasetId: id, keys: z.array(z.string()).min(1).max(8), columns: z.array(z.string()) });
/** The guided "match" form. */
export const matchForm = z.object({
  projectId: id,
  name: shortText,
  /** "rows": each party keeps those of its rows that all have. "count" and "sum": two parties, and only that figure. "label": two; the hosts' columns are handed to the guest. */
  kind: z.enum(["rows", "count", "sum", "label"]).default("rows"),
  guest: matchSide,
  hosts: z.array(matchSide.extend({ partyId })).min(1).max(15),
  /** "auto": chosen by sizes and number of parties, and written into the flow before anyone consents. */
  protocol: z.string().max(40).default("auto"),
  /** Of the component that does it (psi, match-count, match-sum, match-label): id rules, duplicates, limits. */
  parameters: z.record(z.string(), json).default({}),
});
/** What a match will take, and why it runs the protocol it names. */
export const matchPlan = z.object({
  protocol: z.string(),
  why: text,
  /** Null where a partner does not show its row count. */
  estimate: z
    .object({ seconds: z.number(), bytesOut: z.number(), bytesIn: z.number(), diskBytes: z.number() })
    .nullable(),
});
export const matchCheck = flowCheck.extend({ plan: matchPlan });
/** Scoring a table of own rows with a model, with the hosts' tables. */
export const scoreForm = z.object({
  name: shortText,
  modelId: id,
  datasetId: id,
  keys: z.array(z.string()).min(1),
  hosts: z.array(z.object({ partyId, datasetId: id, keys: z.array(z.string()).min(1) })),
});
/** A catalogue of a partner's large table, kept by this party, which will ask. */
export const catalogueForm = z.object({
  /** Of a new one; the next version stays in the project of the one before. */
  projectId: id.nullable().default(null),
  name: shortText,
  host: z.object({ partyId, datasetId: id, keys: z.array(z.string()).min(1).max(8) }),
  /** The catalogue to bring up to date, whose rules and limits stay; null: a new one. */
  previous: id.nullable().default(null),
  /** Whether the table stays with its owner, to be asked by hidden retrieval as a service; such are not refreshed. */
  stays: z.boolean().default(false),
  /** Of match-catalogue or query-prepare: id rules, limits of the epoch. */
  parameters: z.record(z.string(), json).default({}),
});
/** Reference to what the data subjects authorised: a hash, never the document. */
export const authorisation = z.object({
  hash: z.string().regex(/^[0-9a-f]{64}$/, "not a SHA-256 in hex"),
  /** The purpose of the owner's grant, or the id of the dataset that is asked. */
  scope: z.string().min(1).max(200),
  expires: z.iso.datetime({ offset: true }),
});
/** Own ids to ask about, in a catalogue made before. */
export const lookupForm = z.object({
  name: shortText,
  catalogue: id,
  guest: matchSide,
  /** Of a catalogue without records: yes or no beside every row, in place of the rows that are there. */
  verify: z.boolean().default(false),
  idsMax: z
    .number()
    .int()
    .min(1)
    .max(2 ** 27),
  authorisation: authorisation.nullable().default(null),
});
/** Keys to ask a partner's table about, without the partner learning which; it is made ready for this question alone. */
export const queryForm = z.object({
  projectId: id,
  name: shortText,
  guest: matchSide,
  host: z.object({ partyId, datasetId: id, keys: z.array(z.string()).min(1).max(8) }),
  /** Of the host's table; none: only which keys are there. */
  columns: z
    .array(
      z.object({
        column: z.string().min(1).max(120),
        kind: z.enum(["number", "text"]).default("number"),
        /** Most bytes of a text. */
        bytes: z.number().int().min(1).max(1024).default(32),
      }),
    )
    .max(64)
    .default([]),
  /** "auto": chosen by sizes and by what follows, and written into the flow before anyone consents. */
  form: z.enum(["auto", "keyword", "simple", "two-server", "oblivious-transfer"]).default("auto"),
  /** The table may not leave its owner, even sealed. */
  stays: z.boolean().default(false),
  /** Which keys the table has is no secret. */
  keysPublic: z.boolean().default(false),
  /** A third party that keeps a sealed copy, and does not pool what it sees with the owner. */
  keeper: partyId.nullable().default(null),
  linkMbps: z.number().gt(0).max(1e6).default(100),
  /** Different keys; null: as many as the own table has rows. */
  idsMax: z
    .number()
    .int()
    .min(1)
    .max(2 ** 27)
    .nullable()
    .default(null),
  padTo: z.number().int().min(1).max(64).default(4),
  authorisation: authorisation.nullable().default(null),
});
/** Which form a private query takes, why, and what it will take. */
export const queryPlan = z.object({
  form: z.enum(["keyword", "simple", "two-server", "oblivious-transfer"]),
  why: text,
  /** Null where the partner does not show its row count. */
  estimate: z.object({ seconds: z.number(), bytesOut: z.number(), bytesIn: z.number() }).nullable(),
});
/** The project as well: it is the catalogue's. */
export const lookupCheck = flowCheck.extend({ projectId: id });
export const queryCheck = lookupCheck.extend({ plan: queryPlan });

export type FlowCheck = z.infer<typeof flowCheck>;
export type JointModelForm = z.input<typeof jointModelForm>;
export type MatchForm = z.input<typeof matchForm>;
export type MatchPlan = z.infer<typeof matchPlan>;
export type ScoreForm = z.infer<typeof scoreForm>;
export type CatalogueForm = z.input<typeof catalogueForm>;
export type QueryForm = z.input<typeof queryForm>;
export type QueryPlan = z.infer<typeof queryPlan>;
export type LookupForm = z.input<typeof lookupForm>;
export type Authorisation = z.infer<typeof authorisation>;
