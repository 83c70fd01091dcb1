/**
 * Turns columns into one-byte bin codes, once per job, at the column's owner (SECURITY.md rule 9: bins are fixed once
 * and none holds fewer than k training rows).
 *
 * Numbers: quantile bins; bin b holds `cuts[b-1] <= value < cuts[b]`. Equal values are never parted.
 * Text: one bin per category; categories that are rare or beyond the limit share the bin `pool`.
 * Missing values have a bin of their own, or join another when they are fewer than k.
 */
import { type Column, columnLength, discard, TomboloError } from "@tombolo/base";
import { FEATURES_MAX, type TextEncoding } from "./parameters.ts";

export interface BinOptions {
  readonly bins: number;
  readonly minimumRows: number;
  readonly textEncoding: TextEncoding;
}

interface FeatureBase {
  readonly name: string;
  /** Bin of each row. */
  readonly codes: Uint8Array;
  /** Number of bins, the one of missing values included. */
  readonly binCount: number;
}

export interface NumericFeature extends FeatureBase {
  readonly kind: "numeric";
  readonly cuts: readonly number[];
  /** Where missing values went: the last bin, or a bin of numbers when they were too few. */
  readonly missingBin: number;
}

export interface TextFeature extends FeatureBase {
  readonly kind: TextEncoding;
  /** The categories of each bin; `null` stands for missing values. */
  readonly members: readonly (readonly (string | null)[])[];
  /** The bin of pooled categories, -1 if nothing was pooled. */
  readonly pool: number;
}

export type Feature = NumericFeature | TextFeature;

/** A party's columns, each read once and in order: no more of them need be in memory than their reader has at a time. */
export type ColumnSource = Iterable<Column> | AsyncIterable<Column>;

/** Checks and bins every column by its values in `trainingRows`; the codes, a byte a row, cover all of them. */
export async function binColumns(
  columns: ColumnSource,
  rowCount: number,
  trainingRows: Int32Array,
  options: BinOptions,
): Promise<Feature[]> {
  const check = columnCheck(rowCount);
  const features: Feature[] = [];
  for await (const column of columns) {
    check(column);
    if (features.length === FEATURES_MAX)
      throw new TomboloError("input.columns", `more than ${FEATURES_MAX} columns`, { remedy: "Choose fewer columns." });
    features.push(binColumn(column, trainingRows, options));
  }
  return features;
}

export const binColumn = (column: Column, trainingRows: Int32Array, options: BinOptions): Feature =>
  column.kind === "number"
    ? binNumbers(column.name, column.values, trainingRows, options)
    : binText(column, trainingRows, options);

/** Columns as training and prediction can use them: of one length, with different names, without infinities. */
export function checkColumns(columns: readonly Column[], rowCount: number): void {
  const check = columnCheck(rowCount);
  for (const column of columns) check(column);
}

function columnCheck(rowCount: number): (column: Column) => void {
  const names = new Set<string>();
  const refuse = (message: string, remedy: string, column: string): never => {
    throw new TomboloError("input.columns", message, { remedy, detail: { column } });
  };
  return (column) => {
    const { name } = column;
    if (columnLength(column) !== rowCount)
      refuse("a column has another number of rows than the table", "Import the table anew.", name);
    if (names.has(name)) refuse("two columns have the same name", "Rename one of them.", name);
    names.add(name);
    const infinite = (value: number): boolean => value === Infinity || value === -Infinity;
    if (column.kind === "number" && column.values.some(infinite))
      refuse("a column holds infinite numbers", "Leave the values empty, or the column out.", name);
  };
}

function binNumbers(name: string, values: Float64Array, trainingRows: Int32Array, options: BinOptions): NumericFeature {
  const present = new Float64Array(trainingRows.length);
  let count = 0;
  for (const row of trainingRows) {
    const value = values[row]!;
    if (!Number.isNaN(value)) present[count++] = value;
  }
  const sorted = present.subarray(0, count).sort();
  const cuts = quantileCuts(sorted, options.bins, options.minimumRows);
  const missing = trainingRows.length - count;
  const fewPresent = count > 0 && count < options.minimumRows;
  const ownBin = missing === 0 || (missing >= options.minimumRows && !fewPresent);
  const missingBin = ownBin ? cuts.length + 1 : fullestBin(sorted, cuts);
  const codes = new Uint8Array(values.length);
  for (let row = 0; row < values.length; row++) {
    const value = values[row]!;
    codes[row] = Number.isNaN(value) ? missingBin : binOf(cuts, value);
  }
  discard(present);
  return { kind: "numeric", name, codes, cuts, missingBin, binCount: cuts.length + (ownBin ? 2 : 1) };
}

