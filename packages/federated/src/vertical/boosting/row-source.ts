/** Rows of a table chunk by chunk: what prediction reads, so that no table has to be in memory. */
import type { Column } from "@tombolo/base";

export interface RowSource {
  readonly rowCount: number;
  /** From row `first` on, `rows` at a time, the last ones fewer: the columns of those rows alone. */
  chunks(first: number, rows: number): AsyncIterable<readonly Column[]>;
}

/** A table that is in memory. */
export const rowsOf = (columns: readonly Column[], rowCount: number): RowSource => ({
  rowCount,
  async *chunks(first, rows) {
    for (let from = first; from < rowCount; from += rows)
      yield columns.map((column) => rowsFrom(column, from, Math.min(rowCount, from + rows)));
  },
});

const rowsFrom = (column: Column, from: number, to: number): Column =>
  column.kind === "number"
    ? { ...column, values: column.values.subarray(from, to) }
    : { ...column, codes: column.codes.subarray(from, to) };
