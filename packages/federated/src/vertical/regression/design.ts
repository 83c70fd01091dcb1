/**
 * A party's own columns as the matrix that it computes with: numbers standardised, text as one column for each category but the
 * commonest, rare ones merged, and, where asked, made uncorrelated among themselves ("whitened"). All of it is local;
 * coefficients are brought back to the columns' own units by their owner alone.
 *
 * Whitening is what turns steps along the gradient into steps of a block-diagonal Newton method with the fixed curvature
 * XᵀX/4 (Böhning, Lindsay, "Monotonicity of quadratic-approximation algorithms", 1988), without a message.
 */
import { type Column, columnLength, type TextColumn, TomboloError } from "@tombolo/base";
import { cholesky, gram, solveTransposed, whiten } from "./linear-algebra.ts";

/** A column of the matrix: a column of numbers, or whether a column of text has this category. */
export interface Term {
  readonly column: string;
  readonly category: string | null;
  /** Rare categories that stand together for one, which `category` lists for people; null: it is one by itself. */
  readonly merged: readonly string[] | null;
  readonly mean: number;
  /** Standard deviation. */
  readonly scale: number;
}

/** `Values`: a column of the matrix as it is kept. */
export interface Design<Values = Int32Array> {
  readonly terms: readonly Term[];
  readonly rows: number;
  /** The constant column first, if there is one; then one for each term. Sums of squares are the rows' number, with a ridge at most. */
  readonly columns: readonly Values[];
  readonly intercept: boolean;
  /** Of the whitened matrix, size of `columns`; null: standardised only. */
  readonly lower: Float64Array | null;
}

/** What a missing value is: a reason to end, or the column's mean, and of text the commonest category. */
export type Missing = "refuse" | "mean";

export interface DesignOptions {
  readonly intercept: boolean;
  readonly whiten: boolean;
  readonly missing: Missing;
  /** Rows in which a term has to differ from its commonest value: one that marks fewer would tell their labels. */
  readonly minimumRows: number;
  /** Parts of `parts.ts` whose sums are told: `minimumRows` is of each. Default: 1, all rows. */
  readonly parts?: number;
  /** What is whitened are mean products of columns with this on the diagonal, but for the constant: an L2 penalty. */
  readonly ridge?: number;
}

export const CATEGORIES_MAX = 64;
/** Characters of a column's or a category's name. */
export const NAME_MAX = 4096;
export const TERMS_MAX = 4096;
/** Of a column's variance, what others leave of it at least: below it is taken for their combination. */
const LEAST_OWN_SHARE = 1e-8;

/** Columns one after the other, so that those of a file are read as they are used. */
export type Columns = Iterable<Column> | AsyncIterable<Column>;

/**
 * `keep`: what stays of a column of the matrix, which it may discard. Without whitening no more than one column is in memory in any
 * other form; with it all are, until they are uncorrelated.
 */
export async function designOf<Values>(
  columns: Columns,
  rows: number,
  options: DesignOptions,
  keep: (values: Float64Array) => Values,
): Promise<Design<Values>> {
  const { intercept } = options;
  const terms: Term[] = [];
  const plain: Float64Array[] = [];
  const kept: Values[] = [];
  const take = (values: Float64Array): number => (options.whiten ? plain.push(values) : kept.push(keep(values)));
  if (intercept) take(new Float64Array(rows).fill(1));
  for await (const column of columns)
    for (const { term, values } of termsOf(column, rows, options)) {
      if (terms.push(term) > TERMS_MAX) throw tooManyTerms();
      take(values);
    }
  if (plain.length === 0) return { terms, rows, columns: kept, intercept, lower: null };
  const products = gram(plain, rows);
  for (let i = intercept ? 1 : 0; i < plain.length; i++) products[i * (plain.length + 1)]! += options.ridge ?? 0;
  const factor = cholesky(products, plain.length, LEAST_OWN_SHARE);
  if ("dependent" in factor) throw collinear(terms[factor.dependent - (intercept ? 1 : 0)]!);
  whiten(plain, rows, factor.lower);
  return { terms, rows, columns: plain.map(keep), intercept, lower: factor.lower };
}

/** The terms' values at rows that came later: of the same columns, categories and units. */
export function termValues(terms: readonly Term[], columns: readonly Column[], missing: Missing): Float64Array[] {
  return terms.map(({ column: name, category, merged, mean, scale }) => {
    const column = columns.find((each) => each.name === name);
    if (column === undefined || (category === null) !== (column.kind === "number"))
      throw new TomboloError("input.columns", "a column of the model is missing or of another kind", {
        detail: { column: name },
      });
    requireComplete(column, missing);
    const values = category === null ? numbersOf(column) : isCategory(column, merged ?? [category]);
    scaled(values, mean, scale);
    return values;
  });
}

