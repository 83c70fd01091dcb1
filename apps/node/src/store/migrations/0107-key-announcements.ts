import type { Kysely } from "kysely";

/** How many next keys a partner announced on a day. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable("contracts")
    .addColumn("keys_announced", "integer", (c) => c.notNull().defaultTo(0))
    .addColumn("keys_announced_on", "text", (c) => c.notNull().defaultTo(""))
    .execute();
}
