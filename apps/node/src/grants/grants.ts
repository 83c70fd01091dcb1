/**
 * Grants (授权): asked for or proposed, decided by an approver of the owner, signed by the owner, enforced at the
 * owner's node. The requester keeps the owner's signed copy; what counts is always the owner's own row.
 */
import { type Json, safeText, TomboloError, toBase64Url } from "@tombolo/base";
import { type GrantTerms, grantTerms } from "@tombolo/sdk";
import { z } from "zod";
import { signBytes, verifyBytes } from "../config/keys.ts";
import type { Actor, NodeContext } from "../context.ts";
import { contractWith, partnerActor } from "../partner/contract-rows.ts";
import { newId } from "../partner/ids.ts";
import type { Partner } from "../partner/inbound.ts";
import { refuseTooManyGrants, refuseTooManyRequests } from "../partner/quota.ts";
import type { Side } from "../partner/side.ts";
import { safeLines } from "../partner/text.ts";
import { inChinese } from "../status-words.ts";
import { toJson } from "../store/columns.ts";
import { queueWebhook } from "../webhook/webhook.ts";
import { markDerived } from "./derivation.ts";
import {
  changed,
  type confirmBody,
  GRANT_ID,
  type Grant,
  grantById,
  PATHS,
  signedPart,
  tellPartners,
} from "./grant-rows.ts";
import { queryComponents } from "./query-terms.ts";

const APPROVAL_DAYS = 14;

/** A partner asks for a grant on a dataset of ours. */
export const applyBody = z.strictObject({
  audit_id: GRANT_ID,
  terms: grantTerms,
  requested_by: z.string().max(200),
  message: z.string().max(4000),
});
// ---- own people

export interface GrantRequest extends GrantTerms {
  readonly owner: string;
  readonly message: string;
}

export async function requestGrant(
  side: Side,
  actor: Actor,
  { owner, message, ...terms }: GrantRequest,
): Promise<Grant> {
  const own = owner === side.config.party;
  checkTerms(side, terms);
  for (const party of own ? terms.partners : [owner]) await contractWith(side, party);
  if (!own && (terms.partners.length !== 1 || terms.partners[0] !== side.config.party))
    throw new TomboloError("input.partners", "a grant is asked for one's own party", {
      remedy: "Name only your own party as partner.",
    });
  const datasetName = own ? (await ownDataset(side, terms)).name : terms.datasetId;
  const id = newId("grant");
  await side.store.transaction(async () => {
    await insertRequested(side, { id, owner, terms, datasetName, party: side.config.party, by: actor.name });
    await side.journal.append(
      "grant.requested",
      actor,
      {
        en: `Asked for a grant on ${terms.datasetId} of ${owner}`,
        zh: `申请 ${owner} 的数据 ${terms.datasetId} 的授权`,
      },
      { grant: id, owner, terms } as unknown as Json,
    );
    if (own)
      await insertApproval(side, {
        id,
        terms,
        datasetName,
        party: side.config.party,
        by: actor.name,
        byId: actor.id,
        message,
      });
    else await side.outbox.post(side, owner, PATHS.apply, { audit_id: id, terms, requested_by: actor.name, message });
  });
  return grantById(side, id);
}

/** An approver of the owner said yes or no. Part of the approval's transaction. */
export async function decideGrant(
  side: Side,
  actor: Actor,
  id: string,
  approved: boolean,
  reason: string,
): Promise<void> {
  const grant = await grantById(side, id);
  if (grant.status !== "REQUESTED") throw new TomboloError("state.grant", `the grant is ${grant.status} already`);
  const status = approved ? "ACTIVE" : "REJECTED";
  const signature = toBase64Url(signBytes(side.keys.signing, signedPart(grant)));
  await side.store.db
    .updateTable("grants")
    .set({
      status,
      decided_by: actor.name,
      reason: reason === "" ? null : reason,
      signature: approved ? signature : null,
    })
    .where("id", "=", id)
    .execute();
  await side.journal.append(
    approved ? "grant.approved" : "grant.rejected",
    actor,
    approved
      ? {
          en: `Granted the use of ${grant.terms.datasetId} to ${grant.terms.partners.join(", ")}`,
          zh: `授权 ${grant.terms.partners.join("、")} 使用 ${grant.terms.datasetId}`,
        }
      : {
          en: `Refused the use of ${grant.terms.datasetId}: ${reason}`,
          zh: `拒绝授权 ${grant.terms.datasetId}：${reason}`,
        },
    { grant: id, terms: grant.terms, reason } as unknown as Json,
  );
  await tellPartners(side, id);
}

