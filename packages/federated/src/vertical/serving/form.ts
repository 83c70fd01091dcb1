/** What serving needs to know of a model, whatever kind it is: how a host's row becomes what it says of it. */
import { type Column, TomboloError } from "@tombolo/base";

/** A column that a party's part of a model looks at. A row is a run of numbers, one for each: a text's is its code. */
export interface UsedColumn {
  readonly name: string;
  readonly kind: Column["kind"];
  /** Of a text: code by category. Every other category has the code `codes.size`. */
  readonly codes: ReadonlyMap<string, number>;
  /** No row is scored without a value of it. */
  readonly required: boolean;
}

/** Bins that a party watches a column by. No value is kept. */
export interface BinnedColumn {
  readonly name: string;
  /** Missing values have the last one; at most 256. */
  readonly bins: number;
  /** Of a value as rows have them. */
  binOf(value: number): number;
}

/** Of a host: what it says of a row. */
export interface HostForm {
  readonly columns: readonly UsedColumn[];
  readonly watched: readonly BinnedColumn[];
  /** Of what is said of one row. */
  readonly bytes: number;
  /** Of the row whose values begin at `at`, to `out` from `outAt` on, which is all zero before. */
  write(values: Float64Array, at: number, out: Uint8Array, outAt: number): void;
}

/** As the guest takes it: of so many bytes a row, and `sound` for what some row might have. */
export interface AnswerForm {
  readonly bytes: number;
  sound(part: Uint8Array): boolean;
}

export const wrongColumn = (column: string, kind: Column["kind"]): TomboloError =>
  new TomboloError("input.columns", "a column the model uses is missing or of another kind", {
    remedy: "Give the columns the model was trained on.",
    detail: { column, kind },
  });

/** A table's columns as rows have them, in the order of `used`. Throws `input.columns`. */
export const usedValues = (used: readonly UsedColumn[], columns: readonly Column[]): Float64Array[] =>
  used.map(({ name, kind, codes }) => {
    const column = columns.find((each) => each.name === name);
    if (column === undefined || column.kind !== kind) throw wrongColumn(name, kind);
    if (column.kind === "number") return column.values;
    const code = Float64Array.from(column.categories, (category) => codes.get(category) ?? codes.size);
    return Float64Array.from(column.codes, (each) => (each < 0 ? Number.NaN : code[each]!));
  });
