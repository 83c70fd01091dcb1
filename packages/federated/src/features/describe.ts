/**
 * What there is in one party's columns, for its own eyes: figures, a histogram, the commonest categories, and how an own label
 * runs along a column. Every figure is exact; no column is sorted as a whole, so time is linear in rows.
 */
import type { Column, ColumnTable, NumberColumn, TextColumn } from "@tombolo/base";
import { type Bar, Counted } from "./counted.ts";
import { countCodes } from "./figures.ts";

export type { Bar } from "./counted.ts";

const SHARES = [0.05, 0.25, 0.5, 0.75, 0.95] as const;
const DECILES = Array.from({ length: 9 }, (_, i) => (i + 1) / 10);
const TOP_MAX = 10;
/** Distinct numbers are counted up to this many. */
export const DISTINCT_MAX = 10_000;
/** Of quartile ranges beyond the quartiles (Tukey). */
const OUTLIER_RANGES = 1.5;

export interface NumberFigures {
  readonly mean: number;
  /** Over one fewer than the values; 0 of one. */
  readonly deviation: number;
  readonly min: number;
  readonly max: number;
  /** At 5, 25, 50, 75 and 95 per cent, linear between neighbours. */
  readonly quantiles: readonly number[];
  /** Values more than 1.5 interquartile ranges beyond the quartiles. */
  readonly outliers: number;
  readonly infinite: number;
  readonly histogram: readonly Bar[];
}

/** Rows of a part of a column, and the mean of the label there. */
export interface LabelRow {
  /** A category; of numbers null. */
  readonly category: string | null;
  /** From above `from` up to `to`; null: without a bound. Both null with `missing`, and of text. */
  readonly from: number | null;
  readonly to: number | null;
  readonly missing: boolean;
  readonly rows: number;
  readonly mean: number;
}

export interface ColumnDescription {
  readonly name: string;
  readonly kind: Column["kind"];
  readonly rows: number;
  readonly missing: number;
  /** null: more than `DISTINCT_MAX`. */
  readonly distinct: number | null;
  /** null of text, and of a column without a finite number. */
  readonly numbers: NumberFigures | null;
  /** null of numbers. */
  readonly top: readonly { readonly category: string; readonly rows: number }[] | null;
  /** null without a label. */
  readonly label: readonly LabelRow[] | null;
}

/** `label`: own, a number in every row; null: none. */
export const describeColumns = (table: ColumnTable, label: Float64Array | null): ColumnDescription[] =>
  table.columns.map((column) => (column.kind === "number" ? ofNumbers(column, label) : ofText(column, label)));

function ofNumbers({ name, values }: NumberColumn, label: Float64Array | null): ColumnDescription {
  const counted = new Counted(values);
  const common = { name, kind: "number", rows: values.length, missing: counted.missing, top: null } as const;
  const distinct = counted.distinct(DISTINCT_MAX);
  const labelled = (edges: readonly number[]) => label && labelRows(counted.parts(edges), edges, label);
  if (counted.finite === 0) return { ...common, distinct, numbers: null, label: labelled([]) };
  const quantiles = counted.quantiles([...SHARES, ...DECILES]);
  const [, low, , high] = quantiles as [number, number, number, number];
  const reach = OUTLIER_RANGES * (high - low);
  const outliers = counted.beyond(low - reach, high + reach);
  const edges = [...new Set(quantiles.slice(SHARES.length))].filter((edge) => edge < counted.max);
  const { mean, deviation, min, max, infinite, histogram } = counted;
  const figures = quantiles.slice(0, SHARES.length);
  return {
    ...common,
    distinct,
    numbers: { mean, deviation, min, max, quantiles: figures, outliers, infinite, histogram },
    label: labelled(edges),
  };
}

/** Each part up to an edge and above the one before; rows without a value last, where there are any. */
function labelRows(partOf: Uint8Array, edges: readonly number[], label: Float64Array): LabelRow[] {
  const parts = edges.length + 1;
  const [rows, sums] = [new Float64Array(parts + 1), new Float64Array(parts + 1)];
  for (let row = 0; row < partOf.length; row++) {
    const part = partOf[row]!;
    rows[part]!++;
    sums[part]! += label[row]!;
  }
  return Array.from(rows, (count, part) => ({
    category: null,
    from: part === parts ? null : (edges[part - 1] ?? null),
    to: part === parts ? null : (edges[part] ?? null),
    missing: part === parts,
    rows: count,
    mean: sums[part]! / count,
  })).filter((each) => each.rows > 0);
}

function ofText({ name, codes, categories }: TextColumn, label: Float64Array | null): ColumnDescription {
  const counts = countCodes(codes, categories.length);
  const used = [...categories.keys()].filter((code) => counts[code]! > 0);
  const order = used.sort((a, b) => counts[b]! - counts[a]! || (categories[a]! < categories[b]! ? -1 : 1));
  const shown = order.slice(0, TOP_MAX);
  const filled = counts.reduce((sum, count) => sum + count, 0);
  return {
    name,
    kind: "text",
    rows: codes.length,
    missing: codes.length - filled,
    distinct: used.length,
    numbers: null,
    top: shown.map((code) => ({ category: categories[code]!, rows: counts[code]! })),
    label: label && categoryRows(codes, categories, shown, label),
  };
}

function categoryRows(
  codes: Int32Array,
  categories: readonly string[],
  shown: readonly number[],
  label: Float64Array,
): LabelRow[] {
  const [rows, sums] = [new Float64Array(categories.length + 1), new Float64Array(categories.length + 1)];
  for (let row = 0; row < codes.length; row++) {
    const place = codes[row]! < 0 ? categories.length : codes[row]!;
    rows[place]!++;
    sums[place]! += label[row]!;
  }
  const places = rows[categories.length]! > 0 ? [...shown, categories.length] : shown;
  return places.map((place) => ({
    category: categories[place] ?? null,
    from: null,
    to: null,
    missing: place === categories.length,
    rows: rows[place]!,
    mean: sums[place]! / rows[place]!,
  }));
}
