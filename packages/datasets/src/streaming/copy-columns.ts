/** Columns of a snapshot as a table for tasks, never in memory: numbers as they are learnt from, ids as text. */
import { mkdtemp, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { identifier, literal, queryRow, withEngine } from "../engine.ts";
import { storageError } from "../failures.ts";
import { chosenColumns, type ReadOptions, schemaOf, selectOf, whereOf } from "../read-columns.ts";
import { defaultLimits } from "../types.ts";
import { syncPath } from "../write-table.ts";

const PACKED_FORM = "(FORMAT parquet, COMPRESSION snappy)";
/** See plain/format.ts: a table with ids will be matched. */
const PLAIN_FORM = "(FORMAT parquet, COMPRESSION uncompressed, DICTIONARY_SIZE_LIMIT 0)";

export interface CopyOptions extends ReadOptions {
  /** Rows without a value in this column are left out and counted. */
  readonly complete?: string | null;
}

/** Throws `input.columns`, `input.filter`, `input.parquet`, `resource.disk`. */
export async function copyColumns(
  source: string,
  target: string,
  columns: readonly string[],
  options: CopyOptions = {},
): Promise<{ readonly kept: number; readonly leftOut: number }> {
  let work: string | undefined;
  try {
    work = await mkdtemp(join(dirname(target), ".copy-"));
    const made = join(work, basename(target));
    const { memoryBytes, temporaryBytes, threads } = options.limits ?? defaultLimits;
    const engineOptions = {
      folders: [dirname(source), work],
      temporaryFolder: join(work, "spill"),
      memoryBytes,
      temporaryBytes,
      threads,
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    };
    const counts = await withEngine(engineOptions, async (engine) => {
      const schema = await schemaOf(engine, source);
      const asText = new Set(options.asText ?? []);
      const chosen = chosenColumns(schema, columns);
      const select = chosen.map(
        (column) => `${selectOf(column, asText.has(column.name))} AS ${identifier(column.name)}`,
      );
      const { where, parameters } = whereOf(options.filter ?? null, schema);
      const rows = `FROM read_parquet(${literal(source)})${where}`;
      const [all] = await queryRow(engine, `SELECT count(*) ${rows}`, parameters);
      const complete = options.complete ?? null;
      const filled = complete === null ? "" : ` WHERE ${identifier(complete)} IS NOT NULL`;
      const [kept] = await queryRow(
        engine,
        `COPY (SELECT * FROM (SELECT ${select.join(", ")} ${rows})${filled}) TO ${literal(made)} ${asText.size > 0 ? PLAIN_FORM : PACKED_FORM}`,
        parameters,
      );
      return { kept: Number(kept), leftOut: Number(all) - Number(kept) };
    });
    await syncPath(made);
    await rename(made, target);
    return counts;
  } catch (error) {
    throw storageError(error, "input.parquet", "the table could not be read", options.signal);
  } finally {
    if (work !== undefined) await rm(work, { recursive: true, force: true });
  }
}
