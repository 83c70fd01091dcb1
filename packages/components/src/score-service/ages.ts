/** How old a host's rows are. */
import type { Column } from "@tombolo/base";

export const HOUR_MS = 3_600_000;

/** Numbers below are days, as date columns are read; above, seconds. */
const DAYS_MAX = 1e6;

/** In ms since 1970; rows without a usable date are as old as can be. */
export function timesOf(column: Column): Float64Array {
  if (column.kind === "number")
    return column.values.map((value) => (Number.isNaN(value) ? 0 : value * (value < DAYS_MAX ? 86_400_000 : 1000)));
  const times = Float64Array.from(column.categories, (text) => Date.parse(text) || 0);
  return Float64Array.from(column.codes, (code) => (code < 0 ? 0 : times[code]!));
}
