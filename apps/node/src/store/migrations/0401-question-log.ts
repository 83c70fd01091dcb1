import type { Kysely } from "kysely";

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("question_log")
    .addColumn("service", "text", (c) => c.notNull().references("services.name").onDelete("cascade"))
    .addColumn("caller", "text", (c) => c.notNull())
    .addColumn("at", "timestamptz", (c) => c.notNull())
    .addColumn("calls", "int8", (c) => c.notNull())
    .addColumn("rows", "int8", (c) => c.notNull())
    .addColumn("found", "int8", (c) => c.notNull())
    .addColumn("unanswered", "int8", (c) => c.notNull())
    .addColumn("refused", "jsonb", (c) => c.notNull())
    .addPrimaryKeyConstraint("question_log_key", ["service", "caller", "at"])
    .execute();
  await db.schema.createIndex("question_log_at").on("question_log").columns(["at"]).execute();
}
