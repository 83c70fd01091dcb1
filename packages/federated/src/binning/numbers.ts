/** Fine bins of numbers: cuts at exact quantiles, of equal width, or as given. */
import { type NumberColumn, TomboloError } from "@tombolo/base";
import { type Binned, type FineNumbers, type FineOptions, NO_BIN, type Unforeseen } from "./fine.ts";
import { settleMissing } from "./missing.ts";
import { edgesUpTo, Spread } from "./spread.ts";

export function binNumbers({ name, values }: NumberColumn, options: FineOptions): Binned {
  checkFinite(name, values);
  const { minimumRows } = options;
  const given = options.special.filter((value) => typeof value === "number");
  const held = rowsOf(values, given);
  const special = given.filter((_, i) => held[i]! >= minimumRows);
  const spread = new Spread(given.length === 0 ? values : without(values, given));
  const missing = values.length - spread.count - held.reduce((sum, rows) => sum + (rows >= minimumRows ? rows : 0), 0);
  const few = spread.count > 0 && spread.count < minimumRows;
  if (few && spread.count + missing < minimumRows) return asOneBin(name, values);
  const kept = few || spread.count === 0 ? [] : cutsOf(spread, options);
  const pooled = given.filter((value) => !special.includes(value));
  return withMissing({
    name,
    values,
    spread,
    edges: kept,
    special,
    pooled,
    missing: { rows: missing, minimumRows, few },
  });
}

interface Parts {
  readonly name: string;
  readonly values: Float64Array;
  readonly spread: Spread;
  readonly edges: readonly number[];
  readonly special: readonly number[];
  readonly pooled: readonly number[];
  /** `few`: the ordinary values are too few for a bin, and share one with those that are missing. */
  readonly missing: { readonly rows: number; readonly minimumRows: number; readonly few: boolean };
}

function withMissing({ name, values, spread, edges, special, pooled, missing }: Parts): Binned {
  const own = missing.rows >= missing.minimumRows && !missing.few;
  const range: FineNumbers["range"] = spread.count === 0 ? null : [spread.min, spread.max];
  const ordinary = range === null ? 0 : edges.length + 1;
  const last = ordinary + special.length;
  const codes = new Uint8Array(values.length);
  spread.code(edges, last, codes);
  if (special.length > 0) codeSpecial(values, special, ordinary, codes);
  const joined = missing.rows === 0 ? null : own ? last : missing.few ? 0 : "fullest";
  const settled = settleMissing(codes, last, joined);
  const fine: FineNumbers = {
    ...{ kind: "number", name, edges: [...edges], range, special: [...special], pooled: [...pooled] },
    ...settled,
  };
  return { fine, codes };
}

/** Where too few rows have another value than special ones, these are numbers like others. */
function asOneBin(name: string, values: Float64Array): Binned {
  const spread = new Spread(values);
  const missing = { rows: values.length - spread.count, minimumRows: 0, few: true };
  return withMissing({ name, values, spread, edges: [], special: [], pooled: [], missing });
}

/** Ascending, with `minimumRows` rows or more between neighbours, before the first and after the last. */
function cutsOf(spread: Spread, { method, bins, edges, minimumRows }: FineOptions): number[] {
  if (edges !== null) return enough(spread, edges, minimumRows);
  if (method === "quantile") return quantileCuts(spread, bins, minimumRows);
  const { min, max } = spread;
  const wide = Array.from({ length: bins - 1 }, (_, i) => min * (1 - (i + 1) / bins) + max * ((i + 1) / bins));
  return enough(
    spread,
    wide.filter((edge, i) => edge > (wide[i - 1] ?? min)),
    minimumRows,
  );
}

/**
 * At ceil(k (n - 1) / bins) values, where numpy's linear quantiles part distinct ones. Equal values stay together: the cut is
 * at the nearer end of theirs, or at the other one where that leaves too few rows.
 */
function quantileCuts(spread: Spread, bins: number, minimumRows: number): number[] {
  const n = spread.count;
  const places = Array.from({ length: bins - 1 }, (_, i) => Math.ceil(((i + 1) * (n - 1)) / bins));
  const cuts: number[] = [];
  let start = 0;
  const fits = (at: number): boolean => at - start >= minimumRows && n - at >= minimumRows;
  for (const [i, run] of spread.runsAt(places).entries()) {
    const place = places[i]!;
    const ends = place - run.from <= run.to - place ? [run.from, run.to] : [run.to, run.from];
    const at = ends.find(fits);
    if (at === undefined) continue;
    cuts.push(at === run.from ? run.value : spread.nextAfter(run)!);
    start = at;
  }
  return cuts;
}

/** Of given edges those that leave enough rows, from the least on. */
function enough(spread: Spread, edges: readonly number[], minimumRows: number): number[] {
  const rows = spread.rowsBetween(edges);
  const kept: number[] = [];
  let [since, left] = [0, spread.count];
  edges.forEach((edge, i) => {
    since += rows[i]!;
    left -= rows[i]!;
    if (since < minimumRows || left < minimumRows) return;
    kept.push(edge);
    since = 0;
  });
  return kept;
}

function rowsOf(values: Float64Array, special: readonly number[]): number[] {
  const rows = special.map(() => 0);
  if (special.length === 0) return rows;
  const places = new Map(special.map((value, i) => [value, i]));
  for (let row = 0; row < values.length; row++) {
    const place = places.get(values[row]!);
    if (place !== undefined) rows[place]!++;
  }
  return rows;
}

function without(values: Float64Array, special: readonly number[]): Float64Array {
  const set = new Set(special);
  return values.map((value) => (set.has(value) ? Number.NaN : value));
}

function codeSpecial(values: Float64Array, special: readonly number[], first: number, codes: Uint8Array): void {
  const places = new Map(special.map((value, i) => [value, first + i]));
  for (let row = 0; row < values.length; row++) {
    const place = places.get(values[row]!);
    if (place !== undefined) codes[row] = place;
  }
}

function checkFinite(name: string, values: Float64Array): void {
  for (let row = 0; row < values.length; row++)
    if (values[row] === Number.POSITIVE_INFINITY || values[row] === Number.NEGATIVE_INFINITY)
      throw new TomboloError("input.columns", "a column to be binned holds infinite numbers", {
        remedy: "Leave the values empty, or the column out.",
        detail: { column: name },
      });
}

export function codeNumbers(values: Float64Array, fine: FineNumbers): { codes: Uint8Array; unforeseen: Unforeseen } {
  const { edges, range, special, pooled } = fine;
  const ordinary = range === null ? 0 : edges.length + 1;
  const none = fine.missing ?? NO_BIN;
  const places = new Map([
    ...special.map((value, i) => [value, ordinary + i] as const),
    ...pooled.map((value) => [value, none] as const),
  ]);
  const [least, most] = range ?? [Number.NaN, Number.NaN];
  const codes = new Uint8Array(values.length);
  let [missing, outside] = [0, 0];
  for (let row = 0; row < values.length; row++) {
    const value = values[row]!;
    const place = Number.isNaN(value) || range === null ? none : edgesUpTo(edges, value);
    const code = places.size === 0 ? place : (places.get(value) ?? place);
    codes[row] = code;
    if (Number.isNaN(value)) missing += Number(code === NO_BIN);
    else if (!(value >= least && value <= most) && !places.has(value)) outside++;
  }
  return { codes, unforeseen: { missing, unseen: 0, outside } };
}
