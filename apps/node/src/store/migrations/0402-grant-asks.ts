import type { Kysely } from "kysely";

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("grant_asks")
    .addColumn("grant_id", "text", (c) => c.notNull().references("grants.id"))
    .addColumn("day", "text", (c) => c.notNull())
    .addColumn("ids", "int8", (c) => c.notNull())
    .addColumn("refused", "int8", (c) => c.notNull())
    .addPrimaryKeyConstraint("grant_asks_key", ["grant_id", "day"])
    .execute();
}
