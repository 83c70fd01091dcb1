/**
 * The label column as numbers. Binary labels are 0 and 1; two other values are read as such, the one that means yes (or
 * the greater one) as 1, and which it was is reported.
 */
import { type Column, TomboloError } from "@tombolo/base";
import type { TaskTable } from "./component.ts";
import { columnNamed } from "./tables.ts";

export type Objective = "binary" | "regression";

export interface Labels {
  readonly values: Float64Array;
  /** What counts as 1 where the column does not hold 0 and 1 itself. */
  readonly positive: string | null;
}

const YES = new Set([
  "1",
  "yes",
  "y",
  "true",
  "t",
  "bad",
  "default",
  "defaulted",
  "churn",
  "churned",
  "positive",
  "是",
]);

/** Throws `input.label` when there is none, values are missing, or a binary one has not two values. */
export function labelsOf(table: TaskTable, objective: Objective): Labels {
  const column = labelColumn(table);
  return objective === "binary" ? binary(column) : regression(column);
}

/** Numbers as they are, one of two values as 1; null without a label, or where its text has more than two values. */
export function labelAsNumbers(table: TaskTable): Float64Array | null {
  if (table.label === null) return null;
  const column = labelColumn(table);
  if (column.kind === "number") return column.values;
  return usedCategories(column).length > 2 ? null : binary(column).values;
}

export interface ClassLabels {
  /** Numbers of the classes. */
  readonly values: Float64Array;
  /** Their names, in order of number or text. */
  readonly classes: readonly string[];
}

/** Labels of `count` classes. Throws `input.label` when there is none, values are missing, or there are more or fewer. */
export function classLabelsOf(table: TaskTable, count: number): ClassLabels {
  const column = labelColumn(table);
  const classes =
    column.kind === "number"
      ? [...new Set(column.values)].sort((a, b) => a - b).map(String)
      : usedCategories(column).sort();
  if (classes.length !== count)
    throw new TomboloError("input.label", "the label has another number of classes than the flow says", {
      remedy: "Set classes to the number of different labels, at most 32.",
      detail: { classes: classes.length },
    });
  const places = new Map(classes.map((name, place) => [name, place]));
  const values =
    column.kind === "number"
      ? column.values.map((value) => places.get(String(value))!)
      : Float64Array.from(column.codes, (code) => places.get(column.categories[code]!)!);
  return { values, classes };
}

/** Throws `input.label` when there is none, or values are missing. */
export function labelColumn(table: TaskTable): Column {
  if (table.label === null)
    throw new TomboloError("input.label", "the guest's table has no label", {
      remedy: "Name the label column in the guest's read-table task.",
    });
  const column = columnNamed(table, table.label);
  if (missing(column) > 0)
    throw new TomboloError("input.label", "some rows have no label", {
      remedy: "Let the read-table task leave out rows without a label.",
      detail: { rows: missing(column) },
    });
  return column;
}

const missing = (column: Column): number =>
  column.kind === "number"
    ? column.values.reduce((count, value) => count + (Number.isNaN(value) ? 1 : 0), 0)
    : column.codes.reduce((count, code) => count + (code < 0 ? 1 : 0), 0);

function regression(column: Column): Labels {
  if (column.kind === "number") return { values: column.values, positive: null };
  throw new TomboloError("input.label", "a regression needs a label of numbers", {
    remedy: 'Choose another label, or the objective "binary".',
  });
}

function binary(column: Column): Labels {
  const values = column.kind === "number" ? [...new Set(column.values)].map(String) : usedCategories(column);
  if (values.length > 2 || values.length === 0)
    throw new TomboloError("input.label", "a binary label has two values, and this column has another number of them", {
      remedy: 'Choose another label, or the objective "regression".',
    });
  if (column.kind === "number" && values.every((value) => value === "0" || value === "1"))
    return { values: column.values, positive: null };
  const positive = positiveOf(values, column.kind === "number");
  const at = (row: number): string =>
    column.kind === "number" ? String(column.values[row]) : column.categories[column.codes[row]!]!;
  const count = column.kind === "number" ? column.values.length : column.codes.length;
  return { values: Float64Array.from({ length: count }, (_, row) => (at(row) === positive ? 1 : 0)), positive };
}

const usedCategories = (column: Extract<Column, { kind: "text" }>): string[] =>
  [...new Set(column.codes)].map((code) => column.categories[code]!);

function positiveOf(values: readonly string[], numeric: boolean): string {
  const yes = values.find((value) => YES.has(value.trim().toLowerCase()));
  if (yes !== undefined && !numeric) return yes;
  const sorted = numeric ? values.toSorted((a, b) => Number(a) - Number(b)) : values.toSorted();
  return sorted.at(-1)!;
}
