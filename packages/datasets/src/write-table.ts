/**
 * Tables that tasks leave, as Parquet, written whole or not at all. `ids` of the table become the column `@id`, which
 * no imported column can be called.
 */
import { open } from "node:fs/promises";
import { dirname } from "node:path";
import { DOUBLE, type DuckDBAppender, type DuckDBConnection, DuckDBDataChunk, VARCHAR } from "@duckdb/node-api";
import { type Column, type ColumnTable, columnLength, TomboloError } from "@tombolo/base";
import { type EngineUse, engineIn, identifier, literal, withEngine } from "./engine.ts";
import { makeWhole } from "./make-whole.ts";

export type WriteOptions = EngineUse;

export const ID_COLUMN = "@id";
const CHUNK_ROWS = 2048;

/** Throws `resource.disk`, `resource.memory`. */
export async function writeTable(path: string, table: ColumnTable, options: WriteOptions = {}): Promise<void> {
  await viaEngine(path, table, options, "(FORMAT parquet, COMPRESSION zstd)");
}

/** Loads `table` into a shut-in engine and copies it to `path` in the format that `copyOptions` names. */
export async function viaEngine(
  path: string,
  table: ColumnTable,
  options: WriteOptions,
  copyOptions: string,
): Promise<void> {
  const columns = allColumns(table);
  const { signal } = options;
  await makeWhole(path, { code: "resource.disk", message: "the table could not be written", signal }, async (made) => {
    await withEngine(engineIn(dirname(made), options), async (engine) => {
      await load(engine, columns, table.rowCount);
      await engine.run(`COPY loaded TO ${literal(made)} ${copyOptions}`);
    });
    await syncPath(made);
  });
}

function allColumns(table: ColumnTable): readonly Column[] {
  const ids = table.ids;
  const columns: Column[] = ids === undefined ? [] : [idColumn(ids)];
  columns.push(...table.columns);
  if (columns.length === 0) throw new TomboloError("input.columns", "a table needs a column");
  for (const column of columns)
    if (columnLength(column) !== table.rowCount)
      throw new Error(`assertion failed: column ${column.name} has another length`);
  return columns;
}

function idColumn(ids: readonly string[]): Column {
  const codeOf = new Map<string, number>();
  const codes = Int32Array.from(ids, (id) => {
    const code = codeOf.get(id) ?? codeOf.size;
    codeOf.set(id, code);
    return code;
  });
  return { kind: "text", name: ID_COLUMN, codes, categories: [...codeOf.keys()] };
}

async function load(engine: DuckDBConnection, columns: readonly Column[], rowCount: number): Promise<void> {
  const declared = columns.map(({ name, kind }) => `${identifier(name)} ${kind === "number" ? "DOUBLE" : "VARCHAR"}`);
  await engine.run(`CREATE TABLE loaded (${declared.join(", ")})`);
  const appender = await engine.createAppender("loaded");
  for (let from = 0; from < rowCount; from += CHUNK_ROWS)
    appendChunk(appender, columns, from, Math.min(rowCount, from + CHUNK_ROWS));
  appender.closeSync();
}

function appendChunk(appender: DuckDBAppender, columns: readonly Column[], from: number, to: number): void {
  const chunk = DuckDBDataChunk.create(
    columns.map(({ kind }) => (kind === "number" ? DOUBLE : VARCHAR)),
    to - from,
  );
  columns.forEach((column, i) => {
    chunk.setColumnValues(i, column.kind === "number" ? numbers(column.values, from, to) : texts(column, from, to));
  });
  appender.appendDataChunk(chunk);
}

const numbers = (values: Float64Array, from: number, to: number): (number | null)[] =>
  Array.from(values.subarray(from, to), (value) => (Number.isNaN(value) ? null : value));

const texts = ({ codes, categories }: Extract<Column, { kind: "text" }>, from: number, to: number): (string | null)[] =>
  Array.from(codes.subarray(from, to), (code) => (code < 0 ? null : categories[code]!));

/** On disk, whatever happens next. */
export async function syncPath(path: string): Promise<void> {
  const file = await open(path, "r+");
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
