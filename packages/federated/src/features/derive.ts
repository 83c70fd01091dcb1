/** A new column by an expression over own columns. */
import { type ColumnTable, type TextColumn, TomboloError } from "@tombolo/base";
import { z } from "zod";
import { type Compiled, columnsOf, compile, EXPRESSION_LENGTH_MAX } from "./expression.ts";
import { columnName } from "./names.ts";
import { appendColumns, numberColumn, step } from "./step.ts";

const spec = z.strictObject({
  kind: z.literal("derive"),
  name: columnName,
  expression: z.string().min(1).max(EXPRESSION_LENGTH_MAX),
  /** What a row becomes whose values are there, but for which the expression has none. */
  undefined: z.enum(["refuse", "missing"]).default("refuse"),
});
type Spec = z.output<typeof spec>;

/** Nothing is learnt. */
export const derive = step({
  spec,
  learnt: z.null(),
  touches: ({ name, expression }) => [{ reads: columnsOf(expression), makes: [name], removes: [] }],
  fit(table, given) {
    valuesOf(table, given, compile(given.expression, table));
    return null;
  },
  apply(table, given, _, tell) {
    const { column, undefinedRows } = valuesOf(table, given, compile(given.expression, table));
    if (undefinedRows > 0) tell({ column: given.name, what: "undefined", rows: undefinedRows });
    return appendColumns(table, [column]);
  },
});

function valuesOf({ rowCount }: ColumnTable, given: Spec, of: Compiled) {
  if (of.kind === "text") return { column: textColumn(given.name, rowCount, of.at), undefinedRows: 0 };
  let undefinedRows = 0;
  const values = Float64Array.from({ length: rowCount }, (_, row) => {
    const value = of.at(row);
    if (value !== null && Number.isFinite(value)) return value;
    undefinedRows += Number(value !== null);
    return Number.NaN;
  });
  if (undefinedRows > 0 && given.undefined === "refuse")
    throw new TomboloError("input.expression", `an expression has no value in ${undefinedRows} rows`, {
      remedy:
        "It divides by 0, or takes a logarithm or root of what has none. Guard it by ?:, or set `undefined` to missing.",
      detail: { column: given.name, expression: given.expression },
    });
  return { column: numberColumn(given.name, values), undefinedRows };
}

/** From a value of each row; categories in the order of their first. */
export function textColumn(name: string, rowCount: number, at: (row: number) => string | null): TextColumn {
  const places = new Map<string, number>();
  const codes = Int32Array.from({ length: rowCount }, (_, row) => {
    const value = at(row);
    if (value === null) return -1;
    const place = places.get(value) ?? places.size;
    places.set(value, place);
    return place;
  });
  return { kind: "text", name, codes, categories: [...places.keys()] };
}
