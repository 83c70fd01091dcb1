/**
 * Columns of a snapshot as typed arrays, in file order: straight from the engine's vectors, never a row object.
 * Numbers and integers as they are, booleans as 0 and 1, dates as text (2026-01-31), text by dictionary in order of first
 * appearance. Missing: NaN, or code -1.
 */
import { dirname } from "node:path";
import {
  type DuckDBConnection,
  type DuckDBDataChunk,
  DuckDBDoubleVector,
  type DuckDBValue,
  type DuckDBVector,
} from "@duckdb/node-api";
import { type Column, type ColumnTable, TomboloError } from "@tombolo/base";
import { type EngineUse, engineIn, identifier, literal, queryRows, withEngine } from "./engine.ts";
import { storageError } from "./failures.ts";
import { parseFilter } from "./filter/parse.ts";
import { filterToSql } from "./filter/to-sql.ts";
import type { ColumnType } from "./types.ts";

export interface ReadOptions extends EngineUse {
  /** In the grammar of `parseFilter`; rows for which it is not true are left out. */
  readonly filter?: string | null;
  /** Columns read as text whatever their type: ids. */
  readonly asText?: readonly string[];
}

export interface SchemaColumn {
  readonly name: string;
  readonly type: ColumnType;
}

/** Throws `input.columns` for a column that is not there, `input.filter`, `input.parquet`. */
export async function readColumns(
  path: string,
  columns: readonly string[],
  options: ReadOptions = {},
): Promise<ColumnTable> {
  try {
    return await withEngine(readEngine(path, options), async (engine) =>
      readFrom(engine, path, { schema: await schemaOf(engine, path), names: columns }, options),
    );
  } catch (error) {
    throw storageError(error, "input.parquet", "the table could not be read", options.signal);
  }
}

/** The same with an engine that is open already. */
export async function readFrom(
  engine: DuckDBConnection,
  path: string,
  { schema, names }: { readonly schema: readonly SchemaColumn[]; readonly names: readonly string[] },
  options: ReadOptions,
): Promise<ColumnTable> {
  const chosen = chosenColumns(schema, names);
  const asText = new Set(options.asText ?? []);
  const { where, parameters } = whereOf(options.filter ?? null, schema);
  const select = chosen.map((column) => selectOf(column, asText.has(column.name))).join(", ");
  const sql = `SELECT ${select === "" ? "1" : select} FROM read_parquet(${literal(path)})${where}`;
  const kinds = chosen.map(
    ({ type, name }) => (isText(type) || asText.has(name) ? "text" : "number") as Column["kind"],
  );
  return collect(engine, sql, parameters, names, kinds, options.signal);
}

/** Names and types of a snapshot's columns. */
export async function readSchema(path: string, options: ReadOptions = {}): Promise<SchemaColumn[]> {
  try {
    return await withEngine(readEngine(path, options), (engine) => schemaOf(engine, path));
  } catch (error) {
    throw storageError(error, "input.parquet", "the table could not be read", options.signal);
  }
}

export const readEngine = (path: string, options: EngineUse) => engineIn(dirname(path), options);

const TYPES: Readonly<Record<string, ColumnType>> = {
  DOUBLE: "number",
  BIGINT: "integer",
  VARCHAR: "text",
  BOOLEAN: "boolean",
  DATE: "date",
};

export async function schemaOf(engine: DuckDBConnection, path: string): Promise<SchemaColumn[]> {
  const rows = await queryRows(engine, `DESCRIBE SELECT * FROM read_parquet(${literal(path)})`);
  return rows.map(([name, type]) => {
    const known = TYPES[String(type)];
    if (known === undefined) throw new TomboloError("input.parquet", "this is not a snapshot of this node");
    return { name: String(name), type: known };
  });
}

/** Throws `input.columns` for one that is not there. */
export const chosenColumns = (schema: readonly SchemaColumn[], names: readonly string[]): SchemaColumn[] =>
  names.map((name) => found(schema, name));

