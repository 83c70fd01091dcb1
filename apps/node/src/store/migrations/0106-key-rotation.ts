import type { Kysely } from "kysely";

/** Keys of partners that others follow, and those that others followed. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable("contracts")
    .addColumn("next_signing_key", "text")
    .addColumn("next_certificate_fingerprint", "text")
    .addColumn("own_next_fingerprint", "text")
    .execute();
  await db.schema
    .createTable("former_keys")
    .addColumn("contract_id", "text", (c) => c.notNull())
    .addColumn("party", "text", (c) => c.notNull())
    .addColumn("signing_key", "text", (c) => c.notNull())
    .addColumn("signing_key_fingerprint", "text", (c) => c.notNull())
    .addColumn("certificate_fingerprint", "text", (c) => c.notNull())
    .addColumn("until", "timestamptz", (c) => c.notNull())
    .addPrimaryKeyConstraint("former_keys_pk", ["contract_id", "signing_key_fingerprint"])
    .execute();
}
