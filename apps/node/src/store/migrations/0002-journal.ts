import { type Kysely, sql } from "kysely";

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("journal_entries")
    .addColumn("index", "bigint", (c) => c.primaryKey())
    .addColumn("entry", "text", (c) => c.notNull())
    .execute();
  await db.schema
    .createTable("journal_nodes")
    .addColumn("level", "integer", (c) => c.notNull())
    .addColumn("position", "bigint", (c) => c.notNull())
    .addColumn("hash", "bytea", (c) => c.notNull())
    .addPrimaryKeyConstraint("journal_nodes_key", ["level", "position"])
    .execute();
  await db.schema
    .createTable("journal_head")
    .addColumn("id", "integer", (c) => c.primaryKey())
    .addColumn("size", "bigint", (c) => c.notNull())
    .execute();
  await sql`insert into journal_head (id, size) values (1, 0)`.execute(db);
  await checkpoints(db);
}

async function checkpoints(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("journal_checkpoints")
    .addColumn("size", "bigint", (c) => c.primaryKey())
    .addColumn("note", "text", (c) => c.notNull())
    .addColumn("at", "timestamptz", (c) => c.notNull())
    .execute();
  await db.schema
    .createTable("journal_witnesses")
    .addColumn("partner", "text", (c) => c.notNull())
    .addColumn("size", "bigint", (c) => c.notNull())
    .addColumn("note", "text", (c) => c.notNull())
    .addColumn("partner_key", "bytea", (c) => c.notNull())
    .addColumn("at", "timestamptz", (c) => c.notNull())
    .addPrimaryKeyConstraint("journal_witnesses_key", ["partner", "size"])
    .execute();
  await db.schema
    .createTable("partner_checkpoints")
    .addColumn("partner", "text", (c) => c.notNull())
    .addColumn("size", "bigint", (c) => c.notNull())
    .addColumn("root_hash", "bytea", (c) => c.notNull())
    .addColumn("note", "text", (c) => c.notNull())
    .addColumn("at", "timestamptz", (c) => c.notNull())
    .addPrimaryKeyConstraint("partner_checkpoints_key", ["partner", "size"])
    .execute();
}
