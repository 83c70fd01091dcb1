import { z } from "zod";
import { id, longText, partyId, shortText, timestamp } from "./common.ts";

export const columnName = z.string().min(1).max(120);
export const columnType = z.enum(["number", "integer", "text", "boolean", "date"]);
export const columnRole = z.enum(["id", "label", "feature", "ignored"]);

/** The data dictionary of a column; statistics are present only where the owner lets the reader see them. */
export const column = z.object({
  name: columnName,
  type: columnType,
  role: columnRole,
  meaning: z.string().max(500),
  unit: z.string().max(60),
  /** Share of rows with a value, 0..1. */
  fillRate: z.number().min(0).max(1).nullable(),
  distinct: z.number().nullable(),
  statistics: z
    .object({
      min: z.number(),
      max: z.number(),
      mean: z.number(),
      deviation: z.number(),
      quantiles: z.array(z.number()),
    })
    .nullable(),
  /** Most frequent values of text columns, none below the minimum row count. */
  top: z.array(z.object({ value: z.string(), count: z.number() })).nullable(),
});
/** Which statistics partners may see of a published dataset. */
export const visibility = z.object({
  rowCount: z.boolean(),
  fillRate: z.boolean(),
  distinct: z.boolean(),
  statistics: z.boolean(),
  top: z.boolean(),
});

export const dataset = z.object({
  id,
  name: shortText,
  description: longText,
  owner: partyId,
  rowCount: z.number().nullable(),
  columns: z.array(column),
  /** As-of date of the data, not of the upload. */
  asOf: z.iso.date().nullable(),
  published: z.boolean(),
  visibility,
  sourceFile: z.string().nullable(),
  bytes: z.number().nullable(),
  /** Salted commitment to the frozen snapshot; another snapshot needs another consent. */
  snapshot: z.string(),
  createdAt: timestamp,
  /** The job output it was made from; null for an upload. */
  origin: z.object({ jobId: id, jobName: z.string(), task: z.string(), port: z.string() }).nullable(),
  /** Marked when a grant it was made under was revoked. */
  derivedFromRevoked: z.boolean(),
});
/** Upload: the body is the file itself (text/csv or application/vnd.apache.parquet); these are query parameters. */
export const uploadQuery = z.object({
  name: shortText,
  filename: z.string().max(255),
  id: z.string().optional(),
  label: z.string().optional(),
});
export const datasetPatch = z
  .object({
    name: shortText,
    description: longText,
    asOf: z.iso.date().nullable(),
    columns: z.array(
      z.object({ name: columnName, role: columnRole, meaning: z.string().max(500), unit: z.string().max(60) }),
    ),
  })
  .partial();
export const publish = z.object({ published: z.boolean(), visibility });
export const preview = z.object({
  columns: z.array(columnName),
  rows: z.array(z.array(z.union([z.string(), z.number(), z.boolean(), z.null()]))),
});

/** A dataset as a query table: which keys partners may ask about, what they get of a row, and how often. */
export const queryTerms = z.object({
  /** Columns that make a key, in the order in which its parts are asked. */
  keys: z.array(columnName).min(1).max(8),
  /** What a key that is there answers with; none: whether its parts stand together. `bytes`: of a text, at most. */
  columns: z
    .array(
      z.object({
        column: columnName,
        kind: z.enum(["number", "text"]),
        bytes: z.number().int().min(1).max(1024).default(32),
      }),
    )
    .max(64),
  /** The table's size is told in steps of at least so many rows. */
  padTo: z.number().int().min(1).max(1e7),
  /** Each partner may ask about so many ids, in all and in a day (UTC); padding of questions counts. */
  idsMax: z.number().int().min(1).max(1e9),
  idsPerDay: z.number().int().min(1).max(1e9).nullable(),
  /** Answered only with a reference to what the data subjects authorised. */
  authorisationRequired: z.boolean().optional(),
});