export interface OwnCoefficients {
  /** Of each term, in units of its column; of several classes all terms of the first class first. */
  readonly coefficients: Float64Array;
  /** Of each class what the linear predictor is where all own columns are at their means. */
  readonly intercepts: Float64Array;
}

/** From coefficients of the matrix's columns, class after class. */
export function ownCoefficients(
  { terms, columns, intercept, lower }: Design<unknown>,
  w: Float64Array,
  outputs: number,
): OwnCoefficients {
  const first = intercept ? 1 : 0;
  const coefficients = new Float64Array(outputs * terms.length);
  const intercepts = new Float64Array(outputs);
  for (let output = 0; output < outputs; output++) {
    const own = w.subarray(output * columns.length, (output + 1) * columns.length);
    const standardised = lower === null ? own : solveTransposed(lower, columns.length, own);
    terms.forEach(({ scale }, i) => {
      coefficients[output * terms.length + i] = standardised[first + i]! / scale;
    });
    if (intercept) intercepts[output] = standardised[0]!;
  }
  return { coefficients, intercepts };
}

interface MadeTerm {
  readonly term: Term;
  readonly values: Float64Array;
}

/** One at a time: a column of text makes up to CATEGORIES_MAX. */
function* termsOf(column: Column, rows: number, options: DesignOptions): Generator<MadeTerm> {
  const { missing } = options;
  const least = { rows: options.minimumRows, parts: options.parts ?? 1 };
  if (columnLength(column) !== rows) throw new TomboloError("input.rows", "columns of different lengths");
  requireComplete(column, missing);
  if (column.kind === "number") {
    const name = { column: column.name, category: null, merged: null };
    yield standardised(name, numbersOf(column), least);
    return;
  }
  for (const { category, merged } of levelsOf(column, least))
    yield standardised({ column: column.name, category, merged }, isCategory(column, merged ?? [category]), least);
}

/** Rows of each part at least. */
interface Least {
  readonly rows: number;
  readonly parts: number;
}

/** Categories that are terms: all but the commonest, rare ones together. */
function levelsOf(column: TextColumn, least: Least): LevelName[] {
  const counts = new Map<string, number>();
  for (const code of column.codes) {
    const category = column.categories[code];
    if (category !== undefined) counts.set(category, (counts.get(category) ?? 0) + 1);
  }
  if (counts.size < 2) throw constant(column.name);
  if (counts.size > CATEGORIES_MAX)
    throw new TomboloError("input.columns", `a text column has more than ${CATEGORIES_MAX} categories`, {
      remedy: "Leave the column out, or group its categories before importing it.",
      detail: { column: column.name, categories: counts.size },
    });
  const byCount = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  const all = byCount.map(([category]) => category);
  const frequent = all.filter((category) => fewest(column, [category], least.parts) >= least.rows);
  const rare = all.filter((category) => !frequent.includes(category));
  const levels = frequent
    .slice(1)
    .map((category): LevelName => ({ category, merged: null }))
    .sort((a, b) => (a.category < b.category ? -1 : 1));
  // Too few to be a level together: they are of the commonest one then, as what is missing is.
  const together = fewest(column, rare, least.parts) >= least.rows;
  if (frequent.length > 0 && together) levels.push(levelOf(rare.sort()));
  if (levels.length === 0) throw nearlyConstant(column.name, least);
  return levels;
}

/** Rows that have one of these categories, in the part that has fewest of them. */
function fewest(column: TextColumn, categories: readonly string[], parts: number): number {
  const [codes, counts] = [codesOf(column, categories), new Float64Array(parts)];
  column.codes.forEach((code, row) => {
    if (codes.has(code)) counts[row % parts]!++;
  });
  return counts.reduce((one, other) => Math.min(one, other));
}

interface LevelName {
  readonly category: string;
  readonly merged: readonly string[] | null;
}

const NAMES_SHOWN = 3;

function levelOf(rare: readonly string[]): LevelName {
  if (rare.length === 1) return { category: rare[0]!, merged: null };
  const rest = rare.length > NAMES_SHOWN ? " …" : "";
  return { category: `${rare.slice(0, NAMES_SHOWN).join(" / ")}${rest}`.slice(0, NAME_MAX), merged: rare };
}

