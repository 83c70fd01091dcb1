/**
 * Decisions about a job: each party's approver, or its standing rule, signs the consent hash; every party keeps every
 * signature, and runs nothing before all of them are there and verify.
 */
import { fromBase64Url, safeText, TomboloError, toBase64Url } from "@tombolo/base";
import { z } from "zod";
import { signBytes, verifyBytes } from "../config/keys.ts";
import { type ConsentDecision, consentHash, decisionBytes } from "../consent/document.ts";
import type { Actor } from "../context.ts";
import { exchangeCheckpoint } from "../partner/checkpoints.ts";
import { activeContract, contractWith, partnerActor } from "../partner/contract-rows.ts";
import type { Partner } from "../partner/inbound.ts";
import { isKeyOfContract, keysSince } from "../partner/key-rotation.ts";
import type { Side } from "../partner/side.ts";
import { inChinese } from "../status-words.ts";
import { consentsOf, failureOf, findJob, flowOf, type Job, jobById, jobChanged, partiesOf, stepJob } from "./rows.ts";
import { servingUntil } from "./services.ts";

export const CONFIRM_PATH = "/v1/interconn/job/audit/confirm";
export const confirmBody = z.strictObject({
  job_id: z.string().max(96),
  consent_hash: z.string().regex(/^[0-9a-f]{64}$/),
  party: z.string().max(32),
  decision: z.enum(["APPROVED", "REJECTED"]),
  by: z.string().max(200),
  at: z.iso.datetime(),
  reason: z.string().max(4000).nullable(),
  signature: z.string().max(100),
});
export type SignedDecision = z.infer<typeof confirmBody>;

/** An approver's yes must send back the hash that was shown. */
export async function decideJob(
  side: Side,
  actor: Actor,
  jobId: string,
  decision: { approved: boolean; shown: string | null; reason: string },
): Promise<void> {
  const job = await jobById(side, jobId);
  if (decision.approved && decision.shown !== job.consent_hash)
    throw new TomboloError("consent.changed", "the request is not the one that was shown", {
      remedy: "Read it again, then decide.",
    });
  await recordDecision(side, actor, jobId, { approved: decision.approved, by: actor.name, reason: decision.reason });
}

/** Signs, stores, journals and tells the others. */
export async function recordDecision(
  side: Side,
  actor: Actor,
  jobId: string,
  { approved, by, reason }: { approved: boolean; by: string; reason: string },
): Promise<void> {
  const job = await jobById(side, jobId);
  if (job.status !== "PENDING") throw new TomboloError("state.job", `the job is ${job.status} already`);
  const decision: ConsentDecision = {
    jobId,
    consentHash: consentHash(job.document),
    party: side.config.party,
    decision: approved ? "APPROVED" : "REJECTED",
    by,
    at: side.clock.now().toISOString(),
    reason: reason === "" ? null : reason,
  };
  const signature = toBase64Url(signBytes(side.keys.signing, decisionBytes(decision)));
  await storeDecision(side, job, decision, signature);
  await side.journal.append(
    approved ? "job.consented" : "job.refused",
    actor,
    approved
      ? { en: `Consented to the job ${job.name}`, zh: `同意作业 ${job.name}` }
      : { en: `Refused the job ${job.name}: ${reason}`, zh: `拒绝作业 ${job.name}：${reason}` },
    { job: jobId, consentHash: decision.consentHash, by, signature },
  );
  const body = wireDecision(decision, signature);
  for (const party of partiesOf(job)) {
    if (party === side.config.party) continue;
    await side.outbox.post(side, party, CONFIRM_PATH, body);
    side.store.afterCommit(() => exchangeCheckpoint(side, party));
  }
  await settle(side, jobId);
}

export async function onDecision(side: Side, caller: Partner, body: SignedDecision): Promise<void> {
  const job = await findJob(side, body.job_id);
  // A partner may be faster than the initiator's request; it tries again.
  if (job === undefined) throw new TomboloError("resource.not-yet", "this job is not known here yet");
  if (body.party !== caller.party) throw new TomboloError("auth.consent", "a party speaks only for itself");
  await side.store.transaction(async () => {
    if (!(await acceptDecision(side, job, body))) return;
    await side.journal.append(
      body.decision === "APPROVED" ? "job.consent-received" : "job.refusal-received",
      partnerActor(caller.party),
      {
        en: `${caller.party}: ${body.decision} for the job ${job.name}`,
        zh: `${caller.party} 对作业 ${job.name} 的决定：${inChinese(body.decision)}`,
      },
      { job: job.id, consentHash: body.consent_hash, by: body.by, at: body.at, signature: body.signature },
    );
    await settle(side, job.id);
  });
}

