/** A plain CSV file, all of it as text, as a table for tasks: no types are guessed and nothing is described. */
import { mkdtemp, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { literal, queryRow, queryRows, withEngine } from "../engine.ts";
import { storageError } from "../failures.ts";
import { plainCsvTable, type TextTable } from "../plain/csv-table.ts";
import { defaultLimits } from "../types.ts";
import type { WriteOptions } from "../write-table.ts";

/** A comma-separated file with a header and values with commas in double quotes. Returns its columns and rows. */
export async function textTable(source: string, target: string, options: WriteOptions = {}): Promise<TextTable> {
  let work: string | undefined;
  try {
    work = await mkdtemp(join(dirname(target), ".text-"));
    const made = join(work, basename(target));
    const plain = await plainCsvTable(source, made, options.signal);
    if (plain !== null) {
      await rename(made, target);
      return plain;
    }
    await rm(made, { force: true });
    const table = await engineTextTable(source, made, options);
    await rename(made, target);
    return table;
  } catch (error) {
    throw storageError(error, "input.csv", "the file could not be read as plain CSV", options.signal);
  } finally {
    if (work !== undefined) await rm(work, { recursive: true, force: true });
  }
}

/** The same by the database engine, whatever the text is like. */
export async function engineTextTable(source: string, target: string, options: WriteOptions = {}): Promise<TextTable> {
  const { memoryBytes, temporaryBytes, threads } = options.limits ?? defaultLimits;
  const engineOptions = {
    folders: [dirname(source), dirname(target)],
    temporaryFolder: join(dirname(target), "spill"),
    memoryBytes,
    temporaryBytes,
    threads,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  };
  return await withEngine(engineOptions, async (engine) => {
    const csv = `read_csv(${literal(source)}, header = true, delim = ',', quote = '"', escape = '"', all_varchar = true)`;
    const columns = (await queryRows(engine, `DESCRIBE SELECT * FROM ${csv}`)).map(([name]) => String(name));
    const [rows] = await queryRow(
      engine,
      `COPY (SELECT * FROM ${csv}) TO ${literal(target)} (FORMAT parquet, COMPRESSION snappy)`,
    );
    return { columns, rowCount: Number(rows) };
  });
}
