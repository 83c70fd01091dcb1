/** Parts of a table's rows by one of its columns: each value, or each period of dates. */
import { type Column, type TextColumn, TomboloError } from "@tombolo/base";
import type { Segment } from "@tombolo/federated/evaluation";

/** More are no groups, and no chart shows them. */
export const SEGMENTS_MAX = 200;

export interface Segments {
  readonly shown: readonly Segment[];
  /** Parts that are too small, and their rows together. */
  readonly small: { readonly segments: number; readonly rows: number };
}

export type Period = "day" | "month" | "quarter" | "year";

/** By value, the commonest first. Throws `input.columns` where there are too many. */
export function groupsOf(column: Column, rowsMin: number): Segments {
  const segments = segmentsBy(column, nameOf(column));
  return enough(
    column,
    segments.sort((a, b) => b.rows.length - a.rows.length),
    rowsMin,
  );
}

/** In order of time; rows without a date are left out. Throws `input.columns` for what is no date. */
export function periodsOf(column: Column, period: Period, rowsMin: number): Segments {
  const name = column.kind === "number" ? nameOf(column) : periodIn(column, period);
  const segments = segmentsBy(column, name).filter((segment) => segment.name !== null);
  const byTime = (a: Segment, b: Segment): number =>
    column.kind === "number" ? Number(a.name) - Number(b.name) : a.name! < b.name! ? -1 : 1;
  return enough(column, segments.sort(byTime), rowsMin);
}

type NameAt = (row: number) => string | null;

function nameOf(column: Column): NameAt {
  if (column.kind === "text") return (row) => column.categories[column.codes[row]!] ?? null;
  return (row) => (Number.isNaN(column.values[row]!) ? null : String(column.values[row]!));
}

const DATE = /^(\d{4})-(\d{2})(?:-\d{2})?/;

function periodIn({ name, codes, categories }: TextColumn, period: Period): NameAt {
  const periods = categories.map((text) => {
    const [day, year, month] = DATE.exec(text) ?? [];
    if (day === undefined || year === undefined || month === undefined)
      throw new TomboloError("input.columns", "the column of time holds what is no date", {
        remedy: "Give dates as 2026-01-31, or periods as numbers.",
        detail: { column: name },
      });
    const quarter = Math.ceil(Number(month) / 3);
    return { day: text.slice(0, 10), month: `${year}-${month}`, quarter: `${year} Q${quarter}`, year }[period];
  });
  return (row) => periods[codes[row]!] ?? null;
}

function segmentsBy(column: Column, nameAt: NameAt): Segment[] {
  const rows = new Map<string | null, number[]>();
  const count = column.kind === "number" ? column.values.length : column.codes.length;
  for (let row = 0; row < count; row++) {
    const name = nameAt(row);
    const known = rows.get(name);
    if (known !== undefined) known.push(row);
    else if (rows.size < SEGMENTS_MAX) rows.set(name, [row]);
    else throw tooMany(column);
  }
  return [...rows].map(([name, own]) => ({ name, rows: Uint32Array.from(own) }));
}

function enough(column: Column, segments: readonly Segment[], rowsMin: number): Segments {
  const shown = segments.filter(({ rows }) => rows.length >= rowsMin);
  const small = segments.filter(({ rows }) => rows.length < rowsMin);
  if (shown.length === 0)
    throw new TomboloError("input.rows", "no group or period has enough rows", {
      remedy: "Lower minimumGroup, or choose a column of fewer values.",
      detail: { column: column.name },
    });
  return { shown, small: { segments: small.length, rows: small.reduce((sum, { rows }) => sum + rows.length, 0) } };
}

const tooMany = ({ name }: Column): TomboloError =>
  new TomboloError("input.columns", `a column of groups or periods has more than ${SEGMENTS_MAX} of them`, {
    remedy: "Choose a column of few values, longer periods, or put values together first.",
    detail: { column: name },
  });
