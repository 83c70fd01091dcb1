import { type Kysely, sql } from "kysely";

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable("datasets")
    .addColumn("origin", "jsonb", (c) => c.notNull().defaultTo(sql`'null'`))
    .execute();
  await db.schema
    .alterTable("datasets")
    .addColumn("derived_from_revoked", "boolean", (c) => c.notNull().defaultTo(false))
    .execute();
}
