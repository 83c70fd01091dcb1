/** Columns renamed, left out, cast to another kind, crossed, cut into parts of a date, measured or hashed. */
import { type Column, type TextColumn, TomboloError } from "@tombolo/base";
import { z } from "zod";
import { textColumn } from "./derive.ts";
import { columnName, columnNames } from "./names.ts";
import { appendColumns, columnOf, inPlace, numberColumn, replaceColumns, step, type Tell, textOf } from "./step.ts";

export const rename = step({
  spec: z.strictObject({ kind: z.literal("rename"), from: columnName, to: columnName }),
  learnt: z.null(),
  touches: ({ from, to }) => [{ reads: [from], makes: [to], removes: [from] }],
  fit(table, { from }) {
    columnOf(table, from);
    return null;
  },
  apply: (table, { from, to }) => replaceColumns(table, [from], [{ ...columnOf(table, from), name: to }]),
});

export const drop = step({
  spec: z.strictObject({ kind: z.literal("drop"), columns: columnNames }),
  learnt: z.null(),
  touches: ({ columns }) => columns.map((name) => ({ reads: [], makes: [], removes: [name] })),
  fit(table, { columns }) {
    for (const name of columns) columnOf(table, name);
    return null;
  },
  apply: (table, { columns }) => replaceColumns(table, columns, []),
});

/** Text that is no number is refused where it is learnt and missing later; codes of numbers become text as JavaScript writes them. */
export const cast = step({
  spec: z.strictObject({ kind: z.literal("cast"), columns: columnNames, to: z.enum(["number", "text"]) }),
  learnt: z.null(),
  touches: ({ columns }) => columns.map(inPlace),
  fit(table, { columns, to }) {
    for (const name of columns) {
      const column = columnOf(table, name);
      const wrong =
        to === "number" && column.kind === "text" ? column.categories.find((each) => !isNumber(each)) : null;
      if (wrong === null || wrong === undefined) continue;
      throw new TomboloError("input.columns", "a column to be cast to numbers holds text that is none", {
        remedy: "Impute or derive it first, or keep it as text.",
        detail: { column: name },
      });
    }
    return null;
  },
  apply: (table, { columns, to }, _, tell) =>
    columns.reduce((out, name) => {
      const column = columnOf(table, name);
      if (column.kind === to) return out;
      return replaceColumns(out, [name], [column.kind === "text" ? asNumbers(column, tell) : asText(column)]);
    }, table),
});

const isNumber = (text: string): boolean => text.trim() !== "" && Number.isFinite(Number(text));

function asNumbers(column: TextColumn, tell: Tell): Column {
  const numbers = Float64Array.from(column.categories, (each) => (isNumber(each) ? Number(each) : Number.NaN));
  const values = Float64Array.from(column.codes, (code) => (code < 0 ? Number.NaN : numbers[code]!));
  const rows = column.codes.reduce((sum, code) => sum + Number(code >= 0 && Number.isNaN(numbers[code]!)), 0);
  if (rows > 0) tell({ column: column.name, what: "undefined", rows });
  return numberColumn(column.name, values);
}

function asText(column: Column): Column {
  if (column.kind === "text") return column;
  const { name, values } = column;
  return textColumn(name, values.length, (row) => (Number.isNaN(values[row]!) ? null : String(values[row]!)));
}

/** `a|b` of two columns of text; missing where either is. */
export const cross = step({
  spec: z.strictObject({ kind: z.literal("cross"), columns: columnNames.length(2), name: columnName }),
  learnt: z.null(),
  touches: ({ columns, name }) => [{ reads: columns, makes: [name], removes: [] }],
  fit(table, { columns }) {
    for (const name of columns) textOf(table, name);
    return null;
  },
  apply(table, { columns, name }) {
    const [a, b] = columns.map((each) => textOf(table, each));
    const at = (row: number): string | null => {
      const [left, right] = [a!.codes[row]!, b!.codes[row]!];
      return left < 0 || right < 0 ? null : `${a!.categories[left]}|${b!.categories[right]}`;
    };
    return appendColumns(table, [textColumn(name, table.rowCount, at)]);
  },
});

const PARTS = ["year", "month", "day", "weekday", "days"] as const;
const DATE = /^(\d{4})-(\d{2})-(\d{2})/;
const DAY_MS = 86_400_000;

/** Of ISO dates; weekday 1 is Monday, days are since 1970-01-01. What is no date is missing. */
export const dateParts = step({
  spec: z.strictObject({ kind: z.literal("date-parts"), column: columnName, parts: z.array(z.enum(PARTS)).min(1) }),
  learnt: z.null(),
  touches: ({ column, parts }) => [{ reads: [column], makes: parts.map((part) => `${column}.${part}`), removes: [] }],
  fit(table, { column }) {
    textOf(table, column);
    return null;
  },
  apply(table, { column: name, parts }, _, tell) {
    const column = textOf(table, name);
    const dates = column.categories.map(parseDate);
    const rows = column.codes.reduce((sum, code) => sum + Number(code >= 0 && dates[code] === null), 0);
    if (rows > 0) tell({ column: name, what: "undefined", rows });
    const made = parts.map((part) => {
      const figures = dates.map((date) => (date === null ? Number.NaN : partOf(date, part)));
      const values = Float64Array.from(column.codes, (code) => (code < 0 ? Number.NaN : figures[code]!));
      return numberColumn(`${name}.${part}`, values);
    });
    return appendColumns(table, made);
  },
});

function parseDate(text: string): Date | null {
  const found = DATE.exec(text);
  if (found === null) return null;
  const [year, month, day] = found.slice(1).map(Number) as [number, number, number];
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? date : null;
}

const partOf = (date: Date, part: (typeof PARTS)[number]): number =>
  ({
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    weekday: date.getUTCDay() || 7,
    days: Math.round(date.getTime() / DAY_MS),
  })[part];

/** Characters of a text, as a reader counts them. */
export const textLength = step({
  spec: z.strictObject({ kind: z.literal("text-length"), columns: columnNames }),
  learnt: z.null(),
  touches: ({ columns }) => columns.map((name) => ({ reads: [name], makes: [`${name}.length`], removes: [] })),
  fit(table, { columns }) {
    for (const name of columns) textOf(table, name);
    return null;
  },
  apply: (table, { columns }) =>
    appendColumns(
      table,
      columns.map((name) => {
        const { codes, categories } = textOf(table, name);
        const lengths = categories.map((each) => [...each].length);
        const values = Float64Array.from(codes, (code) => (code < 0 ? Number.NaN : lengths[code]!));
        return numberColumn(`${name}.length`, values);
      }),
    ),
});
