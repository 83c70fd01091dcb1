/** An embedded database of this version without a row, for tests: made once and copied. */
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { threadId } from "node:worker_threads";
import { openStore } from "../store/store.ts";

const MODULES = fileURLToPath(new URL("../../../../node_modules/", import.meta.url));
const MIGRATIONS = fileURLToPath(new URL("../store/migrations/", import.meta.url));

/** Making an empty cluster and its tables takes seconds; copying them does not. */
export async function copyEmptyDatabase(folder: string): Promise<void> {
  template ??= emptyDatabase();
  cpSync(await template, folder, { recursive: true });
}

let template: Promise<string> | undefined;

/** Kept beside the dependencies, one for each version of them and of the migrations. */
async function emptyDatabase(): Promise<string> {
  const kept = join(MODULES, ".cache", `tombolo-empty-database-${versions()}`);
  if (existsSync(kept)) return kept;
  const fresh = `${kept}-${process.pid}-${threadId}`;
  mkdirSync(fresh, { recursive: true });
  await (await openStore({ folder: fresh, url: undefined })).close();
  try {
    renameSync(fresh, kept);
  } catch {
    // Another process was quicker.
    rmSync(fresh, { recursive: true });
  }
  return kept;
}

function versions(): string {
  const hash = createHash("sha256").update(readFileSync(join(MODULES, "@electric-sql/pglite/package.json")));
  for (const name of readdirSync(MIGRATIONS).sort()) hash.update(name).update(readFileSync(join(MIGRATIONS, name)));
  return hash.digest("hex").slice(0, 16);
}
