/** Own datasets (数据资产): import, dictionary, publishing, deleting. Every change that partners could notice is journalled. */
import { existsSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { safeText, TomboloError, toHex } from "@tombolo/base";
import { defaultLimits, type ImportedDataset, importFile, SNAPSHOT_FILE } from "@tombolo/datasets";
import type { Dataset, DatasetColumn, Visibility } from "@tombolo/sdk";
import type { Selectable } from "kysely";
import { newId } from "../auth/tokens.ts";
import { requireDiskSpace } from "../config/data-folder.ts";
import type { Actor, NodeContext } from "../context.ts";
import { toJson } from "../store/columns.ts";
import type { Database } from "../store/schema.ts";
import type { DatasetOrigin } from "../store/tables/datasets.ts";

type DatasetRow = Selectable<Database["datasets"]>;

/** Until the owner decides otherwise partners see names, types and meaning only. */
const HIDDEN: Visibility = { rowCount: false, fillRate: false, distinct: false, statistics: false, top: false };

export interface Upload {
  readonly name: string;
  readonly filename: string;
  readonly idColumn: string | undefined;
  readonly labelColumn: string | undefined;
  readonly bytes: AsyncIterable<Uint8Array>;
  readonly bytesExpected: number | undefined;
  readonly signal: AbortSignal;
  /** The job output that the bytes are; absent: an upload. */
  readonly origin?: DatasetOrigin;
  /** Asked in the transaction that registers it. */
  readonly derivedFromRevoked?: () => Promise<boolean>;
}

export interface DictionaryPatch {
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  readonly asOf?: string | null | undefined;
  readonly columns?: readonly Pick<DatasetColumn, "name" | "role" | "meaning" | "unit">[] | undefined;
}

export const snapshotFile = (context: NodeContext, id: string): string =>
  join(context.paths.datasets, id, SNAPSHOT_FILE);

export async function importDataset(context: NodeContext, actor: Actor, upload: Upload): Promise<Dataset> {
  const { limits } = context.config;
  if ((upload.bytesExpected ?? 0) > limits.uploadBytesMax)
    throw new TomboloError("input.too-large", "the file is larger than this node accepts", {
      remedy: "Split it, or raise limits.uploadBytesMax.",
    });
  // The plain copy and the snapshot stand beside each other for a moment.
  await requireDiskSpace(context.paths, limits.diskFreeBytesMin + 2 * (upload.bytesExpected ?? 0));
  const id = newId("ds");
  const directory = join(context.paths.datasets, id);
  try {
    const imported = await importFile({
      source: upload.bytes,
      filename: upload.filename,
      directory,
      text: upload.idColumn === undefined ? [] : [upload.idColumn],
      limits: { ...defaultLimits, bytesMax: limits.uploadBytesMax },
      signal: upload.signal,
    });
    return await register(context, actor, id, upload, imported);
  } catch (error) {
    await rm(directory, { recursive: true, force: true });
    throw error;
  }
}

async function register(
  context: NodeContext,
  actor: Actor,
  id: string,
  upload: Upload,
  imported: ImportedDataset,
): Promise<Dataset> {
  const row: DatasetRow = {
    id,
    name: safeText(upload.name, "the name", 200),
    description: "",
    row_count: imported.rowCount,
    columns: withRoles(imported, upload),
    as_of: null,
    published: false,
    visibility: HIDDEN,
    source_file: safeText(upload.filename, "the file name", 255),
    bytes: imported.bytes,
    snapshot: toHex(imported.commitment.commitment),
    snapshot_salt: imported.commitment.salt,
    created_by: actor.name,
    created_at: context.clock.now(),
    origin: upload.origin ?? null,
    derived_from_revoked: false,
  };
  await context.store.transaction(async (tx) => {
    row.derived_from_revoked = (await upload.derivedFromRevoked?.()) ?? false;
    await tx
      .insertInto("datasets")
      .values({ ...row, columns: toJson(row.columns), visibility: toJson(row.visibility), origin: toJson(row.origin) })
      .execute();
    const summary = { en: `Dataset ${row.name} imported`, zh: `已导入数据集 ${row.name}` };
    await context.journal.append("dataset.imported", actor, summary, {
      dataset: id,
      snapshot: row.snapshot,
      rows: row.row_count,
      ...(row.origin === null ? {} : { origin: { ...row.origin } }),
    });
    changed(context, id);
  });
  return toDataset(context, row);
}

/** The columns the uploader named become id and label; the rest keeps what the import suggests. */
function withRoles(imported: ImportedDataset, { idColumn, labelColumn }: Upload): DatasetColumn[] {
  for (const [what, name] of [
    ["id", idColumn],
    ["label", labelColumn],
  ] as const)
    if (name !== undefined && !imported.columns.some((column) => column.name === name))
      throw new TomboloError("input.columns", `the file has no column ${JSON.stringify(name)} for the ${what}`, {
        remedy: `Its columns are: ${imported.columns
          .slice(0, 20)
          .map((column) => column.name)
          .join(", ")}`,
      });
  return imported.columns.map((column) => ({
    ...column,
    role: column.name === idColumn ? "id" : column.name === labelColumn ? "label" : column.role,
    meaning: "",
    unit: "",
    statistics:
      column.statistics === null ? null : { ...column.statistics, quantiles: [...column.statistics.quantiles] },
    top: column.top === null ? null : column.top.map((each) => ({ ...each })),
  }));
}

export async function listDatasets(context: NodeContext): Promise<Dataset[]> {
  const rows = await context.store.db.selectFrom("datasets").selectAll().orderBy("created_at", "desc").execute();
  return rows.map((row) => toDataset(context, row));
}

export async function getDataset(context: NodeContext, id: string): Promise<Dataset> {
  return toDataset(context, await datasetRow(context, id));
}

export async function describeDataset(
  context: NodeContext,
  actor: Actor,
  id: string,
  patch: DictionaryPatch,
): Promise<Dataset> {
  return context.store.transaction(async (tx) => {
    const row = await datasetRow(context, id);
    const next: DatasetRow = {
      ...row,
      name: patch.name === undefined ? row.name : safeText(patch.name, "the name", 200),
      description: patch.description ?? row.description,
      as_of: patch.asOf === undefined ? row.as_of : patch.asOf,
      columns: patch.columns === undefined ? row.columns : described(row.columns, patch.columns),
    };
    const { name, description, as_of } = next;
    await tx
      .updateTable("datasets")
      .set({ name, description, as_of, columns: toJson(next.columns) })
      .where("id", "=", id)
      .execute();
    const summary = { en: `Dictionary of ${row.name} edited`, zh: `已编辑数据集 ${row.name} 的字典` };
    await context.journal.append("dataset.described", actor, summary, { dataset: id });
    changed(context, id);
    return toDataset(context, next);
  });
}

function described(columns: readonly DatasetColumn[], edits: NonNullable<DictionaryPatch["columns"]>): DatasetColumn[] {
  const byName = new Map(edits.map((edit) => [edit.name, edit]));
  for (const name of byName.keys())
    if (!columns.some((column) => column.name === name))
      throw new TomboloError("input.columns", `the dataset has no column ${JSON.stringify(name)}`);
  return columns.map((column) => ({ ...column, ...byName.get(column.name) }));
}

export async function publishDataset(
  context: NodeContext,
  actor: Actor,
  id: string,
  input: { published: boolean; visibility: Visibility },
): Promise<Dataset> {
  return context.store.transaction(async (tx) => {
    const row = { ...(await datasetRow(context, id)), ...input };
    const values = { published: input.published, visibility: toJson(input.visibility) };
    await tx.updateTable("datasets").set(values).where("id", "=", id).execute();
    const summary = input.published
      ? { en: `Dataset ${row.name} published to partners`, zh: `已向合作方发布数据集 ${row.name}` }
      : { en: `Dataset ${row.name} withdrawn`, zh: `已撤回数据集 ${row.name}` };
    const kind = input.published ? "dataset.published" : "dataset.withdrawn";
    await context.journal.append(kind, actor, summary, { dataset: id, visibility: input.visibility });
    changed(context, id);
    return toDataset(context, row);
  });
}

/** `jobsUsing`: running jobs that read it. The row goes first; what a crash leaves of the files goes at the next start. */
export async function deleteDataset(
  context: NodeContext,
  actor: Actor,
  id: string,
  jobsUsing: (id: string) => Promise<readonly string[]>,
): Promise<void> {
  await context.store.transaction(async (tx) => {
    const row = await datasetRow(context, id);
    const jobs = await jobsUsing(id);
    if (jobs.length > 0)
      throw new TomboloError("state.in-use", `${jobs.length} job(s) use this dataset`, {
        remedy: `Wait for them or cancel them: ${jobs.slice(0, 5).join(", ")}`,
      });
    await tx.deleteFrom("datasets").where("id", "=", id).execute();
    const summary = { en: `Dataset ${row.name} deleted`, zh: `已删除数据集 ${row.name}` };
    await context.journal.append("dataset.deleted", actor, summary, {
      dataset: id,
      snapshot: row.snapshot,
      rows: row.row_count,
    });
    changed(context, id);
  });
  await rm(join(context.paths.datasets, id), { recursive: true, force: true });
}

/** At start: files of imports and deletions that a crash cut in two. */
export async function removeOrphans(context: NodeContext): Promise<void> {
  const known = new Set((await context.store.db.selectFrom("datasets").select("id").execute()).map(({ id }) => id));
  for (const id of await readdir(context.paths.datasets)) {
    if (known.has(id)) continue;
    await rm(join(context.paths.datasets, id), { recursive: true, force: true });
    context.log.info({ dataset: id }, "removed what an interrupted import left");
  }
  for (const id of known)
    if (!existsSync(snapshotFile(context, id))) context.log.error({ dataset: id }, "the file of a dataset is missing");
}

async function datasetRow(context: NodeContext, id: string): Promise<DatasetRow> {
  const row = await context.store.db.selectFrom("datasets").selectAll().where("id", "=", id).executeTakeFirst();
  if (row === undefined) throw new TomboloError("state.unknown", "there is no such dataset");
  return row;
}

const changed = (context: NodeContext, id: string): void =>
  context.store.afterCommit(() => context.events.publish({ kind: "dataset", id, data: null }));

const toDataset = (context: NodeContext, row: DatasetRow): Dataset => ({
  id: row.id,
  name: row.name,
  description: row.description,
  owner: context.config.party,
  rowCount: row.row_count,
  columns: [...row.columns],
  asOf: row.as_of,
  published: row.published,
  visibility: row.visibility,
  sourceFile: row.source_file,
  bytes: row.bytes,
  snapshot: row.snapshot,
  createdAt: row.created_at.toISOString(),
  origin: row.origin,
  derivedFromRevoked: row.derived_from_revoked,
});
