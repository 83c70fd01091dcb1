import type { Kysely } from "kysely";

/** No reference: a job stays when its flow is deleted. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable("jobs").addColumn("kept_flow", "text").addColumn("kept_revision", "int4").execute();
}
