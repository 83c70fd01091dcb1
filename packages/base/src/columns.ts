/**
 * Columns as typed arrays: how tables move between datasets, protocols and learning without a row object in sight.
 * Row i of every column of a table is the same entity. Missing: NaN in numbers, -1 in codes.
 */
export interface NumberColumn {
  readonly kind: "number";
  readonly name: string;
  readonly values: Float64Array;
}

/** Text by dictionary: `categories[codes[i]]`. */
export interface TextColumn {
  readonly kind: "text";
  readonly name: string;
  readonly codes: Int32Array;
  readonly categories: readonly string[];
}

export type Column = NumberColumn | TextColumn;

/** Columns of equal length; `ids`, where present, is the row identity at this party. */
export interface ColumnTable {
  readonly rowCount: number;
  readonly ids?: readonly string[];
  readonly columns: readonly Column[];
}

export const columnLength = (column: Column): number =>
  column.kind === "number" ? column.values.length : column.codes.length;

/** The rows at `rows`, in that order. */
export function takeRows(column: Column, rows: ArrayLike<number>): Column {
  if (column.kind === "number") {
    const values = new Float64Array(rows.length);
    for (let i = 0; i < rows.length; i++) values[i] = column.values[rows[i]!]!;
    return { ...column, values };
  }
  const codes = new Int32Array(rows.length);
  for (let i = 0; i < rows.length; i++) codes[i] = column.codes[rows[i]!]!;
  return { ...column, codes };
}

export function takeTable(table: ColumnTable, rows: ArrayLike<number>): ColumnTable {
  return {
    rowCount: rows.length,
    columns: table.columns.map((column) => takeRows(column, rows)),
    ...(table.ids === undefined ? {} : { ids: Array.from(rows, (row) => table.ids![row]!) }),
  };
}
