import { z } from "zod";
import { id, json, longText, partyId, problem, shortText, text, timestamp } from "./common.ts";
import { comment } from "./data.ts";

/** One statement of what a party learns. `about`: whose data it tells something of. */
export const disclosureItem = z.object({
  task: z.string(),
  component: z.string(),
  recipient: partyId,
  about: partyId,
  kind: z.string(),
  text,
});
export const jobStatus = z.enum(["PENDING", "READY", "REJECTED", "RUNNING", "SUCCESS", "FAILED", "CANCELLED"]);
export const taskStatus = z.enum(["PENDING", "READY", "RUNNING", "SUCCESS", "FAILED", "CANCELLED", "SKIPPED"]);

export const failure = z.object({
  code: z.string(),
  message: z.string(),
  party: z.string().nullable(),
  task: z.string().nullable(),
  stage: z.string().nullable(),
  remedy: z.string().nullable(),
  /** Private to this party: rows, columns, paths. */
  detail: z.record(z.string(), json).nullable(),
});

/** One message name of one task with one partner: the "what leaves my house" row. Bytes on the wire after framing. */
export const meterRow = z.object({
  task: z.string(),
  partner: partyId,
  name: z.string(),
  means: text,
  direction: z.enum(["out", "in"]),
  messages: z.number(),
  bytes: z.number(),
});
/** The live lane of one party in one task: a partner's `done` is a percentage, its bytes those exchanged with this node. */
export const lane = z.object({
  party: partyId,
  status: taskStatus,
  stage: z.string().nullable(),
  done: z.number().nullable(),
  total: z.number().nullable(),
  rows: z.number().nullable(),
  round: z.number().nullable(),
  bytesOut: z.number(),
  bytesIn: z.number(),
  etaSeconds: z.number().nullable(),
});
/** What is known after a step of a training that runs here: figures by name, as "validation.loss". */
export const stepFigures = z.object({ step: z.number(), values: z.record(z.string(), z.number()) });
export const taskView = z.object({
  name: z.string(),
  component: z.string(),
  title: text,
  status: taskStatus,
  attempt: z.number().int(),
  parties: z.array(partyId),
  lanes: z.array(lane),
  startedAt: timestamp.nullable(),
  endedAt: timestamp.nullable(),
  failure: failure.nullable(),
  /** Own outputs of this task. */
  outputs: z.array(
    z.object({
      port: z.string(),
      kind: z.enum(["table", "model", "report"]),
      rows: z.number().nullable(),
      ref: z.string(),
    }),
  ),
  reused: z.boolean(),
});
export const consentView = z.object({
  party: partyId,
  /** WITHDRAWN: no longer asked, since the job has come to another end. */
  status: z.enum(["WAITING", "APPROVED", "REJECTED", "EXPIRED", "WITHDRAWN"]),
  by: z.string().nullable(),
  at: timestamp.nullable(),
  reason: z.string().nullable(),
});
export const jobSummary = z.object({
  id,
  name: shortText,
  projectId: id,
  initiator: partyId,
  parties: z.array(z.object({ party: partyId, role: z.string() })),
  status: jobStatus,
  createdBy: z.string(),
  createdAt: timestamp,
  startedAt: timestamp.nullable(),
  endedAt: timestamp.nullable(),
  /** Finished tasks over all tasks, 0..1. */
  progress: z.number(),
  bytesOut: z.number(),
  bytesIn: z.number(),
  failure: failure.nullable(),
});
export const job = jobSummary.extend({
  /** The flow as submitted. */
  flow: json,
  flowYaml: z.string(),
  consentHash: z.string(),
  consents: z.array(consentView),
  disclosure: z.array(disclosureItem),
  tasks: z.array(taskView),
  edges: z.array(z.object({ from: z.string(), to: z.string(), port: z.string() })),
  meter: z.array(meterRow),
  attemptOf: id.nullable(),
});
export const submitJob = z.object({
  projectId: id,
  /** JSON flow, or its YAML text. */
  flow: z.union([z.string().max(200_000), z.record(z.string(), json)]),
  message: longText.default(""),
  /** Only this task and what it needs. */
  to: z.string().max(48).optional(),
  /**
   * An own earlier job: what its tasks left is used instead of running those again that are as they were; `from` and what
   * follows it runs in any case.
   */
  reuse: z.object({ jobId: id, from: z.string().max(48).optional() }).optional(),
});
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
export const logLine = z.object({
  at: timestamp,
  party: partyId,
  task: z.string().nullable(),
  level: z.enum(["debug", "info", "warn", "error"]),
  message: z.string(),
});
export const report = z.object({ task: z.string(), port: z.string(), kind: z.string(), title: text, data: json });

