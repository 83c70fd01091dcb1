/** The label of accepted rows as 0 and 1, and back into the column's own values for all. */
import { type Column, columnLength, TomboloError, takeTable } from "@tombolo/base";
import type { TaskTable } from "../component.ts";
import { labelsOf } from "../labels.ts";
import { columnNamed } from "../tables.ts";

/** NaN where there is none. Throws `input.label`. */
export function knownLabels(data: TaskTable): Float64Array {
  if (data.label === null)
    throw new TomboloError("input.label", "the guest's table has no label", {
      remedy: "Name the label column in the guest's read-table task.",
    });
  const column = columnNamed(data, data.label);
  const rows = Array.from({ length: data.rowCount }, (_, row) => row).filter((row) => isKnown(column, row));
  const labels = new Float64Array(data.rowCount).fill(Number.NaN);
  if (rows.length === 0) return labels;
  const { values } = labelsOf({ ...data, ...takeTable({ ...data, columns: [column] }, rows) }, "binary");
  for (const [i, row] of rows.entries()) labels[row] = values[i]!;
  return labels;
}

const isKnown = (column: Column, row: number): boolean =>
  column.kind === "number" ? !Number.isNaN(column.values[row]!) : column.codes[row]! >= 0;

/** `known`: of rows of the column's beginning, both labels among them. `labels`: what every row has now, 0 or 1. */
export function completed(column: Column, known: Float64Array, labels: Float64Array): Column {
  if (columnLength(column) !== labels.length) throw new Error("assertion failed: a label for every row");
  const [no, yes] = [known.indexOf(0), known.indexOf(1)];
  const from = (row: number): number => (labels[row] === 1 ? yes : no);
  return column.kind === "number"
    ? { ...column, values: labels.map((_, row) => column.values[from(row)]!) }
    : { ...column, codes: Int32Array.from(labels, (_, row) => column.codes[from(row)]!) };
}
