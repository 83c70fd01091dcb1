import type { Kysely } from "kysely";

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("flows")
    .addColumn("id", "text", (c) => c.primaryKey())
    .addColumn("name", "text", (c) => c.notNull())
    .addColumn("name_key", "text", (c) => c.notNull().unique())
    .addColumn("project_id", "text")
    .addColumn("revision", "int4", (c) => c.notNull())
    .addColumn("created_by", "text", (c) => c.notNull())
    .addColumn("created_at", "timestamptz", (c) => c.notNull())
    .execute();
  await db.schema
    .createTable("flow_revisions")
    .addColumn("flow_id", "text", (c) => c.notNull().references("flows.id").onDelete("cascade"))
    .addColumn("revision", "int4", (c) => c.notNull())
    // Text, not jsonb: the order of tasks is the file's, and whatever a parameter holds stays as it is.
    .addColumn("flow", "text", (c) => c.notNull())
    .addColumn("places", "jsonb", (c) => c.notNull())
    .addColumn("task_count", "int4", (c) => c.notNull())
    .addColumn("parties", "jsonb", (c) => c.notNull())
    .addColumn("saved_by", "text", (c) => c.notNull())
    .addColumn("saved_by_id", "text", (c) => c.notNull())
    .addColumn("saved_at", "timestamptz", (c) => c.notNull())
    .addColumn("begun_at", "timestamptz", (c) => c.notNull())
    .addPrimaryKeyConstraint("flow_revisions_key", ["flow_id", "revision"])
    .execute();
}