export async function revokeGrant(side: Side, actor: Actor, id: string, reason: string): Promise<Grant> {
  const grant = await grantById(side, id);
  if (grant.owner !== side.config.party)
    throw new TomboloError("state.grant", "only the owner of the data revokes a grant", {
      remedy: `Ask ${grant.owner}.`,
    });
  if (grant.status === "REVOKED") return grant;
  if (!["ACTIVE", "SUSPENDED", "USED_UP", "EXPIRED"].includes(grant.status))
    throw new TomboloError("state.grant", `the grant is ${grant.status} and cannot be revoked`);
  await side.store.transaction(async (tx) => {
    await tx.updateTable("grants").set({ status: "REVOKED", reason }).where("id", "=", id).execute();
    await side.journal.append(
      "grant.revoked",
      actor,
      {
        en: `Revoked the grant on ${grant.terms.datasetId}: ${reason}`,
        zh: `撤销 ${grant.terms.datasetId} 的授权：${reason}`,
      },
      { grant: id, reason },
    );
    await markDerived(side, id);
    await tellPartners(side, id);
  });
  await side.driver.stopJobsUsing(id, `the grant on ${grant.terms.datasetId} was revoked: ${reason}`);
  return grantById(side, id);
}

/** An approver of the owner knows that it was not revoked since the backup that the node was restored from. */
export async function confirmGrant(side: Side, actor: Actor, id: string): Promise<Grant> {
  const grant = await grantById(side, id);
  if (grant.status !== "SUSPENDED")
    throw new TomboloError("state.grant", `the grant is ${grant.status} and waits for nobody to confirm it`);
  await side.store.transaction(async (tx) => {
    await tx.updateTable("grants").set({ status: "ACTIVE", reason: null }).where("id", "=", id).execute();
    await side.journal.append(
      "grant.confirmed",
      actor,
      {
        en: `Confirmed the grant on ${grant.terms.datasetId} after a restore`,
        zh: `恢复后确认 ${grant.terms.datasetId} 的授权`,
      },
      { grant: id },
    );
    await tellPartners(side, id);
  });
  return grantById(side, id);
}

// ---- partners

export async function onApply(side: Side, caller: Partner, body: z.infer<typeof applyBody>): Promise<void> {
  await contractWith(side, caller.party);
  const known = await side.store.db
    .selectFrom("grants")
    .select("requested_party")
    .where("id", "=", body.audit_id)
    .executeTakeFirst();
  if (known?.requested_party === caller.party) return;
  if (known !== undefined) throw new TomboloError("state.grant", "this grant id is taken");
  await refuseTooManyRequests(side, caller.party);
  const { terms } = body;
  if (terms.partners.length !== 1 || terms.partners[0] !== caller.party)
    throw new TomboloError("consent.partner", "a grant can only be asked for one's own party");
  checkTerms(side, terms);
  const dataset = await ownDataset(side, terms, true);
  const by = safeText(body.requested_by, "the requester", 200);
  await side.store.transaction(async () => {
    await insertRequested(side, {
      id: body.audit_id,
      owner: side.config.party,
      terms,
      datasetName: dataset.name,
      party: caller.party,
      by,
    });
    await insertApproval(side, {
      id: body.audit_id,
      terms,
      datasetName: dataset.name,
      party: caller.party,
      by,
      byId: null,
      message: safeLines(body.message, "the message", 4000),
    });
    await side.journal.append(
      "grant.requested",
      partnerActor(caller.party),
      {
        en: `${caller.party} asks for a grant on ${dataset.name}`,
        zh: `${caller.party} 申请“${dataset.name}”的授权`,
      },
      { grant: body.audit_id, terms } as unknown as Json,
    );
  });
}

export async function onConfirm(side: Side, caller: Partner, body: z.infer<typeof confirmBody>): Promise<void> {
  const known = await side.store.db.selectFrom("grants").selectAll().where("id", "=", body.audit_id).executeTakeFirst();
  if (known !== undefined && known.owner !== caller.party)
    throw new TomboloError("auth.wrong-owner", "this grant is not yours to decide");
  if (known === undefined) await refuseTooManyGrants(side, caller.party);
  const offered = { id: body.audit_id, owner: caller.party, terms: body.terms };
  const signed =
    body.signature !== null && verifyBytes(caller.signingKey, signedPart(offered), fromSignature(body.signature));
  if (body.status !== "REJECTED" && !signed)
    throw new TomboloError("auth.bad-signature", "the grant is not signed by its owner");
  const values = {
    status: body.status,
    terms: toJson(body.terms),
    dataset_name: safeText(body.dataset_name, "the dataset's name", 200),
    uses_left: body.uses_left,
    decided_by: body.decided_by === null ? null : safeText(body.decided_by, "the approver", 200),
    reason: body.reason === null ? null : safeLines(body.reason, "the reason", 4000),
    signature: body.signature,
  };
  await side.store.transaction(async (tx) => {
    await tx
      .insertInto("grants")
      .values({
        ...values,
        id: body.audit_id,
        owner: caller.party,
        requested_party: caller.party,
        requested_by: caller.party,
        created_at: side.clock.now(),
      })
      .onConflict((conflict) => conflict.column("id").doUpdateSet(values))
      .execute();
    if (known?.status !== body.status) await journalReceived(side, caller.party, body);
    if (body.status === "REVOKED") await markDerived(side, body.audit_id);
    changed(side, body.audit_id);
  });
}

