/** Columns of a table one after the other, as typed arrays of all its rows: a few are in memory at once. */
import type { Column } from "@tombolo/base";
import { openEngine } from "../engine.ts";
import { storageError } from "../failures.ts";
import { type ReadOptions, readEngine, readFrom, schemaOf } from "../read-columns.ts";

export interface EachColumnOptions extends Pick<ReadOptions, "limits" | "signal"> {
  readonly rowCount: number;
  /** Of the columns that one query reads; one column at least. Default: 2^22, 32 MiB of numbers. */
  readonly valuesAtOnce?: number;
}

const VALUES_AT_ONCE = 2 ** 22;

/** In the order of `names`. Throws `input.columns`, `input.parquet`. */
export async function* eachColumn(
  path: string,
  names: readonly string[],
  options: EachColumnOptions,
): AsyncGenerator<Column> {
  const { rowCount, valuesAtOnce = VALUES_AT_ONCE } = options;
  const atOnce = Math.max(1, Math.floor(valuesAtOnce / Math.max(1, rowCount)));
  try {
    const { engine, close } = await openEngine(readEngine(path, options));
    try {
      const schema = await schemaOf(engine, path);
      for (let from = 0; from < names.length; from += atOnce) {
        const some = { schema, names: names.slice(from, from + atOnce) };
        yield* (await readFrom(engine, path, some, options)).columns;
      }
    } finally {
      close();
    }
  } catch (error) {
    throw storageError(error, "input.parquet", "the table could not be read", options.signal);
  }
}
