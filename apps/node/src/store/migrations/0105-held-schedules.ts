import type { Kysely } from "kysely";

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable("schedules")
    .addColumn("held", "boolean", (c) => c.notNull().defaultTo(false))
    .execute();
}
