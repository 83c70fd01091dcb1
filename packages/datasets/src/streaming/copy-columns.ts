/** Columns of a snapshot as a table for tasks, never in memory: numbers as they are learnt from, ids as text. */
import { dirname } from "node:path";
import { engineIn, identifier, literal, queryRow, withEngine } from "../engine.ts";
import { makeWhole } from "../make-whole.ts";
import { chosenColumns, type ReadOptions, schemaOf, selectOf, whereOf } from "../read-columns.ts";
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
  const { signal } = options;
  const failure = { code: "input.parquet", message: "the table could not be read", signal } as const;
  return await makeWhole(target, failure, async (made) => {
    const engineOptions = engineIn(dirname(made), options, [dirname(source)]);
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
    return counts;
  });
}
