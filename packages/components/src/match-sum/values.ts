/** The host's columns as the protocol's whole numbers: clipped to the agreed bounds, rounded to the agreed decimals. */
import { TomboloError } from "@tombolo/base";
import type { AttributeBounds } from "@tombolo/protocols/psi/sum";
import type { TaskTable } from "../component.ts";
import { columnNamed } from "../tables.ts";
import type { Parameters, ValueSetting } from "./parameters.ts";

const ROW_NUMBERS_SHOWN = 100;

export const boundsOf = (values: readonly ValueSetting[]): AttributeBounds[] =>
  values.map(({ lower, upper, decimals }) => ({ lower: scaled(lower, decimals), upper: scaled(upper, decimals) }));

const scaled = (value: number, decimals: number): number => Math.round(value * 10 ** decimals) + 0;

export interface ScaledValues {
  /** Of each setting, the rows asked for. */
  readonly values: Float64Array[];
  /** Values beyond their bounds. */
  readonly clipped: number;
}

export function scaledValues(table: TaskTable, rows: Uint32Array, { values, missing }: Parameters): ScaledValues {
  let clipped = 0;
  const columns = values.map(({ column: name, decimals }, k) => {
    const column = columnNamed(table, name);
    if (column.kind !== "number")
      throw new TomboloError("input.columns", "a column to be added up holds text", {
        remedy: "Choose a column of numbers.",
        detail: { column: name },
      });
    refuseMissing(column.values, rows, name, missing);
    const { lower, upper } = boundsOf(values)[k]!;
    return Float64Array.from(rows, (row) => {
      const value = column.values[row]!;
      const whole = Number.isNaN(value) ? 0 : scaled(value, decimals);
      const inside = Math.min(upper, Math.max(lower, whole));
      if (inside !== whole) clipped += 1;
      return inside;
    });
  });
  return { values: columns, clipped };
}

function refuseMissing(values: Float64Array, rows: Uint32Array, column: string, missing: Parameters["missing"]): void {
  const without = rows.filter((row) => Number.isNaN(values[row]!));
  if (without.length === 0 || missing === "zero") return;
  throw new TomboloError("input.missing-value", "some rows have no value to add up", {
    remedy: "Fill the values in, or let them count as zero.",
    detail: {
      column,
      rowCount: without.length,
      rowNumbers: [...without.subarray(0, ROW_NUMBERS_SHOWN)].map((row) => row + 1),
    },
  });
}
