import type { Kysely } from "kysely";

/** What a partner may ask about a day, and whether only with an authorisation of the data subjects. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable("ask_budgets").addColumn("ids_day_max", "bigint").execute();
  await db.schema
    .alterTable("ask_budgets")
    .addColumn("ids_day_used", "bigint", (c) => c.notNull().defaultTo(0))
    .execute();
  await db.schema
    .alterTable("ask_budgets")
    .addColumn("day", "text", (c) => c.notNull().defaultTo(""))
    .execute();
  await db.schema
    .alterTable("ask_budgets")
    .addColumn("authorisation_required", "boolean", (c) => c.notNull().defaultTo(false))
    .execute();
}
