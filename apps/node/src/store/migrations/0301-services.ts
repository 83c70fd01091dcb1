import { type Kysely, sql } from "kysely";

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("services")
    .addColumn("name", "text", (c) => c.primaryKey())
    .addColumn("title", "text", (c) => c.notNull())
    .addColumn("kind", "text", (c) => c.notNull())
    .addColumn("project_id", "text", (c) => c.notNull())
    .addColumn("limits", "jsonb", (c) => c.notNull())
    .addColumn("champion", "text", (c) => c.notNull())
    .addColumn("previous", "text")
    .addColumn("created_by", "text", (c) => c.notNull())
    .addColumn("created_at", "timestamptz", (c) => c.notNull())
    .addColumn("stopped_at", "timestamptz")
    .addColumn("stopped_by", "text")
    .addColumn("reason", "text")
    .execute();
  await db.schema
    .createTable("service_deployments")
    .addColumn("id", "text", (c) => c.primaryKey())
    .addColumn("service", "text", (c) => c.notNull().references("services.name").onDelete("cascade"))
    .addColumn("job_id", "text", (c) => c.notNull())
    .addColumn("task", "text", (c) => c.notNull())
    .addColumn("model_id", "text", (c) => c.notNull())
    .addColumn("role", "text", (c) => c.notNull())
    .addColumn("share", "float8", (c) => c.notNull())
    .addColumn("until", "timestamptz", (c) => c.notNull())
    .addColumn("created_by", "text", (c) => c.notNull())
    .addColumn("created_at", "timestamptz", (c) => c.notNull())
    .addColumn("reference", "jsonb", (c) => c.notNull().defaultTo(sql`'null'`))
    .execute();
  await counts(db);
  await db.schema
    .createTable("service_alerts")
    .addColumn("id", "text", (c) => c.primaryKey())
    .addColumn("service", "text", (c) => c.notNull().references("services.name").onDelete("cascade"))
    .addColumn("deployment", "text", (c) => c.notNull())
    .addColumn("about", "text", (c) => c.notNull())
    .addColumn("index", "float8", (c) => c.notNull())
    .addColumn("limit", "float8", (c) => c.notNull())
    .addColumn("at", "timestamptz", (c) => c.notNull())
    .addColumn("ended_at", "timestamptz")
    .execute();
}

async function counts(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("service_minutes")
    .addColumn("deployment", "text", (c) => c.notNull().references("service_deployments.id").onDelete("cascade"))
    .addColumn("at", "timestamptz", (c) => c.notNull())
    .addColumn("calls", "int8", (c) => c.notNull())
    .addColumn("rows", "int8", (c) => c.notNull())
    .addColumn("errors", "jsonb", (c) => c.notNull())
    .addColumn("policies", "jsonb", (c) => c.notNull())
    .addColumn("latency", "jsonb", (c) => c.notNull())
    .addColumn("scores", "jsonb", (c) => c.notNull())
    .addPrimaryKeyConstraint("service_minutes_key", ["deployment", "at"])
    .execute();
  await db.schema
    .createTable("service_usage")
    .addColumn("service", "text", (c) => c.notNull().references("services.name").onDelete("cascade"))
    .addColumn("caller", "text", (c) => c.notNull())
    .addColumn("day", "text", (c) => c.notNull())
    .addColumn("calls", "int8", (c) => c.notNull())
    .addColumn("rows", "int8", (c) => c.notNull())
    .addPrimaryKeyConstraint("service_usage_key", ["service", "caller", "day"])
    .execute();
  await db.schema
    .createTable("service_calls")
    .addColumn("trace_id", "text", (c) => c.primaryKey())
    .addColumn("deployment", "text", (c) => c.notNull().references("service_deployments.id").onDelete("cascade"))
    .addColumn("at", "timestamptz", (c) => c.notNull())
    .addColumn("scores", "jsonb", (c) => c.notNull())
    .addColumn("outcomes", "jsonb", (c) => c.notNull().defaultTo(sql`'null'`))
    .execute();
  await db.schema.createIndex("service_calls_at").on("service_calls").columns(["deployment", "at"]).execute();
}
