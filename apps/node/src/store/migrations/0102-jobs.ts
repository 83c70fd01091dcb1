import { type Kysely, sql } from "kysely";

export async function up(db: Kysely<unknown>): Promise<void> {
  await jobs(db);
  await tasks(db);
  await traces(db);
  await models(db);
}

async function jobs(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("jobs")
    .addColumn("id", "text", (c) => c.primaryKey())
    .addColumn("name", "text", (c) => c.notNull())
    .addColumn("project_id", "text", (c) => c.notNull())
    .addColumn("initiator", "text", (c) => c.notNull())
    .addColumn("status", "text", (c) => c.notNull())
    .addColumn("document", "jsonb", (c) => c.notNull())
    .addColumn("consent_hash", "text", (c) => c.notNull())
    .addColumn("flow_yaml", "text", (c) => c.notNull())
    .addColumn("message", "text", (c) => c.notNull())
    .addColumn("created_by", "text", (c) => c.notNull())
    .addColumn("created_at", "timestamptz", (c) => c.notNull())
    .addColumn("started_at", "timestamptz")
    .addColumn("ended_at", "timestamptz")
    .addColumn("failure", "jsonb", (c) => c.notNull().defaultTo(sql`'null'`))
    .addColumn("fence", "integer", (c) => c.notNull().defaultTo(0))
    .addColumn("lease_owner", "text")
    .addColumn("lease_until", "timestamptz")
    .addColumn("contact_at", "timestamptz")
    .execute();
  await db.schema.createIndex("jobs_created").on("jobs").column("created_at").execute();
  await db.schema
    .createTable("job_consents")
    .addColumn("job_id", "text", (c) => c.notNull().references("jobs.id"))
    .addColumn("party", "text", (c) => c.notNull())
    .addColumn("decision", "text", (c) => c.notNull())
    .addColumn("by", "text", (c) => c.notNull())
    .addColumn("reason", "text")
    .addColumn("at", "timestamptz", (c) => c.notNull())
    .addColumn("signed_at", "text", (c) => c.notNull())
    .addColumn("signature", "text", (c) => c.notNull())
    .addPrimaryKeyConstraint("job_consents_key", ["job_id", "party"])
    .execute();
}

async function tasks(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("tasks")
    .addColumn("job_id", "text", (c) => c.notNull().references("jobs.id"))
    .addColumn("name", "text", (c) => c.notNull())
    .addColumn("status", "text", (c) => c.notNull())
    .addColumn("attempt", "integer", (c) => c.notNull())
    .addColumn("reused", "boolean", (c) => c.notNull())
    .addColumn("lanes", "jsonb", (c) => c.notNull())
    .addColumn("failure", "jsonb", (c) => c.notNull().defaultTo(sql`'null'`))
    .addColumn("started_at", "timestamptz")
    .addColumn("ended_at", "timestamptz")
    .addPrimaryKeyConstraint("tasks_key", ["job_id", "name"])
    .execute();
  await db.schema
    .createTable("attempts")
    .addColumn("job_id", "text", (c) => c.notNull().references("jobs.id"))
    .addColumn("task", "text", (c) => c.notNull())
    .addColumn("attempt", "integer", (c) => c.notNull())
    .addColumn("status", "text", (c) => c.notNull())
    .addColumn("failure", "jsonb", (c) => c.notNull().defaultTo(sql`'null'`))
    .addColumn("outputs", "jsonb", (c) => c.notNull())
    .addColumn("started_at", "timestamptz", (c) => c.notNull())
    .addColumn("ended_at", "timestamptz")
    .addPrimaryKeyConstraint("attempts_key", ["job_id", "task", "attempt"])
    .execute();
  await db.schema
    .createTable("stage_digests")
    .addColumn("job_id", "text", (c) => c.notNull().references("jobs.id"))
    .addColumn("task", "text", (c) => c.notNull())
    .addColumn("attempt", "integer", (c) => c.notNull())
    .addColumn("party", "text", (c) => c.notNull())
    .addColumn("digest", "text", (c) => c.notNull())
    .addColumn("signature", "text", (c) => c.notNull())
    .addPrimaryKeyConstraint("stage_digests_key", ["job_id", "task", "attempt", "party"])
    .execute();
}

async function traces(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("meter")
    .addColumn("job_id", "text", (c) => c.notNull().references("jobs.id"))
    .addColumn("task", "text", (c) => c.notNull())
    .addColumn("attempt", "integer", (c) => c.notNull())
    .addColumn("partner", "text", (c) => c.notNull())
    .addColumn("name", "text", (c) => c.notNull())
    .addColumn("direction", "text", (c) => c.notNull())
    .addColumn("messages", "bigint", (c) => c.notNull())
    .addColumn("bytes", "bigint", (c) => c.notNull())
    .addPrimaryKeyConstraint("meter_key", ["job_id", "task", "attempt", "partner", "name", "direction"])
    .execute();
  await db.schema
    .createTable("job_logs")
    .addColumn("id", "bigint", (c) => c.primaryKey().generatedAlwaysAsIdentity())
    .addColumn("job_id", "text", (c) => c.notNull().references("jobs.id"))
    .addColumn("task", "text")
    .addColumn("level", "text", (c) => c.notNull())
    .addColumn("message", "text", (c) => c.notNull())
    .addColumn("at", "timestamptz", (c) => c.notNull())
    .execute();
  await db.schema.createIndex("job_logs_job").on("job_logs").column("job_id").execute();
}

async function models(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("models")
    .addColumn("id", "text", (c) => c.primaryKey())
    .addColumn("job_id", "text", (c) => c.notNull().references("jobs.id"))
    .addColumn("task", "text", (c) => c.notNull())
    .addColumn("name", "text", (c) => c.notNull())
    .addColumn("summary", "jsonb", (c) => c.notNull())
    .addColumn("parties", "jsonb", (c) => c.notNull())
    .addColumn("file", "text", (c) => c.notNull())
    .addColumn("derived_from_revoked", "boolean", (c) => c.notNull())
    .addColumn("created_at", "timestamptz", (c) => c.notNull())
    .execute();
}
