import type { Kysely } from "kysely";

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("service_inputs")
    .addColumn("deployment", "text", (c) => c.primaryKey().references("service_deployments.id").onDelete("cascade"))
    .addColumn("reference", "jsonb", (c) => c.notNull())
    .execute();
}
