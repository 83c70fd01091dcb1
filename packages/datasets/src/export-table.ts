/** A stored table as a file to take away, and its first rows to look at. Own side only. */
import { dirname } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import { engineIn, identifier, literal, queryRows, withEngine } from "./engine.ts";
import { storageError } from "./failures.ts";
import { makeWhole } from "./make-whole.ts";
import { exportPlainCsv } from "./plain/csv-export.ts";
import { readEngine, schemaOf } from "./read-columns.ts";
import type { WriteOptions } from "./write-table.ts";

export interface ExportOptions extends WriteOptions {
  /** All when absent. */
  readonly columns?: readonly string[];
  /** Most rows; all when absent. */
  readonly rowsMax?: number;
}

/**
 * Copies the table at `source` to `target`. Data stays byte-faithful: a value that a spreadsheet would take for a
 * formula is not touched (SECURITY.md rule 19), and whoever offers the file says so.
 */
export async function exportTable(
  source: string,
  target: string,
  format: "csv" | "parquet",
  options: ExportOptions = {},
): Promise<void> {
  const { columns, rowsMax, signal } = options;
  await makeWhole(
    target,
    { code: "input.parquet", message: "the table could not be exported", signal },
    async (made) => {
      if (format === "csv" && rowsMax === undefined && (await exportPlainCsv(source, made, columns, signal))) return;
      await engineExport(source, made, format, options);
    },
  );
}

/** The same by the database engine, for tables of any form. */
export async function engineExport(
  source: string,
  target: string,
  format: "csv" | "parquet",
  options: ExportOptions = {},
): Promise<void> {
  await withEngine(engineIn(dirname(target), options, [dirname(source)]), async (engine) => {
    const select = await selection(engine, source, format, options.columns);
    const limit = options.rowsMax === undefined ? "" : ` LIMIT ${Math.floor(options.rowsMax)}`;
    const how = format === "csv" ? "(FORMAT csv, HEADER true)" : "(FORMAT parquet, COMPRESSION zstd)";
    await engine.run(
      `COPY (SELECT ${select} FROM read_parquet(${literal(source)})${limit}) TO ${literal(target)} ${how}`,
    );
  });
}

/**
 * Numbers are stored as doubles, which CSV would write as 1.0. A column that holds whole numbers alone is written as
 * such; beyond 2^53 a double no longer says which whole number it is.
 */
async function selection(
  engine: DuckDBConnection,
  source: string,
  format: "csv" | "parquet",
  chosen: readonly string[] | undefined,
): Promise<string> {
  if (format === "parquet") return chosen?.map(identifier).join(", ") ?? "*";
  const from = `read_parquet(${literal(source)})`;
  const described = await queryRows(engine, `DESCRIBE SELECT * FROM ${from}`);
  const types = new Map(described.map(([name, type]) => [String(name), String(type)]));
  const names = chosen ?? [...types.keys()];
  const doubles = names.filter((name) => types.get(name) === "DOUBLE");
  const whole = doubles.map((name) => {
    const column = identifier(name);
    return `bool_and(${column} = floor(${column}) AND abs(${column}) <= ${Number.MAX_SAFE_INTEGER})`;
  });
  const [answers = []] = doubles.length === 0 ? [] : await queryRows(engine, `SELECT ${whole.join(", ")} FROM ${from}`);
  const integers = new Set(doubles.filter((_, i) => answers[i] === true));
  return names
    .map((name) => (integers.has(name) ? `${identifier(name)}::BIGINT AS ${identifier(name)}` : identifier(name)))
    .join(", ");
}

export interface Preview {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number | boolean | null)[])[];
}

/** The first rows, for their owner's eyes. Dates as YYYY-MM-DD; integers beyond 2^53 as text. */
export async function preview(path: string, rowsMax: number): Promise<Preview> {
  try {
    return await withEngine(readEngine(path, {}), async (engine) => {
      const schema = await schemaOf(engine, path);
      const select = schema
        .map(({ name, type }) => (type === "date" ? `${identifier(name)}::VARCHAR` : identifier(name)))
        .join(", ");
      const rows = await queryRows(
        engine,
        `SELECT ${select} FROM read_parquet(${literal(path)}) LIMIT ${Math.floor(rowsMax)}`,
      );
      return { columns: schema.map(({ name }) => name), rows: rows.map((row) => row.map(plain)) };
    });
  } catch (error) {
    throw storageError(error, "input.parquet", "the table could not be read");
  }
}

function plain(value: unknown): string | number | boolean | null {
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (value === null || typeof value === "string" || typeof value === "number" || typeof value === "boolean")
    return value;
  return String(value);
}
