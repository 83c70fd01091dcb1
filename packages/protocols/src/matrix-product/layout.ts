/**
 * Coefficient packing (Huang, Lu, Hong, Ding, "Cheetah", USENIX Security 2022, section 3.1), with signs turned so that results
 * are at multiples of the period: a group's rows i and a block's columns c lie at i·period + c, a vector's at -c, where
 * X^-c = -X^(N - c). In their product, coefficient i·period is row i times the vector, and nothing else.
 *
 * The same polynomials serve the transposed matrix: with a vector's number i, one for each row, at -i·period, coefficient c below
 * the period is column c times the vector, since any two rows are a period apart at least.
 *
 * Several vectors share a ciphertext where blocks are narrower than the period (Mono, Güneysu, "Implementing and Optimizing Matrix Triples
 * with Homomorphic Encryption", AsiaCCS 2023, and Cheetah's matrices): those of vector l are l·width further up, and so are its results.
 */
import type { ProductPlan, Side } from "./plan.ts";

/** Columns of integers, each with an entry for every row. */
export type MatrixColumns = readonly Int32Array[];

/**
 * Columns, or row after row: integers, bytes of 0 or more, or numbers of which entry = number·scale, rounded to the nearest integer. So the caller's own
 * table needs no copy.
 */
export type MatrixEntries =
  | MatrixColumns
  | BigInt64Array
  | Uint8Array
  | { readonly numbers: Float64Array; readonly scale: number };

const isColumns = (entries: MatrixEntries): entries is MatrixColumns => Array.isArray(entries);

export function hasShape(entries: MatrixEntries, rows: number, columns: number): boolean {
  if (isColumns(entries)) return entries.length === columns && entries.every((column) => column.length === rows);
  return ("numbers" in entries ? entries.numbers.length : entries.length) === rows * columns;
}

/** Whether all are above -2^bits and below 2^bits; what is not a number is not. */
export function entriesWithin(entries: MatrixEntries, bits: number): boolean {
  if (entries instanceof BigInt64Array) {
    const bound = 1n << BigInt(bits);
    return entries.every((entry) => entry < bound && entry > -bound);
  }
  const bound = 2 ** bits;
  if (isColumns(entries)) return entries.every((column) => smaller(column, bound));
  if (entries instanceof Uint8Array) return smaller(entries, bound);
  const { numbers, scale } = entries;
  return numbers.every((number) => Math.abs(Math.round(number * scale)) < bound);
}

function smaller(column: Int32Array | Uint8Array, bound: number): boolean {
  for (let i = 0; i < column.length; i++) if (Math.abs(column[i]!) >= bound) return false;
  return true;
}

/** Plaintext polynomials of `groups` groups of rows from `first` on, block by block; rows and columns that are not there are 0. */
export function matrixPolynomials(
  plan: ProductPlan,
  matrix: MatrixEntries,
  first: number,
  groups: number,
): BigUint64Array {
  const out = new BigUint64Array(groups * plan.blocks * plan.of.parameters.size);
  if (isColumns(matrix)) putColumns(plan, matrix, { first, groups }, out);
  else putRows(plan, matrix, { first, groups }, out);
  return out;
}

interface Groups {
  readonly first: number;
  readonly groups: number;
}

function putRows(
  { of, rows, columns, period, width, blocks, rowsAtOnce }: ProductPlan,
  matrix: RowByRow,
  { first, groups }: Groups,
  out: BigUint64Array,
): void {
  const { size } = of.parameters;
  const put = putter(matrix, out);
  for (let group = 0; group < groups; group++)
    for (let i = 0; i < rowsAtOnce; i++) {
      const row = (first + group) * rowsAtOnce + i;
      if (row >= rows) return;
      for (let block = 0; block < blocks; block++) {
        const from = row * columns + block * width;
        put(from, from + Math.min(width, columns - block * width), (group * blocks + block) * size + i * period);
      }
    }
}

/** As signed words, of 64 bits: low half, high half. */
function putColumns(
  { of, rows, period, width, blocks, rowsAtOnce }: ProductPlan,
  matrix: MatrixColumns,
  { first, groups }: Groups,
  out: BigUint64Array,
): void {
  const { size } = of.parameters;
  const halves = new Uint32Array(out.buffer);
  for (let group = 0; group < groups; group++) {
    const from = (first + group) * rowsAtOnce;
    const to = Math.min(rows, from + rowsAtOnce);
    matrix.forEach((column, j) => {
      const at = (group * blocks + Math.floor(j / width)) * size + (j % width);
      for (let row = from, half = 2 * at; row < to; row++, half += 2 * period) {
        const entry = column[row]!;
        halves[half] = entry;
        halves[half + 1] = entry >> 31;
      }
    });
  }
}

type RowByRow = Exclude<MatrixEntries, MatrixColumns>;

/** Copies entries `from` to `to` as signed words of 64 bits. */
function putter(matrix: RowByRow, out: BigUint64Array): (from: number, to: number, at: number) => void {
  if (matrix instanceof BigInt64Array) {
    const signed = new BigInt64Array(out.buffer);
    return (from, to, at) => signed.set(matrix.subarray(from, to), at);
  }
  const halves = new Uint32Array(out.buffer);
  if (matrix instanceof Uint8Array)
    return (from, to, at) => {
      for (let i = from, half = 2 * at; i < to; i++, half += 2) halves[half] = matrix[i]!;
    };
  const { numbers, scale } = matrix;
  return (from, to, at) => {
    for (let i = from, half = 2 * at; i < to; i++, half += 2) {
      const entry = Math.round(numbers[i]! * scale);
      halves[half] = entry; // modulo 2^32, as typed arrays store
      halves[half + 1] = Math.floor(entry / 2 ** 32);
    }
  };
}

/** Numbers of polynomials, of each block (or, turned, group of rows) one of each lot of vectors; vectors lie one after the other. */
export function vectorPolynomials(
  { of, vectors, lots, together, width, period, rowsAtOnce }: ProductPlan,
  { turned, length, inputs }: Side,
  values: BigUint64Array,
): BigUint64Array {
  const { size } = of.parameters;
  const [step, part] = turned ? [period, rowsAtOnce] : [1, width];
  const out = new BigUint64Array(inputs * lots * size);
  for (let input = 0; input < inputs; input++)
    for (let vector = 0; vector < vectors; vector++) {
      const at = (input * lots + Math.floor(vector / together)) * size;
      const from = vector * length + input * part;
      const first = (vector % together) * width;
      for (let i = 0; i < Math.min(part, length - input * part); i++) {
        const place = first - i * step;
        if (place >= 0) out[at + place] = values[from + i]!;
        else out[at + size + place] = -values[from + i]!;
      }
    }
  return out;
}

/** Numbers of a lot's results from those that answer `output` has of them; they go into `to`, which is of all vectors' results. */
export function takeResults(
  { vectors, together, width, rowsAtOnce, period }: ProductPlan,
  { turned, results, places }: Side,
  answer: BigUint64Array,
  { output, lot }: { readonly output: number; readonly lot: number },
  to: BigUint64Array,
): void {
  const first = output * (turned ? width : rowsAtOnce);
  const count = Math.min(turned ? width : rowsAtOnce, results - first);
  for (let l = 0; l < Math.min(together, vectors - lot * together); l++) {
    const at = (lot * together + l) * results + first;
    if (turned) to.set(answer.subarray(l * width, l * width + count), at);
    else for (let i = 0; i < count; i++) to[at + i] = answer[(i * period + l * width) / places.stride]!;
  }
}
