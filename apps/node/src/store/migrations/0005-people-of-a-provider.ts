import type { Kysely } from "kysely";

/** Who signs in at an identity provider is known by its issuer and subject. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable("users").addColumn("issuer", "text").execute();
  await db.schema.alterTable("users").addColumn("subject", "text").execute();
  await db.schema.createIndex("users_by_subject").unique().on("users").columns(["issuer", "subject"]).execute();
}
