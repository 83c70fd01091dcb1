import type { Kysely } from "kysely";

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("ask_budgets")
    .addColumn("partner", "text", (c) => c.notNull())
    .addColumn("dataset_id", "text", (c) => c.notNull())
    .addColumn("runs_max", "bigint")
    .addColumn("ids_max", "bigint")
    .addColumn("runs_used", "bigint", (c) => c.notNull())
    .addColumn("ids_used", "bigint", (c) => c.notNull())
    .addColumn("updated_at", "timestamptz", (c) => c.notNull())
    .addPrimaryKeyConstraint("ask_budgets_key", ["partner", "dataset_id"])
    .execute();
  await db.schema
    .createTable("asks")
    .addColumn("job_id", "text", (c) => c.notNull().references("jobs.id"))
    .addColumn("task", "text", (c) => c.notNull())
    .addColumn("attempt", "integer", (c) => c.notNull())
    .addColumn("partner", "text", (c) => c.notNull())
    .addColumn("dataset_id", "text", (c) => c.notNull())
    .addColumn("ids", "bigint", (c) => c.notNull())
    .addColumn("at", "timestamptz", (c) => c.notNull())
    .addPrimaryKeyConstraint("asks_key", ["job_id", "task", "attempt", "partner", "dataset_id"])
    .execute();
}
