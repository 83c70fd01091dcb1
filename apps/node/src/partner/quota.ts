/** How much a partner may leave waiting here: people's inboxes and the disk are not its to fill. */
import { TomboloError } from "@tombolo/base";
import type { NodeContext } from "../context.ts";

export const WAITING_MAX = 100;
const COMMENTS_MAX = 200;
const GRANTS_MAX = 5000;

/** Requests that nobody decided yet, and jobs that wait for others. */
export async function refuseTooManyRequests({ store }: NodeContext, party: string): Promise<void> {
  const asked = await store.db
    .selectFrom("approvals")
    .select("id")
    .where("requested_party", "=", party)
    .where("status", "=", "WAITING")
    .limit(WAITING_MAX)
    .execute();
  const pending = await store.db
    .selectFrom("jobs")
    .select("id")
    .where("initiator", "=", party)
    .where("status", "=", "PENDING")
    .limit(WAITING_MAX)
    .execute();
  if (Math.max(asked.length, pending.length) >= WAITING_MAX)
    throw tooMany(`${WAITING_MAX} requests of ${party} wait already`);
}

export async function refuseTooManyComments({ store }: NodeContext, subject: string, party: string): Promise<void> {
  const left = store.db.selectFrom("comments").select("id").where("subject", "=", subject).where("party", "=", party);
  if ((await left.limit(COMMENTS_MAX).execute()).length >= COMMENTS_MAX)
    throw tooMany(`${party} left ${COMMENTS_MAX} comments on this already`);
}

export async function refuseTooManyGrants({ store }: NodeContext, owner: string): Promise<void> {
  const given = await store.db.selectFrom("grants").select("id").where("owner", "=", owner).limit(GRANTS_MAX).execute();
  if (given.length >= GRANTS_MAX) throw tooMany(`${owner} gave ${GRANTS_MAX} grants already`);
}

const tooMany = (what: string): TomboloError => new TomboloError("state.too-many", what);