/** Verifies a party's signed decision and keeps it; false if it was known. */
export async function acceptDecision(side: Side, job: Job, body: SignedDecision): Promise<boolean> {
  if (body.job_id !== job.id || body.consent_hash !== job.consent_hash)
    throw new TomboloError("consent.changed", "the consent is for another request");
  const named = job.document.parties.find(({ party }) => party === body.party);
  const keys = named === undefined ? [] : await keysSince(side, body.party, named.signingKey);
  const decision: ConsentDecision = {
    jobId: body.job_id,
    consentHash: body.consent_hash,
    party: body.party,
    decision: body.decision,
    by: body.by,
    at: body.at,
    reason: body.reason,
  };
  if (
    (await activeContract(side, body.party)) === undefined ||
    !keys.some((key) => verifyBytes(key, decisionBytes(decision), fromBase64Url(body.signature)))
  )
    throw new TomboloError("auth.consent", `the consent of ${body.party} is not signed by it`, { blame: body.party });
  safeText(body.by, "the name", 200);
  return storeDecision(side, job, decision, body.signature);
}

/** Every signed decision of a job, own included, as partners get it. */
export async function signedDecisions(side: Side, jobId: string): Promise<SignedDecision[]> {
  const job = await jobById(side, jobId);
  return (await consentsOf(side, jobId)).map((row) =>
    wireDecision(
      {
        jobId,
        consentHash: job.consent_hash,
        party: row.party,
        decision: row.decision,
        by: row.by,
        at: row.signed_at,
        reason: row.reason,
      },
      row.signature,
    ),
  );
}

/** A service that began in time was consented to until its own end. */
function validUntil(job: Job): number {
  const expires = Date.parse(job.document.expiresAt);
  const inTime = job.started_at !== null && job.started_at.getTime() < expires;
  return inTime ? Math.max(expires, servingUntil(flowOf(job))) : expires;
}

/** Throws `consent.missing` unless every party's yes is here and the document is the one that was agreed on. */
export async function requireConsents(side: Side, job: Job): Promise<void> {
  if (consentHash(job.document) !== job.consent_hash)
    throw new TomboloError("consent.changed", "the job is not the one that was consented to");
  if (validUntil(job) <= side.clock.now().getTime())
    throw new TomboloError("consent.expired", "the consents to this job have expired", {
      remedy: "Submit the flow again.",
    });
  await requireSameKeys(side, job);
  const given = new Map((await consentsOf(side, job.id)).map((row) => [row.party, row.decision]));
  const missing = partiesOf(job).filter((party) => given.get(party) !== "APPROVED");
  if (missing.length > 0)
    throw new TomboloError("consent.missing", `${missing.join(", ")} did not consent to this job`, {
      blame: missing[0]!,
      remedy: "Wait for every party's approver.",
    });
}

/** A later contract may give a party's name to other keys: those were never consented to, unlike those that followed. */
async function requireSameKeys(side: Side, { document }: Job): Promise<void> {
  for (const { party, signingKey, certificate } of document.parties) {
    if (party === side.config.party) continue;
    await contractWith(side, party);
    if (!(await isKeyOfContract(side, party, { signingKey, certificate })))
      throw new TomboloError("consent.changed", `${party} has other keys than those that were consented to`, {
        blame: party,
        remedy: "Submit the flow again.",
      });
  }
}

/** READY once all said yes, REJECTED once one said no. */
export async function settle(side: Side, jobId: string): Promise<void> {
  const job = await jobById(side, jobId);
  if (job.status !== "PENDING") return;
  const consents = await consentsOf(side, jobId);
  const refusal = consents.find(({ decision }) => decision === "REJECTED");
  if (refusal !== undefined) {
    const error = new TomboloError("consent.rejected", `${refusal.party} refused: ${refusal.reason ?? ""}`, {
      blame: refusal.party,
    });
    await stepJob(side, jobId, "rejected", failureOf(error, refusal.party, null));
    await side.store.db
      .updateTable("approvals")
      .set({ status: "WITHDRAWN", reason: `${refusal.party} refused` })
      .where("subject", "=", jobId)
      .where("status", "=", "WAITING")
      .execute();
    return;
  }
  if (consents.length < partiesOf(job).length) return;
  await stepJob(side, jobId, "consented");
  side.store.afterCommit(() => side.driver.take(jobId));
}

async function storeDecision(side: Side, job: Job, decision: ConsentDecision, signature: string): Promise<boolean> {
  const added = await side.store.db
    .insertInto("job_consents")
    .values({
      job_id: job.id,
      party: decision.party,
      decision: decision.decision,
      by: decision.by,
      reason: decision.reason,
      at: new Date(decision.at),
      signed_at: decision.at,
      signature,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning("party")
    .executeTakeFirst();
  jobChanged(side, job.id);
  return added !== undefined;
}

const wireDecision = (decision: ConsentDecision, signature: string): SignedDecision => ({
  job_id: decision.jobId,
  consent_hash: decision.consentHash,
  party: decision.party,
  decision: decision.decision,
  by: decision.by,
  at: decision.at,
  reason: decision.reason,
  signature,
});