/** What a grant allows (授权). Empty `columns` means all; `filter` is an expression of the allow-listed grammar. */
export const grantTerms = z.object({
  datasetId: id,
  partners: z.array(partyId).min(1),
  projectId: id.nullable(),
  components: z.array(z.string()),
  columns: z.array(columnName),
  filter: z.string().max(1000).nullable(),
  purpose: shortText,
  use: z.array(z.enum(["train", "score"])).min(1),
  receivers: z.array(partyId).min(1),
  expiresAt: timestamp,
  uses: z.number().int().min(1).max(100000),
  /** True: a partner may be told which of the columns stand behind the splits of a joint model. */
  columnNames: z.boolean().optional(),
  /** True: jobs within these terms are consented by this standing rule, without asking again. */
  standing: z.boolean(),
  /** Of one that is for questions alone: what a catalogue made under it may hold, and how much may be asked. */
  query: queryTerms.optional(),
});
/** SUSPENDED: given before its owner's node was restored from a backup, and not confirmed since. */
export const grantStatus = z.enum(["REQUESTED", "ACTIVE", "SUSPENDED", "REJECTED", "EXPIRED", "USED_UP", "REVOKED"]);
export const grant = z.object({
  id,
  terms: grantTerms,
  owner: partyId,
  datasetName: z.string(),
  direction: z.enum(["given", "received"]),
  status: grantStatus,
  usesLeft: z.number().int(),
  requestedBy: z.string(),
  decidedBy: z.string().nullable(),
  reason: z.string().nullable(),
  createdAt: timestamp,
  /** Jobs that drew on it. */
  jobs: z.array(id),
});

export const comment = z.object({ by: z.string(), party: partyId, at: timestamp, text: z.string() });
export const grantDetail = grant.extend({ comments: z.array(comment) });

/** What a partner has asked about an own dataset by matching, and may ask. A null limit: counted only. */
export const askBudget = z.object({
  partner: partyId,
  datasetId: id,
  datasetName: z.string(),
  runs: z.object({ used: z.number().int(), max: z.number().int().nullable() }),
  ids: z.object({ used: z.number().int(), max: z.number().int().nullable() }),
  /** Of these since midnight, UTC. */
  today: z.object({ used: z.number().int(), max: z.number().int().nullable() }),
  /** Only with a reference to what the data subjects authorised. */
  authorisationRequired: z.boolean(),
  /** Who set the limits last. */
  setBy: z.string().nullable(),
  updatedAt: timestamp,
});
export const newBudget = z.object({
  partner: partyId,
  datasetId: id,
  runsMax: z.number().int().min(0).max(1_000_000).nullable(),
  idsMax: z.number().int().min(0).max(1e12).nullable(),
  /** Ids a day, UTC; left out: as it was. */
  idsPerDayMax: z.number().int().min(0).max(1e12).nullable().optional(),
  /** Left out: as it was. */
  authorisationRequired: z.boolean().optional(),
});

export const project = z.object({
  id,
  name: shortText,
  description: longText,
  status: z.enum(["PROPOSED", "ACTIVE", "REJECTED", "ARCHIVED"]),
  initiator: partyId,
  members: z.array(
    z.object({
      partyId,
      status: z.enum(["INVITED", "JOINED", "REFUSED"]),
      /** Why it refused. */
      reason: z.string().nullable().default(null),
    }),
  ),
  createdAt: timestamp,
});
export const newProject = z.object({
  name: shortText,
  description: longText.default(""),
  members: z.array(partyId).min(1),
});

export type Dataset = z.infer<typeof dataset>;
export type DatasetColumn = z.infer<typeof column>;
export type Visibility = z.infer<typeof visibility>;
export type Grant = z.infer<typeof grant>;
export type GrantDetail = z.infer<typeof grantDetail>;
export type AskBudget = z.infer<typeof askBudget>;
export type QueryTerms = z.infer<typeof queryTerms>;
export type GrantTerms = z.infer<typeof grantTerms>;
export type Project = z.infer<typeof project>;
