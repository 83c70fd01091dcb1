/**
 * What there is in one party's columns, for its own eyes: figures, a histogram, the commonest categories, and how an own label
 * runs along a column. Every figure is exact; no column is sorted as a whole, so time is linear in rows.
 */
import type { Column, ColumnTable, NumberColumn, TextColumn } from "@tombolo/base";
import { countCodes } from "./figures.ts";

/** Bars of a histogram, and how finely each is counted to find quantiles in. */
const BARS = 20;
const FINE = 256;
const NO_BUCKET = 0xffff;
/** Squares of numbers up to here, and their sums, are numbers; those of larger ones are, times `SMALL`. */
const LARGE = 2 ** 480;
const SMALL = 2 ** -560;
const SHARES = [0.05, 0.25, 0.5, 0.75, 0.95] as const;
const DECILES = Array.from({ length: 9 }, (_, i) => (i + 1) / 10);
const TOP_MAX = 10;
/** Distinct numbers are counted up to this many. */
export const DISTINCT_MAX = 10_000;
/** Of quartile ranges beyond the quartiles (Tukey). */
const OUTLIER_RANGES = 1.5;

export interface Bar {
  readonly from: number;
  readonly to: number;
  readonly rows: number;
}

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
  const distinct = distinctNumbers(values);
  if (counted.finite === 0) return { ...common, distinct, numbers: null, label: label && labelRows(values, [], label) };
  const quantiles = counted.quantiles([...SHARES, ...DECILES]);
  const [, low, , high] = quantiles as [number, number, number, number];
  const reach = OUTLIER_RANGES * (high - low);
  let outliers = 0;
  for (const value of values) if (Number.isFinite(value) && (value < low - reach || value > high + reach)) outliers++;
  const edges = [...new Set(quantiles.slice(SHARES.length))].filter((edge) => edge < counted.max);
  const { mean, deviation, min, max, infinite, histogram } = counted;
  const figures = quantiles.slice(0, SHARES.length);
  return {
    ...common,
    distinct,
    numbers: { mean, deviation, min, max, quantiles: figures, outliers, infinite, histogram },
    label: label && labelRows(values, edges, label),
  };
}

/** Finite values in buckets of one width, which both the histogram and the quantiles are read from. */
class Counted {
  readonly missing: number;
  readonly infinite: number;
  readonly finite: number;
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  readonly deviation: number;
  readonly #values: Float64Array;
  /** Of each row; `NO_BUCKET` of what is missing or infinite. */
  readonly #buckets: Uint16Array;
  readonly #rows = new Float64Array(BARS * FINE);

  constructor(values: Float64Array) {
    this.#values = values;
    let [finite, missing, sum] = [0, 0, 0];
    let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const value of values)
      if (Number.isFinite(value)) {
        finite++;
        sum += value;
        if (value < min) min = value;
        if (value > max) max = value;
      } else if (Number.isNaN(value)) missing++;
    [this.finite, this.missing, this.infinite] = [finite, missing, values.length - finite - missing];
    [this.min, this.max] = [min, max];
    // Numbers whose sum or squares are beyond the largest number are taken in parts of themselves.
    const unit = Math.max(-min, max) > LARGE ? SMALL : 1;
    this.mean = unit === 1 ? sum / finite : values.reduce((m, x) => (Number.isFinite(x) ? m + x / finite : m), 0);
    // Halves, since the range itself may be beyond the largest number.
    const [start, range] = [min / 2, max / 2 - min / 2];
    const last = BARS * FINE - 1;
    this.#buckets = new Uint16Array(values.length).fill(NO_BUCKET);
    let squares = 0;
    for (let row = 0; row < values.length; row++) {
      const value = values[row]!;
      if (!Number.isFinite(value)) continue;
      const deviation = value * unit - this.mean * unit;
      squares += deviation * deviation;
      const bucket = !(range > 0) ? 0 : Math.min(last, Math.floor(((value / 2 - start) / range) * (last + 1)));
      this.#buckets[row] = bucket;
      this.#rows[bucket]!++;
    }
    this.deviation = finite > 1 ? Math.sqrt(squares / (finite - 1)) / unit : 0;
  }

  get histogram(): Bar[] {
    const bars = this.max > this.min ? BARS : 1;
    // Not min + i * width, which the largest and the smallest numbers have no digits for.
    const edge = (i: number): number => (i === bars ? this.max : this.min * (1 - i / bars) + this.max * (i / bars));
    return Array.from({ length: bars }, (_, i) => ({
      from: edge(i),
      to: edge(i + 1),
      rows: this.#rows.subarray(i * FINE, (i + 1) * FINE).reduce((sum, count) => sum + count, 0),
    }));
  }

  /** Linear between neighbours; only the buckets that hold one are sorted. */
  quantiles(shares: readonly number[]): number[] {
    const ranks = shares.map((share) => (this.finite - 1) * share);
    const starts = new Float64Array(this.#rows.length + 1);
    for (let i = 0; i < this.#rows.length; i++) starts[i + 1] = starts[i]! + this.#rows[i]!;
    const holding = (rank: number): number => bucketWith(starts, rank);
    const needed = new Set(ranks.flatMap((rank) => [holding(Math.floor(rank)), holding(Math.ceil(rank))]));
    const contents = this.#sorted(needed);
    const at = (rank: number): number => {
      const bucket = holding(rank);
      return contents.get(bucket)![rank - starts[bucket]!]!;
    };
    return ranks.map((rank) => {
      const [below, above] = [at(Math.floor(rank)), at(Math.ceil(rank))];
      return below === above ? below : below + (above - below) * (rank - Math.floor(rank));
    });
  }

  #sorted(needed: ReadonlySet<number>): Map<number, Float64Array> {
    const out = new Map([...needed].map((bucket) => [bucket, new Float64Array(this.#rows[bucket]!)]));
    const places = new Int32Array(NO_BUCKET + 1).fill(-1);
    for (const bucket of needed) places[bucket] = 0;
    for (let row = 0; row < this.#buckets.length; row++) {
      const bucket = this.#buckets[row]!;
      const place = places[bucket]!;
      if (place < 0) continue;
      out.get(bucket)![place] = this.#values[row]!;
      places[bucket] = place + 1;
    }
    for (const contents of out.values()) contents.sort();
    return out;
  }
}

/** The last bucket that starts at `rank` or before and is not empty. */
function bucketWith(starts: Float64Array, rank: number): number {
  let [low, high] = [0, starts.length - 1];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (starts[middle]! <= rank) low = middle;
    else high = middle;
  }
  return low;
}

function distinctNumbers(values: Float64Array): number | null {
  const seen = new Set<number>();
  for (const value of values) {
    if (Number.isNaN(value)) continue;
    seen.add(value);
    if (seen.size > DISTINCT_MAX) return null;
  }
  return seen.size;
}

/** Each part up to an edge and above the one before; rows without a value last, where there are any. */
function labelRows(values: Float64Array, edges: readonly number[], label: Float64Array): LabelRow[] {
  const parts = edges.length + 1;
  const [rows, sums] = [new Float64Array(parts + 1), new Float64Array(parts + 1)];
  for (let row = 0; row < values.length; row++) {
    const value = values[row]!;
    let part = 0;
    if (Number.isNaN(value)) part = parts;
    else part = above(edges, value);
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

/** How many of the ascending edges the value is above. */
function above(edges: readonly number[], value: number): number {
  let [low, high] = [0, edges.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (value > edges[middle]!) low = middle + 1;
    else high = middle;
  }
  return low;
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
