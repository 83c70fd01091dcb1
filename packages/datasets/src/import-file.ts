/**
 * A file becomes a dataset, or nothing does: all work happens in a folder of its own, and the finished snapshot is
 * renamed into place as the last step.
 *
 * 1. CSV: encoding, delimiter and structure are checked while the bytes are copied to one plain form.
 *    Parquet: copied as it is, so that the file cannot change while it is read.
 * 2. Types are inferred (CSV) or mapped (Parquet). 3. The snapshot is written. 4. Statistics and digest are taken of it.
 */
import { createReadStream } from "node:fs";
import { mkdir, mkdtemp, open, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import { type Secrets, systemSecrets, TomboloError } from "@tombolo/base";
import type { Encoding } from "./csv/encoding.ts";
import { type NormalisedCsv, normaliseCsv, tooLarge } from "./csv/normalise.ts";
import { commitToSnapshot, snapshotDigest } from "./digest.ts";
import { engineIn, literal, queryRow, withEngine } from "./engine.ts";
import { parquetError, storageError } from "./failures.ts";
import { inferTypes, MISSING_DEFAULT, typedSelect } from "./infer.ts";
import { type ParquetColumns, parquetColumns } from "./parquet-schema.ts";
import { describeColumns } from "./statistics.ts";
import { syncFolder } from "./streaming/sync-folder.ts";
import { type ColumnType, defaultLimits, type ImportedDataset, type ImportLimits } from "./types.ts";

export type ImportStage = "read" | "types" | "snapshot" | "statistics";

export interface ImportOptions {
  /** A path, or the bytes as they arrive. */
  readonly source: string | AsyncIterable<Uint8Array>;
  /** As the user named it: `.parquet` decides the format, everything else is CSV. */
  readonly filename: string;
  /** Absolute; gets `data.parquet`. */
  readonly directory: string;
  readonly encoding?: Encoding | "auto";
  readonly delimiter?: string;
  /** Values that count as missing, beside the empty one. */
  readonly missing?: readonly string[];
  /** Columns kept as text whatever they look like: ids. */
  readonly text?: readonly string[];
  /** Most frequent values below this many rows are not listed. */
  readonly minimumRows?: number;
  readonly limits?: Partial<ImportLimits>;
  readonly secrets?: Secrets;
  readonly signal?: AbortSignal;
  onProgress?(stage: ImportStage, bytesRead: number): void;
}

export const SNAPSHOT_FILE = "data.parquet";

/** Throws `input.csv`, `input.parquet`, `input.size`, `input.unreadable`, `resource.disk`, `resource.memory`. */
export async function importFile(options: ImportOptions): Promise<ImportedDataset> {
  const { directory, signal } = options;
  const format = /\.(parquet|pq)$/i.test(options.filename) ? "parquet" : "csv";
  let work: string | undefined;
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    work = await mkdtemp(join(directory, "import-"));
    const limits = { ...defaultLimits, ...options.limits };
    const made = await (format === "csv" ? importCsv(options, limits, work) : importParquet(options, limits, work));
    const path = join(directory, SNAPSHOT_FILE);
    await rename(join(work, SNAPSHOT_FILE), path);
    await syncFolder(directory);
    return { ...made, path };
  } catch (error) {
    throw storageError(error, `input.${format}`, "the file could not be imported", signal);
  } finally {
    if (work !== undefined) await rm(work, { recursive: true, force: true });
  }
}

type Made = Omit<ImportedDataset, "path">;

async function importCsv(options: ImportOptions, limits: ImportLimits, work: string): Promise<Made> {
  const plain = join(work, "plain.csv");
  const { signal, missing = MISSING_DEFAULT } = options;
  const csv = await normaliseCsv(bytesOf(options.source), plain, {
    encoding: options.encoding ?? "auto",
    delimiter: options.delimiter ?? "auto",
    limits,
    ...(signal === undefined ? {} : { signal }),
    onBytes: (bytes) => options.onProgress?.("read", bytes),
  });
  const made = await inEngine(options, limits, work, async (engine) => {
    const source = await countedSource(engine, plain, csv, missing);
    options.onProgress?.("types", 0);
    const types = await inferTypes(engine, source, csv.header, options.text ?? []);
    const select = typedSelect(csv.header, types);
    return await finish(engine, { select, source, names: csv.header, types }, options, work);
  });
  return {
    ...(await digested(made, options, limits, work)),
    source: { format: "csv", encoding: csv.encoding, delimiter: csv.delimiter },
  };
}

