/** Which rows meet a condition over own columns. */
import type { ColumnTable } from "@tombolo/base";
import { compile, wrong } from "./expression.ts";

export interface Met {
  /** 1: it holds; 0: it does not, or has no value. */
  readonly rows: Uint8Array;
  /** Rows for which it has no value: a value is missing, or it divides by 0. */
  readonly undefinedRows: number;
}

/** Throws `input.expression` and `input.columns`. */
export function rowsWhere(table: ColumnTable, expression: string): Met {
  const of = compile(expression, table);
  if (of.kind === "text") throw wrong("a condition is a number or a comparison, not text", expression);
  let undefinedRows = 0;
  const rows = Uint8Array.from({ length: table.rowCount }, (_, row) => {
    const value = of.at(row);
    if (value !== null && Number.isFinite(value)) return Number(value !== 0);
    undefinedRows += 1;
    return 0;
  });
  return { rows, undefinedRows };
}
