/** A yes to a schedule stands for runs to come, and so only while whoever gave it could give it today. */
import { allows, type Role } from "@tombolo/sdk";
import { isKeyId } from "../auth/api-keys.ts";
import type { NodeContext } from "../context.ts";

export async function approverStands(context: NodeContext, scheduleId: string): Promise<boolean> {
  const approval = await context.store.db
    .selectFrom("approvals")
    .select("decided_by_id")
    .where("kind", "=", "schedule")
    .where("subject", "=", scheduleId)
    .where("status", "=", "APPROVED")
    .orderBy("decided_at", "desc")
    .limit(1)
    .executeTakeFirst();
  const id = approval?.decided_by_id ?? null;
  return id !== null && allows(await rolesNow(context, id), "approvals:decide");
}

/** None of a person who is disabled, or of a key that is gone or over. */
async function rolesNow({ store, clock }: NodeContext, id: string): Promise<readonly Role[]> {
  const held = isKeyId(id)
    ? await store.db
        .selectFrom("api_keys")
        .select("roles")
        .where("id", "=", id)
        .where("expires_at", ">", clock.now())
        .executeTakeFirst()
    : await store.db
        .selectFrom("users")
        .select("roles")
        .where("id", "=", id)
        .where("disabled", "=", false)
        .executeTakeFirst();
  return held?.roles ?? [];
}
