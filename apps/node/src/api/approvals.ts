/** The inbox: what waits, in plain words, and deciding it. */
import * as inbox from "../consent/approvals.ts";
import { approvalDetail, approvalView } from "../consent/plain-words.ts";
import type { Services } from "../partner/services.ts";
import type { Handlers } from "./handlers.ts";

type Names = "listApprovals" | "getApproval" | "approve" | "reject" | "comment";

export const approvalsApi = ({ side }: Services): Handlers<Names> => ({
  listApprovals: async ({ query, actor }) => {
    const rows = await inbox.listApprovals(side, query.status === "waiting");
    const waiting = query.status === "waiting" ? rows : await inbox.listApprovals(side, true);
    return { items: rows.map((row) => approvalView(side, actor, row)), waiting: waiting.length };
  },
  getApproval: async ({ params, actor }) => approvalDetail(side, actor, await inbox.approvalById(side, params.id)),
  approve: async ({ params, body, actor }) =>
    approvalView(side, actor, await inbox.approve(side, actor, params.id, body.consentHash, body.reason)),
  reject: async ({ params, body, actor }) =>
    approvalView(side, actor, await inbox.reject(side, actor, params.id, body.reason)),
  comment: async ({ params, body, actor }) => {
    await inbox.comment(side, actor, params.id, body.text);
    return approvalDetail(side, actor, await inbox.approvalById(side, params.id));
  },
});
