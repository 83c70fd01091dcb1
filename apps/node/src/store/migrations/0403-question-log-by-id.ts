import { type Kysely, sql } from "kysely";

/** `caller` is who it is from now on, `name` what that one is called; of the days before, the name was both. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable("question_log")
    .addColumn("name", "text", (c) => c.notNull().defaultTo(""))
    .execute();
  await sql`update question_log set name = caller`.execute(db);
}
