/**
 * A part of a model as serving runs on it: a row is a run of numbers, one for each column that the part uses. Gives what
 * prediction gives for the same row, to the last bit.
 */
import { TomboloError } from "@tombolo/base";
import type { BinnedColumn, UsedColumn } from "../serving/form.ts";
import type { GuestModel, ModelTerm } from "./model.ts";

interface FlatTerm {
  /** Of its column among the row's values. */
  readonly place: number;
  /** Codes of the categories that it stands for; null: a column of numbers. */
  readonly codes: ReadonlySet<number> | null;
  readonly mean: number;
  readonly scale: number;
  /** Of the standardised value. */
  readonly factor: number;
}

export interface FlatPart {
  readonly columns: readonly UsedColumn[];
  readonly watched: readonly BinnedColumn[];
  readonly terms: readonly FlatTerm[];
}

export function flatPart({ terms, missing }: Pick<GuestModel, "terms" | "missing">): FlatPart {
  const names = [...new Set(terms.map(({ column }) => column))];
  const columns = names.map((name): UsedColumn => {
    const own = terms.filter(({ column }) => column === name);
    const categories = own.flatMap(categoriesOf);
    const codes = new Map([...new Set(categories)].map((category, code) => [category, code]));
    const kind = own[0]!.category === null ? "number" : "text";
    return { name, kind, codes, required: missing === "refuse" };
  });
  return {
    columns,
    watched: columns.map((column) => watchedBy(column, terms)),
    terms: terms.map((term) => {
      const place = names.indexOf(term.column);
      const { mean, scale, coefficient } = term;
      const codes =
        term.category === null ? null : new Set(categoriesOf(term).map((each) => columns[place]!.codes.get(each)!));
      return { place, codes, mean, scale, factor: coefficient * scale };
    }),
  };
}

/** Of a row whose values begin at `at`: its terms' contributions to the linear predictor, in their order. */
export function contributions({ terms, columns }: FlatPart, values: Float64Array, at: number): Float64Array {
  requireComplete(columns, values, at);
  return Float64Array.from(terms, ({ place, codes, mean, scale, factor }) => {
    const value = values[at + place]!;
    const seen = codes === null ? value : codes.has(value) ? 1 : 0;
    return factor * (Number.isNaN(seen) ? 0 : (seen - mean) / scale);
  });
}

export const sumOf = (parts: Float64Array): number => parts.reduce((sum, part) => sum + part, 0);

const categoriesOf = ({ category, merged }: ModelTerm): readonly string[] =>
  merged ?? (category === null ? [] : [category]);

/** Infinite values are refused always, missing ones unless the mean stands for them. */
function requireComplete(columns: readonly UsedColumn[], values: Float64Array, at: number): void {
  columns.forEach(({ name, required }, c) => {
    const value = values[at + c]!;
    if (Number.isNaN(value) ? required : !Number.isFinite(value))
      throw new TomboloError("input.missing", "a row has a missing or infinite value of a column of the model", {
        remedy: "Leave such rows out, or train with the column's mean for missing values.",
        detail: { column: name },
      });
  });
}

/** Bounds of bins in standard deviations around the mean of training. */
const BOUNDS = [-2, -1.5, -1, -0.5, 0, 0.5, 1, 1.5, 2];

function watchedBy({ name, kind, codes }: UsedColumn, terms: readonly ModelTerm[]): BinnedColumn {
  if (kind === "text") {
    const bins = codes.size + 2;
    return { name, bins, binOf: (code) => (Number.isNaN(code) ? bins - 1 : code) };
  }
  const { mean, scale } = terms.find(({ column }) => column === name)!;
  const bins = BOUNDS.length + 2;
  return {
    name,
    bins,
    binOf: (value) =>
      Number.isNaN(value) ? bins - 1 : BOUNDS.filter((bound) => (value - mean) / scale >= bound).length,
  };
}