function found(schema: readonly SchemaColumn[], name: string): SchemaColumn {
  const column = schema.find((each) => each.name === name);
  if (column === undefined)
    throw new TomboloError("input.columns", `the table has no column "${name}"`, {
      remedy: "See its data dictionary.",
    });
  return column;
}

export function whereOf(
  filter: string | null,
  schema: readonly SchemaColumn[],
): { where: string; parameters: DuckDBValue[] } {
  if (filter === null || filter.trim() === "") return { where: "", parameters: [] };
  const { sql, parameters } = filterToSql(parseFilter(filter, schema));
  return { where: ` WHERE ${sql}`, parameters };
}

/** Whether columns of this type are read as text. */
export const isText = (type: ColumnType): boolean => type === "text" || type === "date";

export function selectOf({ name, type }: SchemaColumn, asText: boolean): string {
  const column = identifier(name);
  if (type === "text") return column;
  if (isText(type) || asText) return `${column}::VARCHAR`;
  return `${column}::DOUBLE`;
}

async function collect(
  engine: DuckDBConnection,
  sql: string,
  parameters: DuckDBValue[],
  names: readonly string[],
  kinds: readonly Column["kind"][],
  signal: AbortSignal | undefined,
): Promise<ColumnTable> {
  const result = await engine.stream(sql, parameters);
  const builders = kinds.map((kind) => (kind === "number" ? new NumberBuilder() : new TextBuilder()));
  let rowCount = 0;
  for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    signal?.throwIfAborted();
    takeChunk(chunk, builders);
    rowCount += chunk.rowCount;
  }
  return { rowCount, columns: builders.map((builder, i) => builder.finish(names[i]!, rowCount)) };
}

function takeChunk(chunk: DuckDBDataChunk, builders: readonly (NumberBuilder | TextBuilder)[]): void {
  for (let i = 0; i < builders.length; i++) builders[i]!.take(chunk.getColumnVector(i), chunk.rowCount);
}

/** Doubles on demand: the row count is not known before the last chunk. */
class NumberBuilder {
  #values = new Float64Array(4096);
  #length = 0;

  take(vector: DuckDBVector, count: number): void {
    if (!(vector instanceof DuckDBDoubleVector)) throw new Error("assertion failed: not a vector of doubles");
    if (this.#length + count > this.#values.length) this.#grow(this.#length + count);
    for (let i = 0; i < count; i++) this.#values[this.#length + i] = vector.getItem(i) ?? Number.NaN;
    this.#length += count;
  }

  finish(name: string, rowCount: number): Column {
    return { kind: "number", name, values: this.#values.slice(0, rowCount) };
  }

  #grow(least: number): void {
    const values = new Float64Array(Math.max(least, 2 * this.#values.length));
    values.set(this.#values.subarray(0, this.#length));
    this.#values = values;
  }
}

class TextBuilder {
  #codes = new Int32Array(4096);
  #length = 0;
  readonly #codeOf = new Map<string, number>();

  take(vector: DuckDBVector, count: number): void {
    if (this.#length + count > this.#codes.length) this.#grow(this.#length + count);
    for (let i = 0; i < count; i++) {
      const value = vector.getItem(i) as string | null;
      this.#codes[this.#length + i] = value === null ? -1 : this.#code(value);
    }
    this.#length += count;
  }

  finish(name: string, rowCount: number): Column {
    return { kind: "text", name, codes: this.#codes.slice(0, rowCount), categories: [...this.#codeOf.keys()] };
  }

  #code(value: string): number {
    const known = this.#codeOf.get(value);
    if (known !== undefined) return known;
    const code = this.#codeOf.size;
    this.#codeOf.set(value, code);
    return code;
  }

  #grow(least: number): void {
    const codes = new Int32Array(Math.max(least, 2 * this.#codes.length));
    codes.set(this.#codes.subarray(0, this.#length));
    this.#codes = codes;
  }
}
