/** Drawing on a grant, and its running out. */
import { TomboloError } from "@tombolo/base";
import { type NodeContext, systemActor } from "../context.ts";
import type { Side } from "../partner/side.ts";
import { changed, tellPartners } from "./grant-rows.ts";

/**
 * Debits a use before the first protocol byte. The first attempts of a job's tasks share one use; every further
 * attempt that could let a peer learn something again draws another. Returns false if it was debited before.
 */
export async function debit(
  side: Side,
  grantId: string,
  use: { job: string; task: string; attempt: number },
): Promise<boolean> {
  return side.store.transaction(async (tx) => {
    const key = use.attempt === 1 ? { task: "*", attempt: 1 } : { task: use.task, attempt: use.attempt };
    const added = await tx
      .insertInto("grant_uses")
      .values({ grant_id: grantId, job_id: use.job, ...key, at: side.clock.now() })
      .onConflict((conflict) => conflict.doNothing())
      .returning("grant_id")
      .executeTakeFirst();
    if (added === undefined) return false;
    const left = await tx
      .updateTable("grants")
      .set((eb) => ({ uses_left: eb("uses_left", "-", 1) }))
      .where("id", "=", grantId)
      .where("uses_left", ">", 0)
      .returning("uses_left")
      .executeTakeFirst();
    if (left === undefined)
      throw new TomboloError("consent.grant-used-up", "the grant has no uses left", {
        blame: side.config.party,
        remedy: "Ask the owner for a new grant.",
      });
    if (left.uses_left === 0)
      await tx
        .updateTable("grants")
        .set({ status: "USED_UP" })
        .where("id", "=", grantId)
        .where("status", "=", "ACTIVE")
        .execute();
    await side.journal.append(
      "grant.used",
      systemActor,
      {
        en: `A use of the grant was drawn for ${use.job}/${use.task}`,
        zh: `作业 ${use.job}/${use.task} 使用了一次授权`,
      },
      { grant: grantId, job: use.job, task: use.task, attempt: use.attempt, usesLeft: left.uses_left },
    );
    await tellPartners(side, grantId);
    return true;
  });
}

export const wasDebited = async ({ store }: NodeContext, grantId: string, job: string): Promise<boolean> =>
  (await store.db
    .selectFrom("grant_uses")
    .select("task")
    .where("grant_id", "=", grantId)
    .where("job_id", "=", job)
    .executeTakeFirst()) !== undefined;

/**
 * Grants between this party and another end with their contract: under a later one, whose keys may be others, they are
 * asked for anew. Each side does the same for itself. Answers their ids.
 */
export async function endGrantsWith(side: Side, party: string): Promise<string[]> {
  const open = await side.store.db
    .selectFrom("grants")
    .selectAll()
    .where("status", "in", ["REQUESTED", "ACTIVE", "SUSPENDED", "USED_UP"])
    .execute();
  const between = open.filter(
    ({ owner, terms }) => owner === party || (owner === side.config.party && terms.partners.join() === party),
  );
  for (const { id, status } of between) {
    const ended = status === "REQUESTED" ? "REJECTED" : "REVOKED";
    await side.store.db
      .updateTable("grants")
      .set({ status: ended, reason: `the contract with ${party} has ended` })
      .where("id", "=", id)
      .execute();
    await side.store.db
      .updateTable("approvals")
      .set({ status: "WITHDRAWN", reason: `the contract with ${party} has ended` })
      .where("subject", "=", id)
      .where("status", "=", "WAITING")
      .execute();
    changed(side, id);
  }
  return between.map(({ id }) => id);
}

/** Grants past their day are EXPIRED. Whoever holds one reads the same day in it and does the same. */
export async function expireGrants(side: Side): Promise<void> {
  const active = await side.store.db.selectFrom("grants").selectAll().where("status", "=", "ACTIVE").execute();
  for (const grant of active) {
    if (Date.parse(grant.terms.expiresAt) > side.clock.now().getTime()) continue;
    await side.store.transaction(async (tx) => {
      await tx.updateTable("grants").set({ status: "EXPIRED" }).where("id", "=", grant.id).execute();
      await side.journal.append(
        "grant.expired",
        systemActor,
        { en: `The grant of ${grant.dataset_name} expired`, zh: `${grant.dataset_name} 的授权已到期` },
        { grant: grant.id, owner: grant.owner, expiresAt: grant.terms.expiresAt },
      );
      changed(side, grant.id);
    });
  }
}
