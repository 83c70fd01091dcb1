/**
 * What draws of rows are keyed with beside the table they are from (packages/components, row-choice/draw.ts): made once at random, kept in
 * the database, and another for each project, so that draws of two projects say nothing of each other. No partner ever has it.
 */
import { createHmac, randomBytes } from "node:crypto";
import type { NodeContext } from "../context.ts";
import { toJson } from "../store/columns.ts";

const SETTING = "draw-salt";
const LABEL = "tombolo/draw-salt/v1\0";

/** 32 bytes in hex. */
export async function drawSaltOf({ store }: Pick<NodeContext, "store">, projectId: string): Promise<string> {
  await store.db
    .insertInto("settings")
    .values({ name: SETTING, value: toJson(randomBytes(32).toString("hex")) })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const { value } = await store.db
    .selectFrom("settings")
    .select("value")
    .where("name", "=", SETTING)
    .executeTakeFirstOrThrow();
  return createHmac("sha256", Buffer.from(String(value), "hex"))
    .update(LABEL + projectId)
    .digest("hex");
}
