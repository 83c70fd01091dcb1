/**
 * A backup: one tar of what a data directory cannot be made from again, with a manifest of every file's digest.
 *
 * In it: configuration, keys (as they lie on disk: under the passphrase if there is one), the embedded database as one
 * consistent dump, datasets, results and models. Not in it: logs, temporary files, what open tasks keep between
 * attempts, and keys of stored catalogues. Those must not come back: a restored count of the questions asked would be
 * too low, so the catalogue is made anew.
 */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { copyFile, link, mkdir, readdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";

export const MANIFEST = "backup.json";
export const DATABASE_DUMP = "database.tar.gz";

export const manifestSchema = z.strictObject({
  format: z.literal(1),
  party: z.string().max(64),
  /** Of Tombolo. */
  version: z.string().max(64),
  at: z.iso.datetime(),
  /** "none": an external PostgreSQL, which has tools of its own. */
  database: z.enum(["embedded", "none"]),
  journalEntries: z.number().int().min(0),
  files: z.array(
    z.strictObject({ path: z.string().max(1000), bytes: z.number().int().min(0), sha256: z.string().length(64) }),
  ),
});

/** Nothing of a manifest leads out of the folder, or to what no backup has. */
export const isListed = (path: string): boolean =>
  (path === DATABASE_DUMP || isKept(path)) && !path.split("/").some((part) => part === ".." || part === ".");

export type Manifest = z.output<typeof manifestSchema>;

/** Files of these are written once and never changed, so a second name for them is a copy. */
const FROZEN = /\.parquet$/;
const CATALOGUE_KEY = /\.files\/key$/;
const WORK = /^tasks\/[^/]+\/[^/]+\/work\//;

/** Whether a file below the data directory belongs into a backup. */
export const isKept = (path: string): boolean =>
  /^(node\.yaml$|keys\/|datasets\/|tasks\/)/.test(path) && !CATALOGUE_KEY.test(path) && !WORK.test(path);

/** Paths of the kept files below `root`, sorted. */
export async function keptFiles(root: string): Promise<string[]> {
  const entries = await readdir(root, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .filter(isKept)
    .sort();
}

/** Puts a file into the folder that is packed; false if it went away meanwhile. */
export async function stage(root: string, folder: string, path: string): Promise<boolean> {
  const to = join(folder, path);
  await mkdir(dirname(to), { recursive: true, mode: 0o700 });
  try {
    if (FROZEN.test(path)) await link(join(root, path), to);
    else await copyFile(join(root, path), to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}

export async function described(folder: string, path: string): Promise<Manifest["files"][number]> {
  const file = join(folder, path);
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(file, { highWaterMark: 2 ** 20 })) hash.update(chunk as Buffer);
  return { path, bytes: (await stat(file)).size, sha256: hash.digest("hex") };
}
