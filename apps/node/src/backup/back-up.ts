/** Makes a backup of a node, running or not. What goes into it is in archive.ts. */
import { existsSync } from "node:fs";
import { chmod, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { isAbsolute, join, relative, resolve } from "node:path";
import { TomboloError } from "@tombolo/base";
import { create } from "tar";
import { requireDiskSpace } from "../config/data-folder.ts";
import type { NodeContext } from "../context.ts";
import { systemActor } from "../context.ts";
import { version } from "../version.ts";
import { DATABASE_DUMP, described, keptFiles, MANIFEST, type Manifest, stage } from "./archive.ts";

export interface BackedUp {
  readonly file: string;
  readonly files: number;
  readonly database: Manifest["database"];
  readonly journalEntries: number;
}

/** Writes the archive to `file` (0600), which must not exist and not lie in the data directory. */
export async function backUp(context: NodeContext, file: string): Promise<BackedUp> {
  const { root, temporary } = context.paths;
  checkTarget(root, file);
  await requireDiskSpace(context.paths, context.config.limits.diskFreeBytesMin);
  const folder = await mkdtemp(join(temporary, "backup-"));
  const aside = `${file}.new`;
  try {
    const manifest = await fill(context, folder);
    await writeFile(join(folder, MANIFEST), JSON.stringify(manifest), { mode: 0o600 });
    // The manifest first: a reader knows at once what it has.
    await create({ cwd: folder, file: aside, gzip: { level: 3 }, portable: true, mode: 0o600 }, [
      MANIFEST,
      ...manifest.files.map(({ path }) => path),
    ]);
    await chmod(aside, 0o600);
    await rename(aside, file);
    const { database, journalEntries } = manifest;
    await context.journal.append("node.backed-up", systemActor, {
      en: `Backup made (${manifest.files.length} files)`,
      zh: `已备份（${manifest.files.length} 个文件）`,
    });
    return { file, files: manifest.files.length, database, journalEntries };
  } finally {
    await rm(folder, { recursive: true, force: true });
    await rm(aside, { force: true });
  }
}

function checkTarget(root: string, file: string): void {
  const inside = relative(root, resolve(file));
  if (!inside.startsWith("..") && !isAbsolute(inside))
    throw new TomboloError("input.file", "a backup does not go into the data directory it is of", {
      remedy: "Name a file elsewhere, best on another disk.",
    });
  if (existsSync(file))
    throw new TomboloError("state.exists", "there is such a file already", {
      remedy: "Choose another name; a backup never overwrites.",
    });
}

/** The database first: files it names are there when they are copied, unless somebody deleted them since. */
async function fill(context: NodeContext, folder: string): Promise<Manifest> {
  const { paths, store, journal, config, clock } = context;
  const at = clock.now().toISOString();
  const journalEntries = await journal.size();
  const dump = await store.dump();
  const files: string[] = [];
  if (dump !== null) {
    await writeFile(join(folder, DATABASE_DUMP), dump, { mode: 0o600 });
    files.push(DATABASE_DUMP);
  }
  for (const path of await keptFiles(paths.root)) if (await stage(paths.root, folder, path)) files.push(path);
  const list: Manifest["files"] = [];
  for (const path of files) list.push(await described(folder, path));
  const database = dump === null ? "none" : "embedded";
  return { format: 1, party: config.party, version, at, database, journalEntries, files: list };
}
