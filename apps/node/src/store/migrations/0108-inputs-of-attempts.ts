import { type Kysely, sql } from "kysely";

/** Which attempts an attempt read from, itself or by way of others; null of those that are older than this. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable("attempts")
    .addColumn("read_from", "jsonb", (c) => c.notNull().defaultTo(sql`'null'`))
    .execute();
}
