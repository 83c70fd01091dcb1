/** Missing values by a value learnt from the others: of the column, or of the row's group. */
import {
  type Column,
  type ColumnTable,
  type NumberColumn,
  type TextColumn,
  TomboloError,
  takeRows,
} from "@tombolo/base";
import { z } from "zod";
import { countCodes, mode, moments, quantile, sortedValues } from "./figures.ts";
import { columnName, columnNames } from "./names.ts";
import { columnOf, numberColumn, type Rules, replaceColumns, step, textOf } from "./step.ts";

const value = z.union([z.number(), z.string().max(1000)]);
type Value = z.output<typeof value>;

const spec = z.strictObject({
  kind: z.literal("impute"),
  columns: columnNames,
  method: z.enum(["constant", "mean", "median", "mode"]),
  /** Of method constant. */
  value: value.optional(),
  /** A column of text: groups have a value of their own, where enough of their rows have one. */
  by: columnName.optional(),
  /** Adds a column `<name>.missing` of 0 and 1. */
  indicator: z.boolean().default(false),
});
type Spec = z.output<typeof spec>;

const learnt = z.array(z.strictObject({ whole: value, groups: z.record(z.string(), value) }));
type Learnt = z.output<typeof learnt>[number];

export const impute = step({
  spec,
  learnt,
  touches: ({ columns, by, indicator }) =>
    columns.map((name) => ({
      reads: by === undefined ? [name] : [name, by],
      makes: indicator ? [name, `${name}.missing`] : [name],
      removes: [],
    })),
  fit: (table, given, rules) => given.columns.map((name) => learn(columnOf(table, name), table, given, rules)),
  apply: (table, given, all) => given.columns.reduce((out, name, i) => fillIn(out, name, given, all[i]!), table),
});

function learn(column: Column, table: ColumnTable, { method, value: constant, by }: Spec, rules: Rules): Learnt {
  if (method === "constant") return { whole: constantFor(column, constant), groups: {} };
  const whole = column.kind === "number" ? numberFor(column, method) : commonest(column, method);
  if (by === undefined) return { whole, groups: {} };
  const groups: Record<string, Value> = {};
  const of = textOf(table, by);
  for (const [code, rows] of rowsByCode(of)) {
    const filled = rows.filter((row) => !isMissing(column, row));
    if (filled.length < Math.max(1, rules.minimumRows)) continue;
    const own = takeRows(column, filled);
    groups[of.categories[code]!] = own.kind === "number" ? numberFor(own, method) : commonest(own, method);
  }
  return { whole, groups };
}

function fillIn(table: ColumnTable, name: string, { by, indicator }: Spec, { whole, groups }: Learnt): ColumnTable {
  const column = columnOf(table, name);
  const of = by === undefined ? null : textOf(table, by);
  const at = (row: number): Value => {
    const group = of?.categories[of.codes[row]!];
    return (group === undefined ? undefined : groups[group]) ?? whole;
  };
  const filled = column.kind === "number" ? fillNumbers(column, at) : fillText(column, at);
  const missing = Float64Array.from({ length: table.rowCount }, (_, row) => Number(isMissing(column, row)));
  return replaceColumns(table, [name], indicator ? [filled, numberColumn(`${name}.missing`, missing)] : [filled]);
}

function fillNumbers(column: NumberColumn, at: (row: number) => Value): NumberColumn {
  const values = column.values.map((own, row) => (Number.isNaN(own) ? Number(at(row)) : own));
  return { ...column, values };
}

function fillText(column: TextColumn, at: (row: number) => Value): TextColumn {
  const codes = new Map(column.categories.map((category, code) => [category, code]));
  const codeOf = (category: string): number => {
    if (!codes.has(category)) codes.set(category, codes.size);
    return codes.get(category)!;
  };
  const filled = column.codes.map((code, row) => (code < 0 ? codeOf(String(at(row))) : code));
  return { ...column, codes: filled, categories: [...codes.keys()] };
}

const isMissing = (column: Column, row: number): boolean =>
  column.kind === "number" ? Number.isNaN(column.values[row]!) : column.codes[row]! < 0;

function numberFor({ name, values }: NumberColumn, method: "mean" | "median" | "mode"): number {
  const sorted = sortedValues(values);
  const found = method === "mean" ? moments(values).mean : method === "median" ? quantile(sorted, 0.5) : mode(sorted);
  if (Number.isNaN(found)) throw nothingToLearn(name);
  return found;
}

/** The first in the order of the text where several are as common. */
function commonest(column: TextColumn, method: "mean" | "median" | "mode"): string {
  if (method !== "mode")
    throw new TomboloError("input.columns", "a column of text has no mean or median", {
      remedy: "Impute it by its mode or by a constant.",
      detail: { column: column.name },
    });
  const counts = countCodes(column.codes, column.categories.length);
  let best: string | null = null;
  let most = 0;
  for (const [code, category] of column.categories.entries()) {
    const more = counts[code]! > most || (counts[code] === most && best !== null && category < best);
    if (counts[code]! > 0 && more) [best, most] = [category, counts[code]!];
  }
  if (best === null) throw nothingToLearn(column.name);
  return best;
}

const nothingToLearn = (column: string): TomboloError =>
  new TomboloError("input.missing-values", "a column to be imputed has no value at all", {
    remedy: "Leave the column out, or impute it by a constant.",
    detail: { column },
  });

function constantFor(column: Column, constant: Value | undefined): Value {
  const fits = column.kind === "number" ? typeof constant === "number" : typeof constant === "string";
  if (constant !== undefined && fits) return constant;
  throw new TomboloError("input.parameters", "a constant to impute by is missing or of the other kind", {
    remedy: "Give `value`: a number for columns of numbers, text for columns of text.",
    detail: { column: column.name },
  });
}

function rowsByCode({ codes }: TextColumn): Map<number, number[]> {
  const rows = Map.groupBy(codes.keys(), (row) => codes[row]!);
  rows.delete(-1);
  return rows;
}
