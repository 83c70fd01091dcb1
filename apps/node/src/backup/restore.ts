/**
 * Makes a data directory from a backup. Everything is checked and opened aside first; the directory appears whole or not at all, and never
 * without the mark that makes a start settle it, unless it is settled already.
 *
 * What happened after the backup is unknown to the restored node, and known to its partners: their checkpoints of its
 * journal are ahead of it, and `journal verify` says so. Uses and budgets drawn since are not counted. What was revoked, withdrawn or ended
 * since would be in force again, so that grants, schedules and contracts wait until a person confirms each, and permits are withdrawn:
 * settle.ts.
 */
import { existsSync } from "node:fs";
import { chmod, mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { TomboloError } from "@tombolo/base";
import { extract } from "tar";
import { refuseLong } from "../config/data-folder.ts";
import { ownSigningKeys } from "../config/keys.ts";
import { openContext } from "../config/open-context.ts";
import { dataPaths } from "../config/paths.ts";
import { verifyJournal } from "../journal/verify.ts";
import { createLog } from "../log/log.ts";
import { loadPglite } from "../store/pglite.ts";
import {
  DATABASE_DUMP,
  described,
  isKept,
  isListed,
  keptFiles,
  MANIFEST,
  type Manifest,
  manifestSchema,
} from "./archive.ts";
import { markRestored, type Settled, settleRestored } from "./settle.ts";

export interface Restored {
  readonly directory: string;
  readonly party: string;
  readonly at: string;
  readonly files: number;
  readonly database: Manifest["database"];
  readonly journalOk: boolean;
  readonly journalEntries: number;
  /** What waits for a person to confirm it; null: known at the first start. */
  readonly waiting: Settled | null;
}

export async function restore(file: string, directory: string, environment: NodeJS.ProcessEnv): Promise<Restored> {
  const target = resolve(directory);
  if (!existsSync(file))
    throw new TomboloError("input.file", "there is no such backup", { remedy: "Check the name given to --from." });
  if (existsSync(target) && (await readdir(target)).length > 0)
    throw new TomboloError("state.exists", "the directory is not empty", {
      remedy: "Restore into a new directory; an existing one is never overwritten.",
    });
  const aside = join(dirname(target), `.${process.pid}.restoring`);
  for (const path of [target, aside]) refuseLong(path);
  await rm(aside, { recursive: true, force: true });
  await mkdir(aside, { recursive: true, mode: 0o700 });
  try {
    const manifest = await unpack(file, aside);
    await loadDatabase(aside, manifest);
    await markRestored(aside, manifest.at);
    const found = await opened(aside, manifest, environment);
    await rm(target, { recursive: true, force: true });
    await rename(aside, target);
    const { party, at, files, database } = manifest;
    return { directory: target, party, at, files: files.length, database, ...found };
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

const damaged = (message: string, cause?: unknown): TomboloError =>
  new TomboloError("input.backup", message, { remedy: "Take another backup; this one cannot be trusted.", cause });

async function unpack(file: string, folder: string): Promise<Manifest> {
  const strange: string[] = [];
  const filter = (path: string, entry: unknown): boolean => {
    if (isExpected(path, entry)) return true;
    strange.push(path);
    return false;
  };
  await extract({ file, cwd: folder, strict: true, filter }).catch((cause) => {
    throw damaged("the file is no whole backup", cause);
  });
  if (strange.length > 0) throw damaged("the file has something in it that no backup has");
  const manifest = await readManifest(folder);
  const listed = new Set(manifest.files.map(({ path }) => path));
  const unlisted = (await keptFiles(folder)).find((path) => !listed.has(path));
  if (unlisted !== undefined || ![...listed].every(isListed))
    throw damaged("the backup's files are not those that its manifest lists");
  await chmod(join(folder, "keys"), 0o700);
  for (const wanted of manifest.files) {
    const found = await described(folder, wanted.path).catch(() => undefined);
    if (found?.sha256 !== wanted.sha256) throw damaged(`the backup's ${wanted.path} is missing or was altered`);
    await chmod(join(folder, wanted.path), 0o600);
  }
  if (!manifest.files.some(({ path }) => path === "node.yaml")) throw damaged("the backup has no configuration");
  await rm(join(folder, MANIFEST));
  return manifest;
}

/** Plain files where a backup has them; no links, no paths that lead elsewhere. */
function isExpected(path: string, entry: unknown): boolean {
  const { type } = entry as { type?: string };
  const name = path.replace(/^\.\//, "");
  if (type === "Directory") return true;
  const plain = type === "File" && !name.split("/").includes("..");
  return plain && (name === MANIFEST || name === DATABASE_DUMP || isKept(name));
}

async function readManifest(folder: string): Promise<Manifest> {
  try {
    return manifestSchema.parse(JSON.parse(await readFile(join(folder, MANIFEST), "utf8")));
  } catch (cause) {
    throw damaged("the file is no backup of this program", cause);
  }
}

async function loadDatabase(folder: string, { database }: Manifest): Promise<void> {
  if (database === "none") return;
  const dump = join(folder, DATABASE_DUMP);
  const { database: target } = dataPaths(folder);
  await loadPglite(target, await readFile(dump));
  await chmod(target, 0o700);
  await rm(dump);
}

/** Opens it once: the passphrase is right, the database comes up and migrates, the journal holds together. */
async function opened(folder: string, { database }: Manifest, environment: NodeJS.ProcessEnv) {
  const { context, close } = await openContext(folder, environment, { log: createLog("restore", "error") });
  try {
    const { ok, entries } = await verifyJournal(context.store, context.config.party, ownSigningKeys(context.keys));
    // Another database is restored by its own tools, and settled at the first start.
    const waiting = database === "embedded" ? await settleRestored(context) : null;
    return { journalOk: ok, journalEntries: entries, waiting };
  } finally {
    await close();
  }
}