/** Changes `values`. */
function standardised(name: Omit<Term, "mean" | "scale">, values: Float64Array, least: Least): MadeTerm {
  let [sum, present] = [0, 0];
  for (const value of values)
    if (!Number.isNaN(value)) {
      sum += value;
      present++;
    }
  const mean = sum / Math.max(1, present);
  let squares = 0;
  for (const value of values) squares += Number.isNaN(value) ? 0 : (value - mean) ** 2;
  const scale = Math.sqrt(squares / values.length);
  if (!(scale > 1e-12 * Math.abs(mean)) || scale === 0) throw constant(name.column);
  scaled(values, mean, scale);
  for (let part = 0; part < least.parts; part++)
    if (!varies(valuesOf(values, part, least.parts), least.rows)) throw nearlyConstant(name.column, least);
  return { term: { ...name, mean, scale }, values };
}

function valuesOf(values: Float64Array, part: number, parts: number): Float64Array {
  if (parts === 1) return values;
  const out = new Float64Array(Math.ceil((values.length - part) / parts));
  for (let i = 0; i < out.length; i++) out[i] = values[part + i * parts]!;
  return out;
}

/**
 * Whether `rows` rows or more differ from the commonest value. Of two rows that differ one at least does, so as many pairs show it after
 * a few rows of most columns; only of others the commonest value is counted.
 */
function varies(values: Float64Array, rows: number): boolean {
  const half = Math.floor(values.length / 2);
  for (let i = 0, pairs = 0; i < half; i++) if (values[i] !== values[i + half] && ++pairs === rows) return true;
  return values.length - commonest(values) >= rows;
}

/** How often the value occurs that occurs most often. */
function commonest(values: Float64Array): number {
  const sorted = values.slice().sort();
  let [most, from] = [0, 0];
  for (let i = 1; i <= sorted.length; i++)
    if (i === sorted.length || sorted[i] !== sorted[from]) {
      most = Math.max(most, i - from);
      from = i;
    }
  return most;
}

/** In place; what is missing is the mean. */
function scaled(values: Float64Array, mean: number, scale: number): void {
  for (let row = 0; row < values.length; row++)
    values[row] = Number.isNaN(values[row]!) ? 0 : (values[row]! - mean) / scale;
}

const numbersOf = (column: Column): Float64Array =>
  column.kind === "number" ? column.values.slice() : new Float64Array(0);

function isCategory(column: Column, categories: readonly string[]): Float64Array {
  if (column.kind === "number") return new Float64Array(0);
  const codes = codesOf(column, categories);
  return Float64Array.from(column.codes, (each) => (codes.has(each) ? 1 : 0));
}

const codesOf = (column: TextColumn, categories: readonly string[]): ReadonlySet<number> =>
  new Set(categories.map((category) => column.categories.indexOf(category)).filter((code) => code >= 0));

/** Infinite values are refused always. */
function requireComplete(column: Column, missing: Missing): void {
  let rows = 0;
  if (column.kind === "number") {
    const { values } = column;
    for (let i = 0; i < values.length; i++)
      if (!Number.isFinite(values[i]!) && (missing === "refuse" || !Number.isNaN(values[i]!))) rows++;
  } else if (missing === "refuse") for (const code of column.codes) if (code < 0) rows++;
  if (rows === 0) return;
  throw new TomboloError("input.missing", "a column has missing or infinite values", {
    remedy: 'Let "mean" stand for what is missing, leave out those rows, or choose other columns.',
    detail: { column: column.name, rows },
  });
}

const tooManyTerms = (): TomboloError =>
  new TomboloError("input.columns", `a party's columns make more than ${TERMS_MAX} terms`, {
    remedy: "Choose fewer columns, or text columns with fewer categories.",
  });

const constant = (column: string): TomboloError =>
  new TomboloError("input.constant", "a column has one value in all matched rows", {
    remedy: "Leave the column out.",
    detail: { column },
  });

const nearlyConstant = (column: string, { rows, parts }: Least): TomboloError =>
  new TomboloError(
    "input.nearly-constant",
    `a column differs from its commonest value in fewer than ${rows} rows${parts > 1 ? " of a batch" : ""}`,
    {
      remedy: `Leave the column out${parts > 1 ? ", or take larger batches" : ""}: its coefficient would tell about those rows.`,
      detail: { column },
    },
  );

const collinear = ({ column, category }: Term): TomboloError =>
  new TomboloError("input.collinear", "a column is a combination of other columns of the same party", {
    remedy: "Leave one of them out, or give an L2 penalty.",
    detail: { column, ...(category === null ? {} : { category }) },
  });
