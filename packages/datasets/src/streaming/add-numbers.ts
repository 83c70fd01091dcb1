/** Columns of a table with some of numbers beside them, row for row, without the table in memory. */
import { dirname } from "node:path";
import { DOUBLE, type DuckDBConnection, DuckDBDataChunk } from "@duckdb/node-api";
import engineBindings from "@duckdb/node-bindings";
import { TomboloError } from "@tombolo/base";
import { engineIn, identifier, literal, queryRow, withEngine } from "../engine.ts";
import { makeWhole } from "../make-whole.ts";
import { schemaOf } from "../read-columns.ts";
import { ID_COLUMN, syncPath, type WriteOptions } from "../write-table.ts";

const CHUNK_ROWS = 2048;

export interface AddedNumbers {
  /** One, or several. No column of the table is called so. */
  readonly name: string | readonly string[];
  /** A row's numbers one after another, in parts of whole rows; none is missing. */
  readonly values: AsyncIterable<Float64Array>;
  /** Texts that the numbers are places of, from 0 on: then the columns have these. */
  readonly texts?: readonly string[];
}

/** `columns` of the table at `source`, and its row ids where it has them. Throws `input.columns`, `resource.disk`. */
export async function addNumbers(
  source: string,
  target: string,
  columns: readonly string[],
  { name, values, texts }: AddedNumbers,
  options: WriteOptions = {},
): Promise<void> {
  const names = typeof name === "string" ? [name] : name;
  const failure = { code: "resource.disk", message: "the table could not be written", signal: options.signal } as const;
  await makeWhole(target, failure, async (made) => {
    await withEngine(engineIn(dirname(made), options, [dirname(source)]), async (engine) => {
      const known = new Set((await schemaOf(engine, source)).map((column) => column.name));
      const kept = known.has(ID_COLUMN) ? [ID_COLUMN, ...columns] : columns;
      const taken = names.find((each) => known.has(each));
      if (taken !== undefined || kept.some((column) => !known.has(column)))
        throw new TomboloError("input.columns", `the table lacks a column, or has one called "${taken}" already`);
      const rows = await load(engine, values, names.length);
      const [count] = await queryRow(engine, `SELECT count(*) FROM read_parquet(${literal(source)})`);
      if (Number(count) !== rows) throw new Error("assertion failed: numbers of every row");
      const select = [
        ...kept.map((column) => `rows.${identifier(column)}`),
        ...names.map((each, i) => {
          const value = `added.value${i}`;
          return `${texts === undefined ? value : named(value, texts)} AS ${identifier(each)}`;
        }),
      ].join(", ");
      await engine.run(
        `COPY (SELECT ${select}
          FROM read_parquet(${literal(source)}) rows POSITIONAL JOIN added)
          TO ${literal(made)} (FORMAT parquet, COMPRESSION snappy)`,
      );
    });
    await syncPath(made);
  });
}

const named = (value: string, texts: readonly string[]): string =>
  `CASE ${value} ${texts.map((text, i) => `WHEN ${i} THEN ${literal(text)}`).join(" ")} END`;

async function load(engine: DuckDBConnection, values: AsyncIterable<Float64Array>, width: number): Promise<number> {
  const columns = Array.from({ length: width }, (_, i) => `value${i} DOUBLE`);
  await engine.run(`CREATE TABLE added (${columns.join(", ")})`);
  const appender = await engine.createAppender("added");
  const chunk = DuckDBDataChunk.create(columns.map(() => DOUBLE));
  let rows = 0;
  for await (const part of values)
    for (let at = 0; at < part.length; at += CHUNK_ROWS * width) {
      const own = part.subarray(at, at + CHUNK_ROWS * width);
      chunk.rowCount = own.length / width;
      for (let i = 0; i < width; i++) {
        const column = Float64Array.from({ length: chunk.rowCount }, (_, row) => own[row * width + i]!);
        const vector = engineBindings.data_chunk_get_vector(chunk.chunk, i);
        engineBindings.copy_data_to_vector(vector, 0, column.buffer, 0, column.byteLength);
      }
      appender.appendDataChunk(chunk);
      rows += chunk.rowCount;
    }
  appender.closeSync();
  return rows;
}
