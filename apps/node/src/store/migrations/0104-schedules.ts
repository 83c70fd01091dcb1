import { type Kysely, sql } from "kysely";

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("schedules")
    .addColumn("id", "text", (c) => c.primaryKey())
    .addColumn("name", "text", (c) => c.notNull())
    .addColumn("project_id", "text", (c) => c.notNull())
    .addColumn("status", "text", (c) => c.notNull())
    .addColumn("flow", "jsonb", (c) => c.notNull())
    .addColumn("message", "text", (c) => c.notNull())
    .addColumn("cron", "text", (c) => c.notNull())
    .addColumn("time_zone", "text", (c) => c.notNull())
    .addColumn("until", "timestamptz", (c) => c.notNull())
    .addColumn("approved_hash", "text", (c) => c.notNull())
    .addColumn("next_run_at", "timestamptz")
    .addColumn("created_by", "text", (c) => c.notNull())
    .addColumn("created_by_id", "text", (c) => c.notNull())
    .addColumn("created_at", "timestamptz", (c) => c.notNull())
    .addColumn("approved_by", "text")
    .addColumn("reason", "text")
    .execute();
  await db.schema
    .createTable("schedule_runs")
    .addColumn("schedule_id", "text", (c) => c.notNull().references("schedules.id").onDelete("cascade"))
    .addColumn("due_at", "timestamptz", (c) => c.notNull())
    .addColumn("job_id", "text")
    .addColumn("failure", "jsonb", (c) => c.notNull().defaultTo(sql`'null'`))
    .addPrimaryKeyConstraint("schedule_runs_key", ["schedule_id", "due_at"])
    .execute();
}
