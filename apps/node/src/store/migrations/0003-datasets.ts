import type { Kysely } from "kysely";

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("datasets")
    .addColumn("id", "text", (c) => c.primaryKey())
    .addColumn("name", "text", (c) => c.notNull())
    .addColumn("description", "text", (c) => c.notNull())
    .addColumn("row_count", "bigint", (c) => c.notNull())
    .addColumn("columns", "jsonb", (c) => c.notNull())
    .addColumn("as_of", "text")
    .addColumn("published", "boolean", (c) => c.notNull())
    .addColumn("visibility", "jsonb", (c) => c.notNull())
    .addColumn("source_file", "text")
    .addColumn("bytes", "bigint", (c) => c.notNull())
    .addColumn("snapshot", "text", (c) => c.notNull())
    .addColumn("snapshot_salt", "bytea", (c) => c.notNull())
    .addColumn("created_by", "text", (c) => c.notNull())
    .addColumn("created_at", "timestamptz", (c) => c.notNull())
    .execute();
}
