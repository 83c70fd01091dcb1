/**
 * The inbox (待办): contracts, grants, projects and jobs that wait for a person of this party. Whoever asked never
 * decides; a decision is written, journalled and queued for the partner in one transaction.
 */
import { safeText, TomboloError } from "@tombolo/base";
import type { Selectable } from "kysely";
import { z } from "zod";
import type { Caller } from "../api/handlers.ts";
import { isSamePerson } from "../auth/same-person.ts";
import { type NodeContext, systemActor } from "../context.ts";
import { grantById } from "../grants/grant-rows.ts";
import { decideGrant } from "../grants/grants.ts";
import { decideProject, projectById } from "../grants/projects.ts";
import { decideJob } from "../jobs/consents.ts";
import { decidePermit, permitById } from "../models/permits.ts";
import { contractById, fingerprintOf } from "../partner/contract-rows.ts";
import { confirmContract, terminateContract } from "../partner/contracts.ts";
import type { Partner } from "../partner/inbound.ts";
import { refuseTooManyComments } from "../partner/quota.ts";
import type { Side } from "../partner/side.ts";
import { safeLines } from "../partner/text.ts";
import { scheduleById } from "../schedules/rows.ts";
import { decideSchedule } from "../schedules/schedules.ts";
import type { PartnerTables } from "../store/tables/partners.ts";

export type Approval = Selectable<PartnerTables["approvals"]>;

export const COMMENT_PATH = "/v1/interconn/audit/comment";
export const commentBody = z.strictObject({
  kind: z.enum(["grant", "project", "job"]),
  subject: z.string().max(96),
  by: z.string().max(200),
  text: z.string().min(1).max(4000),
});

export async function approve(
  side: Side,
  caller: Caller,
  id: string,
  shown: string | null,
  reason: string,
): Promise<Approval> {
  safeLines(reason, "the reason", 4000);
  return decide(
    side,
    caller,
    id,
    async (approval) => {
      if (approval.kind === "contract")
        return void (await confirmContract(side, caller, approval.subject, shown ?? ""));
      if (approval.kind === "grant") await decideGrant(side, caller, approval.subject, true, reason);
      if (approval.kind === "project") await decideProject(side, caller, approval.subject, true, reason);
      if (approval.kind === "job") await decideJob(side, caller, approval.subject, { approved: true, shown, reason });
      if (approval.kind === "schedule")
        await decideSchedule(side, caller, approval.subject, { approved: true, shown, reason });
      if (approval.kind === "model")
        await decidePermit(side, caller, approval.subject, { approved: true, shown, reason });
    },
    { status: "APPROVED", reason },
  );
}

export async function reject(side: Side, caller: Caller, id: string, reason: string): Promise<Approval> {
  safeLines(reason, "the reason", 4000);
  return decide(
    side,
    caller,
    id,
    async (approval) => {
      if (approval.kind === "contract") return void (await terminateContract(side, caller, approval.subject, reason));
      if (approval.kind === "grant") await decideGrant(side, caller, approval.subject, false, reason);
      if (approval.kind === "project") await decideProject(side, caller, approval.subject, false, reason);
      if (approval.kind === "job")
        await decideJob(side, caller, approval.subject, { approved: false, shown: null, reason });
      if (approval.kind === "schedule")
        await decideSchedule(side, caller, approval.subject, { approved: false, shown: null, reason });
      if (approval.kind === "model")
        await decidePermit(side, caller, approval.subject, { approved: false, shown: null, reason });
    },
    { status: "REJECTED", reason },
  );
}

async function decide(
  side: Side,
  caller: Caller,
  id: string,
  act: (approval: Approval) => Promise<void>,
  outcome: { status: "APPROVED" | "REJECTED"; reason: string },
): Promise<Approval> {
  await side.store.transaction(async (tx) => {
    const approval = await approvalById(side, id);
    const barred = mayNotDecide(side, caller, approval);
    if (barred !== null) throw new TomboloError(barred.code, barred.text.en);
    const asker = approval.requested_by_id;
    if (asker !== null && (await isSamePerson(side, caller, { id: asker, name: approval.requested_by })))
      throw new TomboloError("consent.four-eyes", FOUR_EYES.en);
    // Marked first, so that what the act itself does to the inbox finds it decided.
    const marked = await tx
      .updateTable("approvals")
      .set({
        status: outcome.status,
        reason: outcome.reason === "" ? null : outcome.reason,
        decided_by: caller.name,
        decided_by_id: caller.id,
        decided_at: side.clock.now(),
      })
      .where("id", "=", id)
      .where("status", "=", "WAITING")
      .returning("id")
      .executeTakeFirst();
    // Of two decisions at the same time one counts.
    if (marked === undefined) throw new TomboloError("state.decided", "this was decided already");
    await act(approval);
    side.store.afterCommit(() => side.events.publish({ kind: "approval", id, data: null }));
  });
  return approvalById(side, id);
}

const FOUR_EYES = {
  en: "Whoever asks may not approve: another approver has to decide.",
  zh: "申请人不能审批，须由另一位审批人处理。",
} as const;

interface Barred {
  readonly code: "state.decided" | "consent.expired" | "consent.four-eyes" | "auth.role";
  readonly text: { readonly en: string; readonly zh: string };
}

export function mayNotDecide({ clock }: NodeContext, caller: Caller, approval: Approval): Barred | null {
  if (approval.status !== "WAITING")
    return { code: "state.decided", text: { en: "This was decided already.", zh: "该申请已处理。" } };
  if (approval.expires_at <= clock.now())
    return { code: "consent.expired", text: { en: "The request has expired.", zh: "该申请已过期。" } };
  if (approval.requested_by_id === caller.id) return { code: "consent.four-eyes", text: FOUR_EYES };
  if (!caller.roles.includes("approver"))
    return { code: "auth.role", text: { en: "Only an approver decides.", zh: "只有审批人可以处理。" } };
  return null;
}

