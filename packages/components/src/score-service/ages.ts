/** How old a host's rows are. */
import { type Column, TomboloError } from "@tombolo/base";
import type { UsedColumn } from "@tombolo/federated/vertical/serving";
import type { TableFile } from "../component.ts";

export const HOUR_MS = 3_600_000;

/** Of a host's table: what its part of the model looks at, and the rows' dates. */
export function columnsRead(used: readonly UsedColumn[], asOf: string | null, data: TableFile): string[] {
  const names = [...new Set([...used.map(({ name }) => name), ...(asOf === null ? [] : [asOf])])];
  const missing = names.find((name) => !data.columns.some((column) => column.name === name));
  if (missing === undefined) return names;
  throw new TomboloError("input.columns", "the table lacks a column that the service needs", {
    remedy: "Read the columns the model was trained on.",
    detail: { column: missing },
  });
}

/** Numbers below are days, as date columns are read; above, seconds. */
const DAYS_MAX = 1e6;

/** In ms since 1970; rows without a usable date are as old as can be. */
export function timesOf(column: Column): Float64Array {
  if (column.kind === "number")
    return column.values.map((value) => (Number.isNaN(value) ? 0 : value * (value < DAYS_MAX ? 86_400_000 : 1000)));
  const times = Float64Array.from(column.categories, (text) => Date.parse(text) || 0);
  return Float64Array.from(column.codes, (code) => (code < 0 ? 0 : times[code]!));
}