const journalReceived = (side: Side, party: string, body: z.infer<typeof confirmBody>) =>
  side.journal.append(
    "grant.received",
    partnerActor(party),
    {
      en: `${party} says: the grant on ${body.terms.datasetId} is ${body.status}`,
      zh: `${party} 通知：${body.terms.datasetId} 的授权状态为“${inChinese(body.status)}”`,
    },
    { grant: body.audit_id, status: body.status, terms: body.terms, signature: body.signature } as unknown as Json,
  );

/** The partner's node would not take the request. */
export async function onRefused(side: Side, body: unknown, error: TomboloError): Promise<void> {
  const { audit_id: id } = body as z.infer<typeof applyBody>;
  await side.store.db
    .updateTable("grants")
    .set({ status: "REJECTED", reason: error.message })
    .where("id", "=", id)
    .where("status", "=", "REQUESTED")
    .execute();
  changed(side, id);
}

// ---- uses

// ---- shared

const fromSignature = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "base64url"));

function checkTerms(side: Side, terms: GrantTerms): void {
  for (const text of [terms.purpose, terms.filter ?? "", ...terms.columns, ...terms.components])
    safeText(text, "the terms", 1000);
  if (Date.parse(terms.expiresAt) <= side.clock.now().getTime())
    throw new TomboloError("input.expiry", "the grant would have expired already", { remedy: "Choose a later day." });
}

/** `publishedOnly`: a partner that guesses ids learns nothing of the others, neither that they exist nor a column. */
async function ownDataset({ store }: NodeContext, terms: GrantTerms, publishedOnly = false) {
  const dataset = await store.db
    .selectFrom("datasets")
    .selectAll()
    .where("id", "=", terms.datasetId)
    .executeTakeFirst();
  if (dataset === undefined || (publishedOnly && !dataset.published))
    throw new TomboloError("consent.dataset", "there is no such dataset");
  const names = new Set(dataset.columns.map(({ name }) => name));
  const unknown = terms.columns.filter((name) => !names.has(name));
  if (unknown.length > 0)
    throw new TomboloError("consent.columns", `the dataset has no column ${unknown.slice(0, 20).join(", ")}`);
  checkQueryTerms(terms);
  return dataset;
}

/** A query table names each column that it hands over, and is for one partner: limits are counted by grant. */
function checkQueryTerms({ query, columns, partners, components }: GrantTerms): void {
  if (query === undefined) return;
  const named = [...query.keys, ...query.columns.map(({ column }) => column)];
  const missing = named.filter((name) => !columns.includes(name));
  const twice = named.length > new Set(named).size;
  const foreign = components.filter((each) => !queryComponents(query).includes(each));
  if (missing.length === 0 && !twice && partners.length === 1 && components.length > 0 && foreign.length === 0) return;
  throw new TomboloError(
    "input.query",
    "a query table is for one partner, and its grant lists its columns, each once",
    {
      remedy: "Publish it from the page of query tables.",
    },
  );
}

async function insertRequested(
  side: Side,
  grant: { id: string; owner: string; terms: GrantTerms; datasetName: string; party: string; by: string },
): Promise<void> {
  await side.store.db
    .insertInto("grants")
    .values({
      id: grant.id,
      owner: grant.owner,
      terms: toJson(grant.terms),
      dataset_name: grant.datasetName,
      status: "REQUESTED",
      uses_left: grant.terms.uses,
      requested_party: grant.party,
      requested_by: grant.by,
      created_at: side.clock.now(),
    })
    .execute();
  changed(side, grant.id);
}

async function insertApproval(
  side: Side,
  request: {
    id: string;
    terms: GrantTerms;
    datasetName: string;
    party: string;
    by: string;
    byId: string | null;
    message: string;
  },
): Promise<void> {
  const now = side.clock.now();
  await side.store.db
    .insertInto("approvals")
    .values({
      id: newId("approval"),
      kind: "grant",
      title: `${request.datasetName}: ${request.terms.purpose}`,
      message: request.message,
      requested_by: request.by,
      requested_by_id: request.byId,
      requested_party: request.party,
      status: "WAITING",
      subject: request.id,
      created_at: now,
      expires_at: new Date(now.getTime() + APPROVAL_DAYS * 86_400_000),
    })
    .execute();
  await queueWebhook(side, {
    event: "approval.waiting",
    kind: "grant",
    title: `${request.datasetName}: ${request.terms.purpose}`,
  });
  side.store.afterCommit(() => side.events.publish({ kind: "approval", id: request.id, data: null }));
}