export async function comment(side: Side, caller: Caller, id: string, text: string): Promise<void> {
  const approval = await approvalById(side, id);
  if (approval.kind === "contract")
    throw new TomboloError("state.contract", "a contract is not commented on", {
      remedy: "Talk to the partner by telephone.",
    });
  await commentOn(side, caller, { kind: approval.kind, subject: approval.subject }, text);
}

/** On what is asked for, from either side of it. */
export async function commentOn(
  side: Side,
  caller: Caller,
  about: { readonly kind: Exclude<Approval["kind"], "contract">; readonly subject: string },
  text: string,
): Promise<void> {
  const parties = await partiesOf(side, about);
  await side.store.transaction(async () => {
    await insertComment(side, {
      subject: about.subject,
      by: caller.name,
      party: side.config.party,
      text: safeLines(text, "the comment", 4000),
    });
    const body = { ...about, by: caller.name, text };
    for (const party of parties) await side.outbox.post(side, party, COMMENT_PATH, body);
  });
}

export async function onComment(side: Side, caller: Partner, body: z.infer<typeof commentBody>): Promise<void> {
  const parties = await partiesOf(side, body);
  if (!parties.includes(caller.party))
    throw new TomboloError("auth.comment", "there is nothing of yours to comment on");
  await refuseTooManyComments(side, body.subject, caller.party);
  await insertComment(side, {
    subject: body.subject,
    by: safeText(body.by, "the name", 200),
    party: caller.party,
    text: safeLines(body.text, "the comment", 4000),
  });
}

export async function commentViews({ store }: NodeContext, subject: string) {
  const query = store.db.selectFrom("comments").selectAll().where("subject", "=", subject);
  const rows = await query.orderBy("id").limit(500).execute();
  return rows.map(({ by, party, at, text }) => ({ by, party, at: at.toISOString(), text }));
}

export async function approvalById({ store }: NodeContext, id: string): Promise<Approval> {
  const approval = await store.db.selectFrom("approvals").selectAll().where("id", "=", id).executeTakeFirst();
  if (approval === undefined) throw new TomboloError("state.unknown", "there is no such request");
  return approval;
}

export async function listApprovals({ store }: NodeContext, waitingOnly: boolean): Promise<Approval[]> {
  const query = store.db.selectFrom("approvals").selectAll().orderBy("created_at", "desc").limit(500);
  return (waitingOnly ? query.where("status", "=", "WAITING") : query).execute();
}

/** Requests nobody decided in time. */
export async function expireApprovals(side: Side): Promise<Approval[]> {
  const expired = await side.store.db
    .updateTable("approvals")
    .set({ status: "EXPIRED" })
    .where("status", "=", "WAITING")
    .where("expires_at", "<=", side.clock.now())
    .returningAll()
    .execute();
  for (const { id } of expired) side.events.publish({ kind: "approval", id, data: null });
  return expired;
}

/** Whoever asked hears that nobody decided, instead of waiting on. */
export async function refuseExpired(side: Side, { kind, subject }: Approval): Promise<void> {
  const reason = "nobody decided in time; ask again";
  await side.store.transaction(async () => {
    if (kind === "grant") await decideGrant(side, systemActor, subject, false, reason);
    if (kind === "project") await decideProject(side, systemActor, subject, false, reason);
    if (kind === "schedule") await decideSchedule(side, systemActor, subject, { approved: false, shown: null, reason });
    if (kind === "model") await decidePermit(side, systemActor, subject, { approved: false, shown: null, reason });
  });
}

/** The fingerprint, consent hash or hash of a manifest that a yes must send back. */
export async function shownHash(side: Side, approval: Approval): Promise<string | null> {
  if (approval.kind === "contract") return fingerprintOf(side, await contractById(side, approval.subject));
  if (approval.kind === "schedule") return (await scheduleById(side, approval.subject)).approved_hash;
  if (approval.kind === "model") return (await permitById(side, approval.subject)).manifest_hash;
  if (approval.kind !== "job") return null;
  const job = await side.store.db
    .selectFrom("jobs")
    .select("consent_hash")
    .where("id", "=", approval.subject)
    .executeTakeFirst();
  return job?.consent_hash ?? null;
}

/** Partners that a request concerns. */
async function partiesOf(
  side: Side,
  { kind, subject }: { kind: Approval["kind"]; subject: string },
): Promise<string[]> {
  const others = (parties: readonly string[]): string[] =>
    [...new Set(parties)].filter((party) => party !== side.config.party);
  if (kind === "grant") {
    const grant = await grantById(side, subject);
    return others([grant.owner, ...grant.terms.partners]);
  }
  if (kind === "schedule" || kind === "model") return [];
  if (kind === "project") return others((await projectById(side, subject)).members.map(({ partyId }) => partyId));
  const job = await side.store.db.selectFrom("jobs").select("document").where("id", "=", subject).executeTakeFirst();
  return others(job?.document.parties.map(({ party }) => party) ?? []);
}

async function insertComment(
  side: Side,
  comment: { subject: string; by: string; party: string; text: string },
): Promise<void> {
  await side.store.db
    .insertInto("comments")
    .values({ ...comment, at: side.clock.now() })
    .execute();
  side.store.afterCommit(() => side.events.publish({ kind: "approval", id: comment.subject, data: null }));
}
