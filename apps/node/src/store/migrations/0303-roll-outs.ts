import { type Kysely, sql } from "kysely";

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("service_roll_outs")
    .addColumn("deployment", "text", (c) => c.primaryKey().references("service_deployments.id").onDelete("cascade"))
    .addColumn("plan", "jsonb", (c) => c.notNull())
    .addColumn("state", "text", (c) => c.notNull())
    .addColumn("step", "int8", (c) => c.notNull())
    .addColumn("since", "timestamptz")
    .addColumn("rival", "text", (c) => c.notNull())
    .addColumn("reason", "jsonb", (c) => c.notNull().defaultTo(sql`'null'`))
    .addColumn("counts", "jsonb", (c) => c.notNull())
    .addColumn("created_by", "text", (c) => c.notNull())
    .addColumn("created_at", "timestamptz", (c) => c.notNull())
    .addColumn("ended_at", "timestamptz")
    .execute();
}
