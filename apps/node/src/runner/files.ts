/** A task's inputs and outputs as files: tables as Parquet with a small JSON beside them, models and reports as JSON. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, readdir, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { TomboloError } from "@tombolo/base";
import type { TableFile, TableNote, TaskTable } from "@tombolo/components";
import { ID_COLUMN, readColumns, readSchema, syncFolder, writeTable } from "@tombolo/datasets";

const JSON_BYTES_MAX = 512 * 2 ** 20;
/** How files end that are still being written. */
const ASIDE = ".tmp";

interface StoredNote extends TableNote {
  readonly rowCount: number;
  readonly columns: readonly string[];
  readonly hasIds: boolean;
}

const noteOf = ({ keys, label, aligned, pipeline, copiesMax }: TableNote): TableNote => ({
  keys,
  label,
  aligned,
  ...(copiesMax === undefined || copiesMax === 1 ? {} : { copiesMax }),
  ...(pipeline === undefined ? {} : { pipeline }),
});

const noteFile = (path: string): string => `${path}.json`;

export async function saveTable(path: string, table: TaskTable, signal: AbortSignal): Promise<void> {
  const { rowCount, columns, ids } = table;
  await writeTable(path, { rowCount, columns, ...(ids === undefined ? {} : { ids }) }, { signal });
  const note: StoredNote = {
    rowCount,
    columns: columns.map(({ name }) => name),
    hasIds: ids !== undefined,
    ...noteOf(table),
  };
  await saveJson(noteFile(path), note);
}

export async function loadTable(path: string, signal: AbortSignal): Promise<TaskTable> {
  const stored = (await loadJson(noteFile(path))) as StoredNote;
  const { columns: names, hasIds, rowCount } = stored;
  const read = await readColumns(path, hasIds ? [ID_COLUMN, ...names] : names, { signal });
  if (!hasIds) return { rowCount, columns: read.columns, ...noteOf(stored) };
  const [idColumn, ...columns] = read.columns;
  if (idColumn?.kind !== "text") throw new TomboloError("input.parquet", "a stored table has no row ids");
  const ids = Array.from(idColumn.codes, (code) => idColumn.categories[code] ?? "");
  return { rowCount, ids, columns, ...noteOf(stored) };
}

/** A stored table without its rows. */
export async function openTable(path: string, signal: AbortSignal): Promise<TableFile> {
  const stored = (await loadJson(noteFile(path))) as StoredNote;
  const { columns: names, rowCount } = stored;
  const types = new Map((await readSchema(path, { signal })).map(({ name, type }) => [name, type]));
  const columns = names.map((name) => ({
    name,
    kind: types.get(name) === "text" ? ("text" as const) : ("number" as const),
  }));
  return { path, rowCount, columns, ...noteOf(stored) };
}

/** Columns of a stored table, and whether it has row ids beside them. */
export interface TableShape {
  readonly columns: readonly string[];
  readonly hasIds: boolean;
}

export async function shapeOf({ path, columns }: TableFile): Promise<TableShape> {
  const { hasIds } = (await loadJson(noteFile(path))) as StoredNote;
  return { columns: columns.map(({ name }) => name), hasIds };
}

/** Beside a file of rows: a table like any other. */
export async function noteTable(
  path: string,
  { columns, hasIds }: TableShape,
  note: TableNote,
  rowCount: number,
): Promise<void> {
  const stored: StoredNote = { rowCount, columns, hasIds, ...noteOf(note) };
  await saveJson(noteFile(path), stored);
}

/** Written aside, synced, then renamed: a reader sees the old file or the new one, whole. */
export async function saveJson(path: string, value: unknown): Promise<void> {
  const text = JSON.stringify(value);
  if (text.length > JSON_BYTES_MAX) throw new TomboloError("resource.output", "an output is too large to store");
  const aside = join(dirname(path), `.${process.pid}-${Date.now()}${ASIDE}`);
  try {
    await writeSynced(aside, text);
    await rename(aside, path);
    await syncFolder(dirname(path));
  } catch (error) {
    await rm(aside, { force: true });
    throw error;
  }
}

async function writeSynced(path: string, text: string): Promise<void> {
  const file = await open(path, "w", 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** What an attempt that did not succeed left: its folder, and what was being written beside the task's checkpoint. */
export async function removeAttempt(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  const beside = await readdir(dirname(folder)).catch(() => []);
  for (const name of beside) if (name.endsWith(ASIDE)) await rm(join(dirname(folder), name), { force: true });
}

export async function loadJson(path: string): Promise<unknown> {
  return JSON.parse(await readFile(path, "utf8"));
}

export async function saltedDigest(path: string, salt: Uint8Array): Promise<string> {
  const hash = createHash("sha256").update(salt);
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest("hex");
}
