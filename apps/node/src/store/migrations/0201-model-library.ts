import { type Kysely, sql } from "kysely";

export async function up(db: Kysely<unknown>): Promise<void> {
  await versions(db);
  await permits(db);
}

async function versions(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("model_entries")
    .addColumn("id", "text", (c) => c.primaryKey())
    .addColumn("name", "text", (c) => c.notNull().unique())
    .addColumn("created_at", "timestamptz", (c) => c.notNull())
    .execute();
  await db.schema
    .createTable("model_versions")
    .addColumn("model_id", "text", (c) => c.primaryKey().references("models.id"))
    .addColumn("attempt", "integer", (c) => c.notNull())
    .addColumn("part", "jsonb", (c) => c.notNull())
    .addColumn("manifest", "jsonb", (c) => c.notNull().defaultTo(sql`'null'`))
    .addColumn("manifest_hash", "text")
    .addColumn("entry_id", "text", (c) => c.notNull().references("model_entries.id"))
    .addColumn("version", "integer", (c) => c.notNull())
    .addColumn("notes", "text", (c) => c.notNull())
    .addColumn("published", "boolean", (c) => c.notNull())
    .addColumn("withdrawn", "boolean", (c) => c.notNull())
    .addColumn("archived", "boolean", (c) => c.notNull())
    .addColumn("reason", "text")
    .addUniqueConstraint("model_versions_number", ["entry_id", "version"])
    .execute();
  await db.schema
    .createTable("model_signatures")
    .addColumn("model_id", "text", (c) => c.notNull())
    .addColumn("attempt", "integer", (c) => c.notNull())
    .addColumn("party", "text", (c) => c.notNull())
    .addColumn("signing_key", "text", (c) => c.notNull())
    .addColumn("digest", "text", (c) => c.notNull())
    .addColumn("signature", "text", (c) => c.notNull())
    .addColumn("manifest_hash", "text")
    .addColumn("manifest_signature", "text")
    .addPrimaryKeyConstraint("model_signatures_key", ["model_id", "attempt", "party"])
    .execute();
  await db.schema
    .createTable("model_notices")
    .addColumn("model_id", "text", (c) => c.notNull())
    .addColumn("party", "text", (c) => c.notNull())
    .addColumn("notice", "jsonb", (c) => c.notNull())
    .addColumn("at", "timestamptz", (c) => c.notNull())
    .addPrimaryKeyConstraint("model_notices_key", ["model_id", "party"])
    .execute();
}

async function permits(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("model_permits")
    .addColumn("id", "text", (c) => c.primaryKey())
    .addColumn("model_id", "text", (c) => c.notNull().references("models.id"))
    .addColumn("manifest_hash", "text", (c) => c.notNull())
    .addColumn("status", "text", (c) => c.notNull())
    .addColumn("terms", "jsonb", (c) => c.notNull())
    .addColumn("rows_left", "bigint")
    .addColumn("requested_party", "text", (c) => c.notNull())
    .addColumn("requested_by", "text", (c) => c.notNull())
    .addColumn("decided_by", "text")
    .addColumn("reason", "text")
    .addColumn("created_at", "timestamptz", (c) => c.notNull())
    .execute();
  await db.schema.createIndex("model_permits_model").on("model_permits").column("model_id").execute();
}
