/** Columns of a table as typed arrays, a batch of rows at a time, in file order: memory is bounded by the batch. */
import type { DuckDBVector } from "@duckdb/node-api";
import type { Column } from "@tombolo/base";
import { literal, openEngine } from "../engine.ts";
import { storageError } from "../failures.ts";
import {
  chosenColumns,
  isText,
  type ReadOptions,
  readEngine,
  type SchemaColumn,
  schemaOf,
  selectOf,
} from "../read-columns.ts";

export interface StreamColumnsOptions extends Pick<ReadOptions, "limits" | "signal"> {
  /** Rows before this one are left out. */
  readonly first: number;
  /** Of every batch but the last. */
  readonly batchRows: number;
}

/** Arrays of a batch are of that batch alone. Throws `input.columns`, `input.parquet`. */
export async function* streamColumns(
  path: string,
  names: readonly string[],
  options: StreamColumnsOptions,
): AsyncGenerator<readonly Column[]> {
  const { first, batchRows, signal } = options;
  try {
    const { engine, close } = await openEngine(readEngine(path, options));
    try {
      const batch = new Batch(chosenColumns(await schemaOf(engine, path), names), batchRows);
      const select = batch.columns.map((column) => selectOf(column, false)).join(", ");
      // A row has to be counted even where no column of it is wanted.
      const source = `read_parquet(${literal(path)}, file_row_number = true)`;
      const sql = `SELECT ${select === "" ? "0" : select} FROM ${source} WHERE file_row_number >= ${Math.trunc(first)}`;
      const result = await engine.stream(sql);
      for (;;) {
        const chunk = await result.fetchChunk();
        signal?.throwIfAborted();
        if (chunk === null || chunk.rowCount === 0) break;
        batch.add((column) => chunk.getColumnVector(column), chunk.rowCount);
        while (batch.rows >= batchRows) yield batch.take(batchRows);
      }
      if (batch.rows > 0) yield batch.take(batch.rows);
    } finally {
      close();
    }
  } catch (error) {
    throw storageError(error, "input.parquet", "the table could not be read", signal);
  }
}

type Values = { readonly kind: "number"; all: Float64Array } | { readonly kind: "text"; all: (string | null)[] };

/** Rows that have come and were not taken yet. */
class Batch {
  rows = 0;
  readonly columns: readonly SchemaColumn[];
  readonly #values: readonly Values[];

  constructor(columns: readonly SchemaColumn[], batchRows: number) {
    this.columns = columns;
    this.#values = columns.map(({ type }) =>
      isText(type) ? { kind: "text", all: [] } : { kind: "number", all: new Float64Array(2 * batchRows) },
    );
  }

  add(vectorOf: (column: number) => DuckDBVector, count: number): void {
    this.#values.forEach((values, c) => {
      const vector = vectorOf(c);
      if (values.kind === "text") for (let i = 0; i < count; i++) values.all.push(vector.getItem(i) as string | null);
      else {
        if (this.rows + count > values.all.length) values.all = extended(values.all, this.rows + count);
        for (let i = 0; i < count; i++) values.all[this.rows + i] = (vector.getItem(i) as number | null) ?? Number.NaN;
      }
    });
    this.rows += count;
  }

  take(count: number): readonly Column[] {
    const taken = this.#values.map((values, c): Column => {
      const { name } = this.columns[c]!;
      if (values.kind === "text") return coded(name, values.all.splice(0, count));
      const own = values.all.slice(0, count);
      values.all.copyWithin(0, count, this.rows);
      return { kind: "number", name, values: own };
    });
    this.rows -= count;
    return taken;
  }
}

function extended(from: Float64Array, length: number): Float64Array {
  const to = new Float64Array(Math.max(length, 2 * from.length));
  to.set(from);
  return to;
}

function coded(name: string, texts: readonly (string | null)[]): Column {
  const codeOf = new Map<string, number>();
  const codes = Int32Array.from(texts, (text) => {
    if (text === null) return -1;
    const code = codeOf.get(text) ?? codeOf.size;
    codeOf.set(text, code);
    return code;
  });
  return { kind: "text", name, codes, categories: [...codeOf.keys()] };
}
