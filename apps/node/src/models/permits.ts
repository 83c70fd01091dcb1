/**
 * Permits (使用许可): a party's consent to online or batch use of a version that it holds a part of. Asked for by own
 * people or by another holder, decided by an own approver who did not ask, enforced here.
 */
import { type Json, safeText, TomboloError } from "@tombolo/base";
import { type ModelPermitTerms, modelPermitTerms, type requestPermit as requestSchema } from "@tombolo/sdk";
import { z } from "zod";
import type { Actor } from "../context.ts";
import { contractWith, partnerActor } from "../partner/contract-rows.ts";
import { newId } from "../partner/ids.ts";
import type { Partner } from "../partner/inbound.ts";
import { refuseTooManyRequests } from "../partner/quota.ts";
import type { Side } from "../partner/side.ts";
import { safeLines } from "../partner/text.ts";
import { toJson } from "../store/columns.ts";
import { queueWebhook } from "../webhook/webhook.ts";
import { PERMIT_ID, tellHolders } from "./notices.ts";
import { modelById, modelChanged, type PermitRow, versionById } from "./rows.ts";
import { MODEL_ID } from "./sealing.ts";
import { requireIntact } from "./verification.ts";

const APPROVAL_DAYS = 14;

export const PERMIT_PATH = "/v1/interconn/model/permit/apply";
export const permitBody = z.strictObject({
  permit: PERMIT_ID,
  model: MODEL_ID,
  manifest: z.string().regex(/^[0-9a-f]{64}$/),
  terms: modelPermitTerms,
  requested_by: z.string().max(200),
  message: z.string().max(4000),
});

export async function requestPermit(
  side: Side,
  actor: Actor,
  id: string,
  input: z.output<typeof requestSchema>,
): Promise<void> {
  const { parties, message, ...terms } = input;
  const model = await modelById(side, id);
  const manifest = await signedManifest(side, id);
  checkTerms(side, terms);
  const holders = model.parties.map(({ party }) => party);
  const strangers = parties.filter((party) => !holders.includes(party));
  if (strangers.length > 0)
    throw new TomboloError("input.parties", `${strangers.join(", ")} holds no part of the model`, {
      remedy: `Ask ${holders.join(", ")}.`,
    });
  const asked = parties.length === 0 ? holders : [...new Set(parties)];
  for (const party of asked) if (party !== side.config.party) await contractWith(side, party);
  const about = { model: id, manifest, terms, message: safeLines(message, "the message", 4000) };
  await side.store.transaction(async () => {
    for (const party of asked)
      if (party === side.config.party)
        await insertRequest(side, { ...about, id: newId("permit"), party, by: actor.name, byId: actor.id });
      else
        await side.outbox.post(side, party, PERMIT_PATH, {
          permit: newId("permit"),
          ...about,
          requested_by: actor.name,
        });
    await side.journal.append(
      "model.permit-requested",
      actor,
      {
        en: `Asked ${asked.join(", ")} to permit the use of the model ${id}`,
        zh: `向 ${asked.join("、")} 申请模型 ${id} 的使用许可`,
      },
      { model: id, manifest, terms, asked } as unknown as Json,
    );
  });
}

/** Another holder asks. */
export async function onPermitApply(side: Side, caller: Partner, body: z.infer<typeof permitBody>): Promise<void> {
  await contractWith(side, caller.party);
  const known = await side.store.db
    .selectFrom("model_permits")
    .select("requested_party")
    .where("id", "=", body.permit)
    .executeTakeFirst();
  if (known?.requested_party === caller.party) return;
  if (known !== undefined) throw new TomboloError("state.permit", "this permit id is taken");
  await refuseTooManyRequests(side, caller.party);
  const model = await side.store.db
    .selectFrom("models")
    .select("parties")
    .where("id", "=", body.model)
    .executeTakeFirst();
  if (model === undefined || !model.parties.some(({ party }) => party === caller.party))
    throw new TomboloError("auth.model", "there is no such model of yours");
  checkTerms(side, body.terms);
  if ((await signedManifest(side, body.model)) !== body.manifest)
    throw new TomboloError("consent.changed", "the model here is not the one that is asked about", {
      blame: side.config.party,
    });
  await side.store.transaction(async () => {
    await insertRequest(side, {
      id: body.permit,
      model: body.model,
      manifest: body.manifest,
      terms: body.terms,
      party: caller.party,
      by: safeText(body.requested_by, "the requester", 200),
      byId: null,
      message: safeLines(body.message, "the message", 4000),
    });
    await side.journal.append(
      "model.permit-requested",
      partnerActor(caller.party),
      {
        en: `${caller.party} asks to permit the use of the model ${body.model}`,
        zh: `${caller.party} 申请模型 ${body.model} 的使用许可`,
      },
      { permit: body.permit, model: body.model, manifest: body.manifest, terms: body.terms } as unknown as Json,
    );
    // So that whoever asks sees that it waits here.
    await tellHolders(side, body.model);
  });
}

