/** Columns of a table with one of numbers beside them, row for row, without the table in memory. */
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
  /** No column of the table is called so. */
  readonly name: string;
  /** A number a row of the table, in parts of any size; none is missing. */
  readonly values: AsyncIterable<Float64Array>;
  /** Texts that the numbers are places of, from 0 on: then the column has these. */
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
  const failure = { code: "resource.disk", message: "the table could not be written", signal: options.signal } as const;
  await makeWhole(target, failure, async (made) => {
    await withEngine(engineIn(dirname(made), options, [dirname(source)]), async (engine) => {
      const known = new Set((await schemaOf(engine, source)).map((column) => column.name));
      const kept = known.has(ID_COLUMN) ? [ID_COLUMN, ...columns] : columns;
      if (known.has(name) || kept.some((column) => !known.has(column)))
        throw new TomboloError("input.columns", `the table lacks a column, or has one called "${name}" already`);
      const rows = await load(engine, values);
      const [count] = await queryRow(engine, `SELECT count(*) FROM read_parquet(${literal(source)})`);
      if (Number(count) !== rows) throw new Error("assertion failed: a number a row");
      const select = kept.map((column) => `rows.${identifier(column)}`).join(", ");
      await engine.run(
        `COPY (SELECT ${select}${select === "" ? "" : ", "}${texts === undefined ? "added.value" : named(texts)} AS ${identifier(name)}
          FROM read_parquet(${literal(source)}) rows POSITIONAL JOIN added)
          TO ${literal(made)} (FORMAT parquet, COMPRESSION snappy)`,
      );
    });
    await syncPath(made);
  });
}

const named = (texts: readonly string[]): string =>
  `CASE added.value ${texts.map((text, i) => `WHEN ${i} THEN ${literal(text)}`).join(" ")} END`;

async function load(engine: DuckDBConnection, values: AsyncIterable<Float64Array>): Promise<number> {
  await engine.run("CREATE TABLE added (value DOUBLE)");
  const appender = await engine.createAppender("added");
  const chunk = DuckDBDataChunk.create([DOUBLE]);
  let rows = 0;
  for await (const part of values)
    for (let at = 0; at < part.length; at += CHUNK_ROWS) {
      const own = part.slice(at, at + CHUNK_ROWS);
      chunk.rowCount = own.length;
      const vector = engineBindings.data_chunk_get_vector(chunk.chunk, 0);
      engineBindings.copy_data_to_vector(vector, 0, own.buffer as ArrayBuffer, 0, own.byteLength);
      appender.appendDataChunk(chunk);
      rows += own.length;
    }
  appender.closeSync();
  return rows;
}
