import { z } from "zod";
import { longText, pageQuery } from "../common.ts";
import * as records from "../records.ts";
import { byId, reason, route } from "./route.ts";

/** Decisions, the journal, live events. */
export const recordRoutes = {
  // approvals
  listApprovals: route({
    method: "GET",
    path: "/api/v1/approvals",
    permission: "approvals:read",
    tag: "approvals",
    summary: "What waits, and what was decided",
    query: z.object({ status: z.enum(["waiting", "all"]).default("waiting") }),
    response: z.object({ items: z.array(records.approval), waiting: z.number() }),
  }),
  getApproval: route({
    method: "GET",
    path: "/api/v1/approvals/:id",
    permission: "approvals:read",
    tag: "approvals",
    summary: "One request in plain words",
    params: byId,
    response: records.approvalDetail,
  }),
  approve: route({
    method: "POST",
    path: "/api/v1/approvals/:id/approve",
    permission: "approvals:decide",
    tag: "approvals",
    summary: "Approve; for a job the hash shown must be sent back",
    params: byId,
    body: z.object({ consentHash: z.string().nullable().default(null), reason: longText.default("") }),
    response: records.approval,
  }),
  reject: route({
    method: "POST",
    path: "/api/v1/approvals/:id/reject",
    permission: "approvals:decide",
    tag: "approvals",
    summary: "Reject with a reason",
    params: byId,
    body: reason,
    response: records.approval,
  }),
  comment: route({
    method: "POST",
    path: "/api/v1/approvals/:id/comments",
    permission: "approvals:read",
    tag: "approvals",
    summary: "Comment; the partner sees it",
    params: byId,
    body: z.object({ text: longText.min(1) }),
    response: records.approvalDetail,
  }),
  // journal and events
  journal: route({
    method: "GET",
    path: "/api/v1/journal",
    permission: "journal:read",
    tag: "journal",
    summary: "Entries, newest first",
    query: pageQuery,
    response: z.object({
      items: z.array(records.journalEntry),
      size: z.number(),
      checkpoint: records.checkpoint.nullable(),
    }),
  }),
  verifyJournal: route({
    method: "POST",
    path: "/api/v1/journal/verify",
    permission: "journal:read",
    tag: "journal",
    summary: "Recompute the log and check it against partners' checkpoints",
    response: records.journalVerification,
  }),
  events: route({
    method: "GET",
    path: "/api/v1/events",
    permission: "signed-in",
    tag: "events",
    summary: "Server-sent events: what changed",
    query: z.object({ job: z.string().optional() }),
    response: "events",
  }),
};
