/**
 * What holders of a model's parts tell each other of theirs: that it is withdrawn or put away, which permits stand, and,
 * when it is published, its name and notes. The receiver keeps the latest word; what counts is each party's own.
 */
import { safeText, TomboloError } from "@tombolo/base";
import { modelPermitTerms, modelStatus, permitStatus } from "@tombolo/sdk";
import { z } from "zod";
import { partnerActor } from "../partner/contract-rows.ts";
import type { Partner } from "../partner/inbound.ts";
import type { Side } from "../partner/side.ts";
import { safeLines } from "../partner/text.ts";
import { inChinese } from "../status-words.ts";
import { toJson } from "../store/columns.ts";
import { permitState } from "./permit-state.ts";
import { modelById, modelChanged, permitsOf, statusOf, versionById } from "./rows.ts";
import { MODEL_ID } from "./sealing.ts";

export const NOTICE_PATH = "/v1/interconn/model/notice";
const PERMITS_TOLD = 20;
export const PERMIT_ID = z.string().regex(/^permit-[a-z0-9]{16}$/);

const notice = z.strictObject({
  status: modelStatus,
  reason: z.string().max(4000).nullable(),
  published: z
    .strictObject({ name: z.string().max(200), version: z.number().int().min(1), notes: z.string().max(4000) })
    .nullable(),
  permits: z
    .array(
      z.strictObject({
        id: PERMIT_ID,
        terms: modelPermitTerms,
        status: permitStatus,
        requestedBy: z.string().max(200),
        requestedParty: z.string().max(32),
        decidedBy: z.string().max(200).nullable(),
        reason: z.string().max(4000).nullable(),
        createdAt: z.iso.datetime(),
      }),
    )
    .max(PERMITS_TOLD),
});
export type ModelNotice = z.infer<typeof notice>;
export const noticeBody = z.strictObject({ model: MODEL_ID, notice });

/** Joins the caller's transaction. */
export async function tellHolders(side: Side, id: string): Promise<void> {
  const { parties } = await modelById(side, id);
  const body = { model: id, notice: await ownNotice(side, id) };
  for (const { party } of parties)
    if (party !== side.config.party) await side.outbox.post(side, party, NOTICE_PATH, body);
  modelChanged(side, id);
}

async function ownNotice(side: Side, id: string): Promise<ModelNotice> {
  const row = await versionById(side, id);
  const { reason, published, notes, version, entry_id: entry } = row;
  const { name } = await side.store.db
    .selectFrom("model_entries")
    .select("name")
    .where("id", "=", entry)
    .executeTakeFirstOrThrow();
  const permits = (await permitsOf(side, id)).slice(0, PERMITS_TOLD);
  return {
    status: statusOf(row),
    reason,
    published: published ? { name, version, notes } : null,
    permits: permits.map((permit) => ({
      id: permit.id,
      terms: permit.terms,
      status: permitState(permit, side.clock.now()),
      requestedBy: permit.requested_by,
      requestedParty: permit.requested_party,
      decidedBy: permit.decided_by,
      reason: permit.reason,
      createdAt: permit.created_at.toISOString(),
    })),
  };
}

export async function onNotice(side: Side, caller: Partner, body: z.infer<typeof noticeBody>): Promise<void> {
  const model = await side.store.db
    .selectFrom("models")
    .select("parties")
    .where("id", "=", body.model)
    .executeTakeFirst();
  if (model === undefined || !model.parties.some(({ party }) => party === caller.party))
    throw new TomboloError("auth.model", "there is no such model of yours");
  const { published, reason } = body.notice;
  if (published !== null) {
    safeText(published.name, "the name", 200);
    safeLines(published.notes, "the notes", 4000);
  }
  if (reason !== null) safeLines(reason, "the reason", 4000);
  const before = await noticeOf(side, body.model, caller.party);
  const values = { notice: toJson(body.notice), at: side.clock.now() };
  await side.store.transaction(async (tx) => {
    await tx
      .insertInto("model_notices")
      .values({ model_id: body.model, party: caller.party, ...values })
      .onConflict((conflict) => conflict.columns(["model_id", "party"]).doUpdateSet(values))
      .execute();
    if (before?.status !== body.notice.status)
      await side.journal.append(
        "model.notice",
        partnerActor(caller.party),
        {
          en: `${caller.party} says: its part of the model ${body.model} is ${body.notice.status}`,
          zh: `${caller.party} 通知：其持有的模型 ${body.model} 部分状态为“${inChinese(body.notice.status)}”`,
        },
        { model: body.model, status: body.notice.status },
      );
    modelChanged(side, body.model);
  });
}

export const noticeOf = async ({ store }: Side, id: string, party: string): Promise<ModelNotice | undefined> =>
  (
    await store.db
      .selectFrom("model_notices")
      .select("notice")
      .where("model_id", "=", id)
      .where("party", "=", party)
      .executeTakeFirst()
  )?.notice;

export const noticesOf = async ({ store }: Side, id: string): Promise<ReadonlyMap<string, ModelNotice>> =>
  new Map(
    (await store.db.selectFrom("model_notices").selectAll().where("model_id", "=", id).execute()).map(
      ({ party, notice: said }) => [party, said],
    ),
  );
