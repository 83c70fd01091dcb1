/**
 * Text as numbers: a column of 0 and 1 for each category, the category's place in order, its share of the rows, or the mean
 * of the own label among its rows (Micci-Barreca, SIGKDD Explorations 2001). A category of fewer than the minimum of rows
 * counts as "other", so that no figure or column stands for a few rows; so does one that was not there when it was learnt.
 */
import { type ColumnTable, type NumberColumn, type TextColumn, TomboloError } from "@tombolo/base";
import { z } from "zod";
import { countCodes } from "./figures.ts";
import { columnNames } from "./names.ts";
import { inPlace, numberColumn, type Rules, replaceColumns, step, type Tell, textOf } from "./step.ts";

const METHODS = ["one-hot", "ordinal", "frequency", "target"] as const;
const spec = z.strictObject({
  kind: z.literal("encode"),
  columns: columnNames,
  method: z.enum(METHODS),
  /** Of one-hot: the commonest ones have a column, the others share one. */
  categoriesMax: z.number().int().min(1).max(1000).default(100),
  /** Of target: rows at which a category's own mean and that of all rows count the same. */
  smoothing: z.number().min(0).max(1e6).default(20),
});
type Spec = z.output<typeof spec>;

const learnt = z.array(
  z.strictObject({
    /** In the order of their text, and what each becomes: a place, a share, a mean; of one-hot nothing. */
    categories: z.array(z.string()),
    figures: z.array(z.number()),
    /** For the others; null: there is no figure, so the value is missing. */
    other: z.number().nullable(),
    /** For rows without a value; null: it stays missing. */
    missing: z.number().nullable(),
  }),
);
type Learnt = z.output<typeof learnt>[number];

export const encode = step({
  spec,
  learnt,
  touches: ({ columns, method }, all) =>
    columns.map((name, i) => {
      if (method !== "one-hot") return inPlace(name);
      return { reads: [name], makes: oneHotNames(name, all[i]!.categories), removes: [name] };
    }),
  fit: (table, given, rules) => given.columns.map((name) => learn(textOf(table, name), table, given, rules)),
  apply: (table, given, all, tell) =>
    given.columns.reduce((out, name, i) => {
      const column = textOf(table, name);
      const own = all[i]!;
      tellUnseen(column, own, tell);
      return replaceColumns(out, [name], given.method === "one-hot" ? oneHot(column, own) : [figures(column, own)]);
    }, table),
});

function learn(column: TextColumn, table: ColumnTable, given: Spec, rules: Rules): Learnt {
  const counts = countCodes(column.codes, column.categories.length);
  const kept = keptCategories(column, counts, given, Math.max(1, rules.minimumRows));
  const categories = kept.map((code) => column.categories[code]!);
  const filled = counts.reduce((sum, count) => sum + count, 0);
  if (given.method === "one-hot") return { categories, figures: [], other: null, missing: null };
  if (given.method === "ordinal")
    return { categories, figures: categories.map((_, i) => i), other: null, missing: null };
  if (given.method === "frequency") {
    const share = (count: number): number => count / table.rowCount;
    const common = kept.reduce((sum, code) => sum + counts[code]!, 0);
    const figures = kept.map((code) => share(counts[code]!));
    return { categories, figures, other: share(filled - common), missing: share(table.rowCount - filled) };
  }
  return { categories, ...means(column, kept, labelOf(rules), given.smoothing, rules.minimumRows) };
}

/** By rows for one-hot, where there may be too many; in the order of their text. */
function keptCategories({ categories }: TextColumn, counts: Float64Array, given: Spec, least: number): number[] {
  const byText = (a: number, b: number): number => (categories[a]! < categories[b]! ? -1 : 1);
  const enough = [...categories.keys()].filter((code) => counts[code]! >= least);
  if (given.method !== "one-hot") return enough.sort(byText);
  const commonest = enough.sort((a, b) => counts[b]! - counts[a]! || byText(a, b));
  return commonest.slice(0, given.categoriesMax).sort(byText);
}

/** (sum of the label + smoothing · mean of all) / (rows + smoothing). */
function means(column: TextColumn, kept: readonly number[], label: Float64Array, smoothing: number, least: number) {
  const sums = new Float64Array(column.categories.length + 1);
  const rows = new Float64Array(column.categories.length + 1);
  const last = column.categories.length;
  for (const [row, code] of column.codes.entries()) {
    const at = code < 0 ? last : code;
    sums[at]! += label[row]!;
    rows[at]!++;
  }
  const mean = label.reduce((sum, value) => sum + value, 0) / label.length;
  const smoothed = (sum: number, count: number): number => (sum + smoothing * mean) / (count + smoothing);
  const known = new Set(kept);
  let [otherSum, otherRows] = [0, 0];
  for (let code = 0; code < last; code++)
    if (!known.has(code)) {
      otherSum += sums[code]!;
      otherRows += rows[code]!;
    }
  return {
    figures: kept.map((code) => smoothed(sums[code]!, rows[code]!)),
    other: otherRows < Math.max(1, least) ? mean : smoothed(otherSum, otherRows),
    missing: rows[last]! < Math.max(1, least) ? mean : smoothed(sums[last]!, rows[last]!),
  };
}

function labelOf({ label }: Rules): Float64Array {
  if (label !== null && !label.some((value) => Number.isNaN(value))) return label;
  throw new TomboloError("input.label", "encoding by the target takes an own label in every row", {
    remedy: "Only the party with the label can encode its columns by it. Choose frequency or one-hot elsewhere.",
  });
}

function figures(column: TextColumn, { categories, figures: all, other, missing }: Learnt): NumberColumn {
  const places = placesOf(column, categories);
  const values = Float64Array.from(column.codes, (code) =>
    code < 0 ? (missing ?? Number.NaN) : places[code]! < 0 ? (other ?? Number.NaN) : all[places[code]!]!,
  );
  return numberColumn(column.name, values);
}

const oneHotNames = (column: string, categories: readonly string[]): string[] =>
  [...categories, "*"].map((category) => `${column}=${category}`);

/** `<name>=<category>` each, and `<name>=*` for the others; a row without a value has 0 in all of them. */
function oneHot(column: TextColumn, { categories }: Learnt): NumberColumn[] {
  const places = placesOf(column, categories);
  const out = oneHotNames(column.name, categories).map((name) =>
    numberColumn(name, new Float64Array(column.codes.length)),
  );
  for (const [row, code] of column.codes.entries())
    if (code >= 0) out.at(places[code]! < 0 ? -1 : places[code]!)!.values[row] = 1;
  return out;
}

/** Of each code: its place among what was learnt, -1 for the others. */
function placesOf(column: TextColumn, categories: readonly string[]): Int32Array {
  const places = new Map(categories.map((category, place) => [category, place]));
  return Int32Array.from(column.categories, (category) => places.get(category) ?? -1);
}

function tellUnseen(column: TextColumn, { categories }: Learnt, tell: Tell): void {
  const places = placesOf(column, categories);
  const rows = column.codes.reduce((sum, code) => sum + Number(code >= 0 && places[code]! < 0), 0);
  if (rows > 0) tell({ column: column.name, what: "unseen", rows });
}
