/** Decisions that wait, the journal, live events. */
import { z } from "zod";
import { id, json, partyId, text, timestamp } from "./common.ts";
import { comment } from "./data.ts";
import { disclosureItem } from "./jobs.ts";

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
    "flow",
    "service",
  ]),
  id: z.string(),
  /** Lanes and meter rows of a running task ride along so that the page need not ask. */
  data: json,
});

export type Approval = z.infer<typeof approval>;
export type ApprovalDetail = z.infer<typeof approvalDetail>;
export type JournalEntry = z.infer<typeof journalEntry>;
export type JournalVerification = z.infer<typeof journalVerification>;
export type LiveEvent = z.infer<typeof liveEvent>;
