/** A plain CSV file, all of it as text, as a table for tasks: no types are guessed and nothing is described. */
import { rm } from "node:fs/promises";
import { dirname } from "node:path";
import { engineIn, literal, queryRow, queryRows, withEngine } from "../engine.ts";
import { makeWhole } from "../make-whole.ts";
import { plainCsvTable, type TextTable } from "../plain/csv-table.ts";
import type { WriteOptions } from "../write-table.ts";

/** A comma-separated file with a header and values with commas in double quotes. Returns its columns and rows. */
export async function textTable(source: string, target: string, options: WriteOptions = {}): Promise<TextTable> {
  const { signal } = options;
  const failure = { code: "input.csv", message: "the file could not be read as plain CSV", signal } as const;
  return await makeWhole(target, failure, async (made) => {
    const plain = await plainCsvTable(source, made, signal);
    if (plain !== null) return plain;
    await rm(made, { force: true });
    return await engineTextTable(source, made, options);
  });
}

/** The same by the database engine, whatever the text is like. */
export async function engineTextTable(source: string, target: string, options: WriteOptions = {}): Promise<TextTable> {
  return await withEngine(engineIn(dirname(target), options, [dirname(source)]), async (engine) => {
    const csv = `read_csv(${literal(source)}, header = true, delim = ',', quote = '"', escape = '"', all_varchar = true)`;
    const columns = (await queryRows(engine, `DESCRIBE SELECT * FROM ${csv}`)).map(([name]) => String(name));
    const [rows] = await queryRow(
      engine,
      `COPY (SELECT * FROM ${csv}) TO ${literal(target)} (FORMAT parquet, COMPRESSION snappy)`,
    );
    return { columns, rowCount: Number(rows) };
  });
}
