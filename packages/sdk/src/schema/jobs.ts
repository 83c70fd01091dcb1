/** Jobs and their tasks, what they learn, send and leave; components. */
import { z } from "zod";
import { id, json, longText, partyId, shortText, text, timestamp } from "./common.ts";

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
  /**
   * The kept flow that it was asked for from, at the party that did; `revision` null: what was asked for is not what
   * is kept. `latest`: the flow's revision by now.
   */
  keptFlow: z
    .object({ id, name: z.string(), revision: z.number().int().nullable(), latest: z.number().int() })
    .nullable(),
});
/** JSON flow, or its YAML text. */
export const flowSource = z.union([z.string().max(200_000), z.record(z.string(), json)]);
export const submitJob = z.object({
  projectId: id,
  flow: flowSource,
  message: longText.default(""),
  /** Only this task and what it needs. */
  to: z.string().max(48).optional(),
  /**
   * An own earlier job: what its tasks left is used instead of running those again that are as they were; `from` and what
   * follows it runs in any case.
   */
  reuse: z.object({ jobId: id, from: z.string().max(48).optional() }).optional(),
  /** The flow kept at this node that this is of: the job names it, as long as it is there. */
  keptFlow: z
    .object({
      id,
      revision: z
        .number()
        .int()
        .min(1)
        .max(2 ** 31 - 1),
    })
    .optional(),
});
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

export type DisclosureItem = z.infer<typeof disclosureItem>;
export type JobSummary = z.infer<typeof jobSummary>;
export type Job = z.infer<typeof job>;
export type TaskView = z.infer<typeof taskView>;
export type Lane = z.infer<typeof lane>;
export type StepFigures = z.infer<typeof stepFigures>;
export type MeterRow = z.infer<typeof meterRow>;
export type Failure = z.infer<typeof failure>;
export type LogLine = z.infer<typeof logLine>;
export type Report = z.infer<typeof report>;
export type Port = z.infer<typeof port>;
export type Component = z.infer<typeof component>;