/** The partner's node would not put it before its people: whoever asked finds it in the journal. */
export async function onRefused(side: Side, party: string, body: unknown, error: TomboloError): Promise<void> {
  const { model, permit } = body as z.infer<typeof permitBody>;
  await side.journal.append(
    "model.permit-refused",
    partnerActor(party),
    {
      en: `${party} would not take the request for a permit: ${error.message}`,
      zh: `${party} 的节点未接受使用许可申请：${error.message}`,
    },
    { model, permit, code: error.code },
  );
}

/** What a partner asked for ends with its contract. Joins the caller's transaction. */
export async function endRequestsOf(side: Side, party: string): Promise<void> {
  const reason = `the contract with ${party} has ended`;
  const ended = await side.store.db
    .updateTable("model_permits")
    .set({ status: "REJECTED", reason })
    .where("requested_party", "=", party)
    .where("status", "=", "REQUESTED")
    .returning(["id", "model_id"])
    .execute();
  if (ended.length === 0) return;
  const ids = ended.map(({ id }) => id);
  await side.store.db
    .updateTable("approvals")
    .set({ status: "WITHDRAWN", reason })
    .where("subject", "in", ids)
    .where("status", "=", "WAITING")
    .execute();
  for (const { model_id } of ended) modelChanged(side, model_id);
}

/** Part of the approval's transaction. A yes must send back the hash of the manifest that was shown. */
export async function decidePermit(
  side: Side,
  actor: Actor,
  id: string,
  { approved, shown, reason }: { approved: boolean; shown: string | null; reason: string },
): Promise<void> {
  const permit = await permitById(side, id);
  if (permit.status !== "REQUESTED") throw new TomboloError("state.permit", `the permit is ${permit.status} already`);
  const version = await versionById(side, permit.model_id);
  if (approved && (shown !== permit.manifest_hash || version.manifest_hash !== permit.manifest_hash))
    throw new TomboloError("consent.changed", "the model is not the one that was shown", {
      remedy: "Read it again, then decide.",
    });
  if (approved) await requireIntact(side, permit.model_id);
  const { terms } = permit;
  const db = side.store.db;
  await db
    .updateTable("model_permits")
    .set({
      status: approved ? "ACTIVE" : "REJECTED",
      rows_left: approved ? terms.rowsMax : null,
      decided_by: actor.name,
      reason: reason === "" ? null : reason,
    })
    .where("id", "=", id)
    .execute();
  // A yes after a withdrawal is a new consent.
  if (approved)
    await db
      .updateTable("model_versions")
      .set({ withdrawn: false, reason: null })
      .where("model_id", "=", permit.model_id)
      .execute();
  await side.journal.append(
    approved ? "model.permitted" : "model.permit-refused",
    actor,
    approved
      ? {
          en: `Permitted the use of the model ${permit.model_id}: ${terms.purpose}`,
          zh: `许可使用模型 ${permit.model_id}：${terms.purpose}`,
        }
      : {
          en: `Refused the use of the model ${permit.model_id}: ${reason}`,
          zh: `拒绝使用模型 ${permit.model_id}：${reason}`,
        },
    { permit: id, model: permit.model_id, manifest: permit.manifest_hash, terms, reason } as unknown as Json,
  );
  await tellHolders(side, permit.model_id);
}

export async function permitById({ store }: Pick<Side, "store">, id: string): Promise<PermitRow> {
  const permit = await store.db.selectFrom("model_permits").selectAll().where("id", "=", id).executeTakeFirst();
  if (permit === undefined) throw new TomboloError("state.unknown", "there is no such permit");
  return permit;
}

async function signedManifest(side: Side, id: string): Promise<string> {
  await requireIntact(side, id);
  return (await versionById(side, id)).manifest_hash!;
}

function checkTerms(side: Side, { purpose, expiresAt }: ModelPermitTerms): void {
  safeText(purpose, "the purpose", 200);
  if (Date.parse(expiresAt) <= side.clock.now().getTime())
    throw new TomboloError("input.expiry", "the permit would have expired already", { remedy: "Choose a later day." });
}

async function insertRequest(
  side: Side,
  request: {
    id: string;
    model: string;
    manifest: string;
    terms: ModelPermitTerms;
    party: string;
    by: string;
    byId: string | null;
    message: string;
  },
): Promise<void> {
  const { id, model, terms } = request;
  const now = side.clock.now();
  const { name } = await modelById(side, model);
  const title = `${name}: ${terms.purpose}`;
  await side.store.db
    .insertInto("model_permits")
    .values({
      id,
      model_id: model,
      manifest_hash: request.manifest,
      status: "REQUESTED",
      terms: toJson(terms),
      rows_left: null,
      requested_party: request.party,
      requested_by: request.by,
      created_at: now,
    })
    .execute();
  await side.store.db
    .insertInto("approvals")
    .values({
      id: newId("approval"),
      kind: "model",
      title,
      message: request.message,
      requested_by: request.by,
      requested_by_id: request.byId,
      requested_party: request.party,
      status: "WAITING",
      subject: id,
      created_at: now,
      expires_at: new Date(Math.min(Date.parse(terms.expiresAt), now.getTime() + APPROVAL_DAYS * 86_400_000)),
    })
    .execute();
  await queueWebhook(side, { event: "approval.waiting", kind: "model", title });
  side.store.afterCommit(() => side.events.publish({ kind: "approval", id, data: null }));
  modelChanged(side, model);
}
