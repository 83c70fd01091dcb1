/** Runs the numbered files of `migrations/` once each, in one transaction, under a lock. */
import { readdir } from "node:fs/promises";
import { TomboloError } from "@tombolo/base";
import type { Kysely } from "kysely";
import { type Migration, Migrator } from "kysely/migration";

const folder = new URL("./migrations/", import.meta.url);

export async function migrate(db: Kysely<never>): Promise<void> {
  const migrator = new Migrator({
    db,
    provider: { getMigrations },
    migrationTableName: "migrations",
    migrationLockTableName: "migrations_lock",
    // Areas are numbered apart (00xx node, 01xx partners and jobs), so a later release may add a lower number.
    allowUnorderedMigrations: true,
  });
  const { error, results } = await migrator.migrateToLatest();
  if (error === undefined) return;
  const failed = results?.find((each) => each.status === "Error")?.migrationName;
  throw new TomboloError("state.migration", "the database could not be brought to this version", {
    remedy: "Run the version that wrote it, or restore a backup; nothing was changed.",
    ...(failed === undefined ? {} : { detail: { migration: failed } }),
    cause: error,
  });
}

async function getMigrations(): Promise<Record<string, Migration>> {
  const files = (await readdir(folder)).filter((name) => /^\d{4}-[a-z-]+\.ts$/.test(name)).sort();
  const loaded = await Promise.all(
    files.map(async (name) => [name.slice(0, -3), (await import(new URL(name, folder).href)) as Migration] as const),
  );
  return Object.fromEntries(loaded);
}
