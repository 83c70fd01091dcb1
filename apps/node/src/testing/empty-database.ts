/** An empty embedded database for tests, made once and copied. */
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { threadId } from "node:worker_threads";
import { openPglite } from "../store/pglite.ts";

/** Making an empty cluster takes seconds; copying one does not. Kept beside the dependencies, one per version. */
export async function copyEmptyDatabase(folder: string): Promise<void> {
  template ??= emptyDatabase();
  cpSync(await template, folder, { recursive: true });
}

let template: Promise<string> | undefined;

async function emptyDatabase(): Promise<string> {
  const modules = new URL("../../../../node_modules/", import.meta.url).pathname;
  const { version } = JSON.parse(readFileSync(join(modules, "@electric-sql/pglite/package.json"), "utf8"));
  const kept = join(modules, ".cache", `tombolo-empty-database-${version}`);
  if (existsSync(kept)) return kept;
  const fresh = `${kept}-${process.pid}-${threadId}`;
  mkdirSync(fresh, { recursive: true });
  await (await openPglite(fresh)).close();
  try {
    renameSync(fresh, kept);
  } catch {
    // Another process was quicker.
    rmSync(fresh, { recursive: true });
  }
  return kept;
}