/** Number of cuts at or below `value`. */
function binOf(cuts: readonly number[], value: number): number {
  let low = 0;
  let high = cuts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (value < cuts[middle]!) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Cuts at quantiles, skipping those that would leave a bin below the minimum. */
function quantileCuts(sorted: Float64Array, bins: number, minimumRows: number): number[] {
  const cuts: number[] = [];
  let start = 0;
  for (const at of quantilePositions(sorted, bins)) {
    if (at - start < minimumRows || sorted.length - at < minimumRows) continue;
    cuts.push(sorted[at]!);
    start = at;
  }
  return cuts;
}

/**
 * Positions of the first row of each new bin, ascending: every distinct value while there are few, else the distinct
 * values whose ranks are nearest to the even ones. As XGBoost prunes its quantile summary (common/quantile.h, SetPrune
 * to bins + 1 entries, the first and last of which bound the range), with the summary exact.
 */
function quantilePositions(sorted: Float64Array, bins: number): number[] {
  const starts = firstOfEach(sorted);
  const positions = positionsAmong(starts, sorted.length, bins);
  discard(starts);
  return positions;
}

function positionsAmong(starts: Int32Array, length: number, bins: number): number[] {
  const endOf = (entry: number): number => starts[entry + 1] ?? length;
  if (starts.length <= bins) return [...starts.subarray(1)];
  const lowest = endOf(0);
  const range = starts.at(-1)! - lowest;
  const picked: number[] = [];
  let entry = 1;
  for (let k = 1; k < bins; k++) {
    const twiceRank = 2 * ((k * range) / bins + lowest);
    while (entry < starts.length - 1 && twiceRank >= endOf(entry + 1) + starts[entry + 1]!) entry++;
    if (entry === starts.length - 1) break;
    const nearest = twiceRank < endOf(entry) + starts[entry + 1]! ? entry : entry + 1;
    if (starts[nearest] !== picked.at(-1)) picked.push(starts[nearest]!);
  }
  return picked;
}

/** Position of each distinct value. */
function firstOfEach(sorted: Float64Array): Int32Array {
  const starts = new Int32Array(sorted.length);
  let count = 0;
  for (let i = 0; i < sorted.length; i++) if (i === 0 || sorted[i] !== sorted[i - 1]) starts[count++] = i;
  return starts.subarray(0, count);
}

function fullestBin(sorted: Float64Array, cuts: readonly number[]): number {
  const counts = new Array<number>(cuts.length + 1).fill(0);
  for (const value of sorted) counts[binOf(cuts, value)]!++;
  return counts.indexOf(Math.max(...counts));
}

function binText(column: Column & { kind: "text" }, trainingRows: Int32Array, options: BinOptions): TextFeature {
  const members = poolCategories(countCategories(column, trainingRows), options);
  const binOfCategory = new Map(members.bins.flatMap((names, bin) => names.map((name) => [name, bin] as const)));
  // A category unseen in training joins the pool, or a code of its own that no split sends left.
  const unseen = members.pool >= 0 ? members.pool : members.bins.length;
  const binOfCode = Uint8Array.from(column.categories, (name) => binOfCategory.get(name) ?? unseen);
  const missingBin = binOfCategory.get(null) ?? unseen;
  const codes = Uint8Array.from(column.codes, (code) => (code < 0 ? missingBin : binOfCode[code]!));
  return {
    kind: options.textEncoding,
    name: column.name,
    codes,
    members: members.bins,
    pool: members.pool,
    binCount: members.bins.length + 1,
  };
}

function countCategories(column: Column & { kind: "text" }, rows: Int32Array): [string | null, number][] {
  const counts = new Map<string | null, number>();
  for (const row of rows) {
    const code = column.codes[row]!;
    const name = code < 0 ? null : column.categories[code]!;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  // Commonest first, then by code unit: an order that depends on nothing but this column.
  return [...counts].sort(([a, m], [b, n]) => n - m || (a === null ? 1 : b === null ? -1 : a < b ? -1 : 1));
}

function poolCategories(
  counted: [string | null, number][],
  options: BinOptions,
): { bins: (string | null)[][]; pool: number } {
  const fits = counted.length <= options.bins ? options.bins : options.bins - 1;
  let kept = counted.findIndex(([, count], i) => i >= fits || count < options.minimumRows);
  if (kept < 0) kept = counted.length;
  const pooledRows = counted.slice(kept).reduce((sum, [, count]) => sum + count, 0);
  // A pool below the minimum takes the rarest of the others in.
  if (pooledRows > 0 && pooledRows < options.minimumRows && kept > 0) kept--;
  const bins = counted.slice(0, kept).map(([name]) => [name]);
  if (kept === counted.length) return { bins, pool: -1 };
  return { bins: [...bins, counted.slice(kept).map(([name]) => name)], pool: kept };
}
