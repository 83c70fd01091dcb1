/**
 * A step of preparation: what it learns from one party's own rows, and how it is applied to these and to later ones. Local:
 * nothing leaves the party. What is learnt is JSON-able and becomes a part of a model, so that rows to be scored are
 * treated as those were that the model was trained on.
 */
import { type Column, type ColumnTable, type NumberColumn, type TextColumn, TomboloError } from "@tombolo/base";
import type { z } from "zod";

export interface Rules {
  /** Categories of fewer rows count as "other" wherever a category becomes a column or a figure. */
  readonly minimumRows: number;
  /** The label, for steps that look at it; null: the party has none. */
  readonly label: Float64Array | null;
}

/** What rows held that the step had not seen when it learnt; counted, and said in the report. */
export interface Note {
  readonly column: string;
  /**
   * "unseen": a category; "outside": a number beyond those learnt from; "undefined": an expression without a value; "missing":
   * no value, where no row lacked one.
   */
  readonly what: "unseen" | "outside" | "undefined" | "missing";
  readonly rows: number;
}
export type Tell = (note: Note) => void;

/** What a step does to a table's columns: as a whole, or for each column of its list by itself, one after another. */
export interface Touches {
  readonly reads: readonly string[];
  readonly makes: readonly string[];
  readonly removes: readonly string[];
}
/** A column that becomes another under the same name. */
export const inPlace = (name: string): Touches => ({ reads: [name], makes: [name], removes: [] });

export interface Step<Spec extends z.ZodType, Learnt extends z.ZodType> {
  readonly spec: Spec;
  readonly learnt: Learnt;
  /** Throws `input.*`, naming the column in the part that its owner alone sees. */
  fit(table: ColumnTable, spec: z.output<Spec>, rules: Rules): z.output<Learnt>;
  apply(table: ColumnTable, spec: z.output<Spec>, learnt: z.output<Learnt>, tell: Tell): ColumnTable;
  /** Of a step with a list of columns, whose places what it learnt follows, one for each; of others one. */
  touches(spec: z.output<Spec>, learnt: z.output<Learnt>): readonly Touches[];
}

export const step = <Spec extends z.ZodType, Learnt extends z.ZodType>(
  definition: Step<Spec, Learnt>,
): Step<Spec, Learnt> => definition;

export function columnOf(table: ColumnTable, name: string): Column {
  const column = table.columns.find((each) => each.name === name);
  if (column !== undefined) return column;
  throw new TomboloError("input.columns", "a step or condition names a column that is not there", {
    remedy: "Read the column, or give it the name it had when the steps were learnt; ids and label take no part.",
    detail: { column: name },
  });
}

export function numbersOf(table: ColumnTable, name: string): NumberColumn {
  const column = columnOf(table, name);
  if (column.kind === "number") return column;
  throw new TomboloError("input.columns", "a step for numbers names a column of text", {
    remedy: "Cast the column to numbers first, or encode its categories.",
    detail: { column: name },
  });
}

export function textOf(table: ColumnTable, name: string): TextColumn {
  const column = columnOf(table, name);
  if (column.kind === "text") return column;
  throw new TomboloError("input.columns", "a step for text names a column of numbers", {
    remedy: "Cast the column to text first, or choose a step for numbers.",
    detail: { column: name },
  });
}

/** In the place of the first of `names`, which go. */
export function replaceColumns(table: ColumnTable, names: readonly string[], by: readonly Column[]): ColumnTable {
  const at = table.columns.findIndex(({ name }) => names.includes(name));
  const before = table.columns.slice(0, at);
  const after = table.columns.slice(at).filter(({ name }) => !names.includes(name));
  return withColumns(table, [...before, ...by, ...after]);
}

export const appendColumns = (table: ColumnTable, more: readonly Column[]): ColumnTable =>
  withColumns(table, [...table.columns, ...more]);

function withColumns(table: ColumnTable, columns: readonly Column[]): ColumnTable {
  const names = new Set<string>();
  for (const { name } of columns) {
    if (names.has(name))
      throw new TomboloError("input.columns", "a step of preparation makes a column that is there already", {
        remedy: "Choose another name for the new column.",
        detail: { column: name },
      });
    names.add(name);
  }
  return { ...table, columns };
}

export const numberColumn = (name: string, values: Float64Array): NumberColumn => ({ kind: "number", name, values });