/** What goes in or comes out of a component. */
export const port = z.object({
  kind: z.enum(["table", "model", "report"]),
  optional: z.boolean(),
  /** Roles that have it; null: every participant. */
  roles: z.array(z.string()).nullable(),
  /** Rows in the joint order of all participants: wanted of an input; made, or kept as the inputs have it, by an output. */
  aligned: z.enum(["required", "made", "kept"]).nullable(),
  /** Of a model: its kind; null: of any. */
  holds: z.string().nullable(),
});
export const component = z.object({
  name: z.string(),
  version: z.string(),
  title: text,
  summary: text,
  roles: z.record(z.string(), z.object({ min: z.number(), max: z.number().nullable() })),
  /** JSON Schemas: what the console builds forms from. */
  parameters: json,
  partyParameters: json,
  inputs: z.record(z.string(), port),
  outputs: z.record(z.string(), port),
  messages: z.array(z.object({ name: z.string(), from: z.string(), to: z.string(), means: text })),
});

/** What waits for a decision (待办). */
export const approvalKind = z.enum(["contract", "grant", "project", "job", "schedule", "model"]);
export const approval = z.object({
  id,
  kind: approvalKind,
  title: z.string(),
  requestedBy: z.string(),
  requestedParty: partyId,
  direction: z.enum(["incoming", "outgoing"]),
  status: z.enum(["WAITING", "APPROVED", "REJECTED", "EXPIRED", "WITHDRAWN"]),
  createdAt: timestamp,
  expiresAt: timestamp,
  decidedBy: z.string().nullable(),
  decidedAt: timestamp.nullable(),
  reason: z.string().nullable(),
  /** False with the rule that forbids it, e.g. the requester may not approve. */
  mayDecide: z.boolean(),
  mayNotDecideBecause: text.nullable(),
  jobId: id.nullable(),
  grantId: id.nullable(),
  projectId: id.nullable(),
  scheduleId: id.nullable(),
  permitId: id.nullable(),
});
export const approvalDetail = approval.extend({
  message: z.string(),
  /** What a yes means, in plain words; for jobs the disclosure. */
  statements: z.array(text),
  disclosure: z.array(disclosureItem),
  consentHash: z.string().nullable(),
  flowYaml: z.string().nullable(),
  grantTerms: json.nullable(),
  /** Against the last approved version of the same flow name by the same initiator; null when it is the first. */
  diff: z.array(z.object({ path: z.string(), before: json, after: json })).nullable(),
  comments: z.array(comment),
  /** Of a permit: the version it is for. */
  modelId: id.nullable(),
});

export const journalEntry = z.object({
  index: z.number().int(),
  at: timestamp,
  kind: z.string(),
  actor: z.string(),
  summary: text,
  body: json,
  leafHash: z.string(),
});
export const checkpoint = z.object({
  size: z.number().int(),
  rootHash: z.string(),
  at: timestamp,
  signature: z.string(),
});
export const journalVerification = z.object({
  ok: z.boolean(),
  entries: z.number().int(),
  rootHash: z.string(),
  problems: z.array(z.object({ index: z.number().int().nullable(), message: z.string() })),
  /** Completeness is proved up to here: the latest checkpoint each partner holds. */
  provenUpTo: z.array(z.object({ partner: partyId, size: z.number().int(), at: timestamp })),
});

/** What the event stream sends; a client refetches what the event names. */
export const liveEvent = z.object({
  kind: z.enum([
    "job",
    "task",
    "meter",
    "figures",
    "log",
    "approval",
    "partner",
    "dataset",
    "grant",
    "project",
    "model",
    "journal",
    "schedule",
    "service",
  ]),
  id: z.string(),
  /** Lanes and meter rows of a running task ride along so that the page need not ask. */
  data: json,
});

export type DisclosureItem = z.infer<typeof disclosureItem>;
export type JobSummary = z.infer<typeof jobSummary>;
export type Job = z.infer<typeof job>;
export type TaskView = z.infer<typeof taskView>;
export type Lane = z.infer<typeof lane>;
export type StepFigures = z.infer<typeof stepFigures>;
export type MeterRow = z.infer<typeof meterRow>;
export type Failure = z.infer<typeof failure>;
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
export type LogLine = z.infer<typeof logLine>;
export type Report = z.infer<typeof report>;
export type Port = z.infer<typeof port>;
export type Component = z.infer<typeof component>;
export type Approval = z.infer<typeof approval>;
export type ApprovalDetail = z.infer<typeof approvalDetail>;
export type JournalEntry = z.infer<typeof journalEntry>;
export type JournalVerification = z.infer<typeof journalVerification>;
export type LiveEvent = z.infer<typeof liveEvent>;
