/** A party's own columns and groups, as the flow names them. */
import { type Column, TomboloError } from "@tombolo/base";
import type { OwnRows } from "@tombolo/federated/horizontal/statistics";
import type { TaskTable } from "../component.ts";
import { columnNamed } from "../tables.ts";
import type { Parameters } from "./parameters.ts";

const ROW_NUMBERS_SHOWN = 100;

export interface ReadRows extends OwnRows {
  /** Values beyond their bounds. */
  readonly clipped: number;
}

export function ownRows(table: TaskTable, { values, groupBy, missing }: Parameters): ReadRows {
  let clipped = 0;
  const columns = values.map(({ column: name, lower, upper }) => {
    const column = columnNamed(table, name);
    if (column.kind !== "number")
      throw new TomboloError("input.columns", "a column to be counted holds text", {
        remedy: "Choose a column of numbers.",
        detail: { column: name },
      });
    refuseMissing(column.values, name, missing);
    clipped += column.values.reduce((count, value) => count + (value < lower || value > upper ? 1 : 0), 0);
    return column.values;
  });
  return {
    columns,
    clipped,
    groups: groupBy === null ? null : groupsOf(columnNamed(table, groupBy.column), groupBy.categories),
  };
}

function refuseMissing(values: Float64Array, column: string, missing: Parameters["missing"]): void {
  const rows = Array.from(values.keys()).filter((row) => Number.isNaN(values[row]!));
  if (rows.length === 0 || missing === "skip") return;
  throw new TomboloError("input.missing-value", "some rows have no value to count", {
    remedy: "Fill the values in, or let them be left out.",
    detail: { column, rowCount: rows.length, rowNumbers: rows.slice(0, ROW_NUMBERS_SHOWN).map((row) => row + 1) },
  });
}

/** -1: in none of them. */
function groupsOf(column: Column, categories: readonly string[]): Int32Array {
  const places = new Map(categories.map((name, i) => [name, i]));
  const placeOf = (name: string | undefined): number => (name === undefined ? -1 : (places.get(name) ?? -1));
  return column.kind === "number"
    ? Int32Array.from(column.values, (value) => placeOf(String(value)))
    : column.codes.map((code) => placeOf(column.categories[code]));
}
