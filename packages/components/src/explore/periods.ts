/** How columns move over time: rows in the order of a column of dates or numbers, cut into parts of as many rows, each held against the first. */
import { type Column, takeRows } from "@tombolo/base";
import { moved } from "./moved.ts";

const PERIODS = 6;
/** Fewer rows than these in a part say nothing of a distribution. */
const ROWS_MIN = 50;

export interface Period {
  /** As the column has them: a number, or text of a date. */
  readonly from: number | string;
  readonly to: number | string;
  readonly rows: number;
  /** Mean of the own label; null without one. */
  readonly label: number | null;
  /** By column, against the first part; columns with nothing to compare are left out. */
  readonly stability: Readonly<Record<string, number>>;
}

export interface Periods {
  readonly column: string;
  /** Without a usable date or number. */
  readonly leftOut: number;
  readonly periods: readonly Period[];
}

export function periodsOf(time: Column, columns: readonly Column[], label: Float64Array | null): Periods {
  const times = timesOf(time);
  const rows = [...times.keys()].filter((row) => Number.isFinite(times[row]!)).sort((a, b) => times[a]! - times[b]!);
  const count = Math.max(1, Math.min(PERIODS, Math.floor(rows.length / ROWS_MIN)));
  const parts = Array.from({ length: rows.length === 0 ? 0 : count }, (_, part) =>
    rows.slice(Math.floor((part * rows.length) / count), Math.floor(((part + 1) * rows.length) / count)),
  );
  const periods = parts.map((own) => ({
    from: valueAt(time, own[0]!),
    to: valueAt(time, own.at(-1)!),
    rows: own.length,
    label: label === null ? null : own.reduce((sum, row) => sum + label[row]!, 0) / own.length,
    stability: Object.fromEntries(
      columns.flatMap((column) => {
        const index = moved(takeRows(column, parts[0]!), takeRows(column, own));
        return index === null ? [] : [[column.name, index] as const];
      }),
    ),
  }));
  return { column: time.name, leftOut: times.length - rows.length, periods };
}

function timesOf(column: Column): Float64Array {
  if (column.kind === "number") return column.values;
  const dates = column.categories.map((text) => Date.parse(text));
  return Float64Array.from(column.codes, (code) => dates[code] ?? Number.NaN);
}

const valueAt = (column: Column, row: number): number | string =>
  column.kind === "number" ? column.values[row]! : column.categories[column.codes[row]!]!;
