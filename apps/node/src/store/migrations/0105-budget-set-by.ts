import type { Kysely } from "kysely";

/** Who set a budget's limits last. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable("ask_budgets").addColumn("set_by", "text").execute();
}