/** The engine must see the records we counted; its parallel reader may not where quoted values hold line feeds. */
async function countedSource(
  engine: DuckDBConnection,
  plain: string,
  csv: NormalisedCsv,
  missing: readonly string[],
): Promise<string> {
  const absent = ["", ...missing].map(literal).join(", ");
  for (const parallel of [true, false]) {
    const columns = csv.header.map((_, i) => `'c${i}': 'VARCHAR'`).join(", ");
    const source = `read_csv(${literal(plain)}, auto_detect = false, header = false, delim = ${literal(csv.delimiter)},
      quote = '"', escape = '"', new_line = '\\n', nullstr = [${absent}], max_line_size = 4194304, parallel = ${parallel}, columns = {${columns}})`;
    const [rows] = await queryRow(engine, `SELECT count(*) FROM ${source}`);
    if (Number(rows) === csv.rowCount) return source;
  }
  throw new TomboloError("input.csv", "the file is read differently by two readers", {
    remedy: "Write it anew as plain CSV: one delimiter, values with line breaks in double quotes.",
  });
}

async function importParquet(options: ImportOptions, limits: ImportLimits, work: string): Promise<Made> {
  const copy = join(work, "source.parquet");
  await copyParquet(options, limits, copy);
  const made = await inEngine(options, limits, work, async (engine) => {
    options.onProgress?.("types", 0);
    const columns = await readParquetColumns(engine, copy, limits, options.text ?? []);
    const source = `read_parquet(${literal(copy)})`;
    const [rows] = await queryRow(engine, `SELECT count(*) FROM ${source}`);
    if (Number(rows) === 0) throw parquetError("the file has no rows", "Choose a file that holds rows.");
    if (Number(rows) > limits.rowsMax)
      throw parquetError(`the file has more than ${limits.rowsMax} rows`, "Split it, or raise this node's limit.");
    return await finish(engine, { ...columns, source }, options, work);
  });
  return {
    ...(await digested(made, options, limits, work)),
    source: { format: "parquet", encoding: null, delimiter: null },
  };
}

async function readParquetColumns(
  engine: DuckDBConnection,
  copy: string,
  limits: ImportLimits,
  text: readonly string[],
): Promise<ParquetColumns> {
  try {
    return await parquetColumns(engine, copy, limits.columnsMax, text);
  } catch (error) {
    if (error instanceof TomboloError && error.code !== "input.csv") throw error;
    if (error instanceof TomboloError) throw parquetError(error.message, error.remedy ?? "");
    throw parquetError("the file is damaged or not Parquet", "Write it again, or choose another file.", error);
  }
}

async function copyParquet(options: ImportOptions, limits: ImportLimits, target: string): Promise<void> {
  const out = await open(target, "wx", 0o600);
  let total = 0;
  let start = Buffer.alloc(0);
  let end = Buffer.alloc(0);
  try {
    for await (const chunk of bytesOf(options.source)) {
      options.signal?.throwIfAborted();
      total += chunk.length;
      if (total > limits.bytesMax) throw tooLarge(limits.bytesMax);
      if (start.length < 4) start = Buffer.concat([start, chunk.subarray(0, 4)]);
      end = Buffer.concat([end, chunk.subarray(-4)]).subarray(-4);
      await out.writeFile(chunk);
      options.onProgress?.("read", total);
    }
  } finally {
    await out.close();
  }
  if (total < 12 || start.toString("latin1", 0, 4) !== "PAR1" || end.toString("latin1") !== "PAR1")
    throw parquetError("the file is cut off or not Parquet", "Write it again, or choose another file.");
}

interface Table {
  readonly select: string;
  readonly source: string;
  readonly names: readonly string[];
  readonly types: readonly ColumnType[];
}

type Described = Pick<ImportedDataset, "rowCount" | "columns" | "bytes">;

async function finish(
  engine: DuckDBConnection,
  table: Table,
  options: ImportOptions,
  work: string,
): Promise<Described> {
  const path = join(work, SNAPSHOT_FILE);
  options.onProgress?.("snapshot", 0);
  const [written] = await queryRow(
    engine,
    `COPY (SELECT ${table.select} FROM ${table.source}) TO ${literal(path)} (FORMAT parquet, COMPRESSION zstd)`,
  );
  options.onProgress?.("statistics", 0);
  const rowCount = Number(written);
  const { names, types } = table;
  const columns = await describeColumns(engine, path, names, types, rowCount, options.minimumRows ?? 5);
  return { rowCount, columns, bytes: await syncFile(path) };
}

async function digested(made: Described, options: ImportOptions, limits: ImportLimits, work: string) {
  const { signal, secrets = systemSecrets() } = options;
  const digest = await snapshotDigest(join(work, SNAPSHOT_FILE), made.columns, {
    limits,
    ...(signal === undefined ? {} : { signal }),
  });
  return { ...made, digest, commitment: commitToSnapshot(digest, secrets) };
}

const inEngine = <T>(
  options: ImportOptions,
  limits: ImportLimits,
  work: string,
  use: (engine: DuckDBConnection) => Promise<T>,
) => withEngine(engineIn(work, { ...options, limits }), use);

const bytesOf = (source: string | AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> =>
  typeof source === "string" ? createReadStream(source, { highWaterMark: 2 ** 20 }) : source;

/** On disk before the rename: a crash must not leave a name without its content. */
async function syncFile(path: string): Promise<number> {
  const file = await open(path, "r+");
  try {
    await file.sync();
  } finally {
    await file.close();
  }
  return (await stat(path)).size;
}
