/**
 * Coefficient packing (Huang, Lu, Hong, Ding, "Cheetah", USENIX Security 2022, section 3.1), with signs turned so that results
 * are at multiples of the period: a group's rows i and a block's columns c lie at i·period + c, a vector's at -c, where
 * X^-c = -X^(N - c). In their product, coefficient i·period is row i times the vector, and nothing else.
 *
 * The same polynomials serve the transposed matrix: with a vector's number i, one for each row, at -i·period, coefficient c below
 * the period is column c times the vector, since any two rows are a period apart at least.
 */
import type { ProductPlan, Side } from "./plan.ts";

/**
 * Row after row: integers, or numbers of which entry = number·scale, rounded to the nearest integer, so that the caller's own
 * table needs no copy.
 */
export type MatrixEntries = BigInt64Array | { readonly numbers: Float64Array; readonly scale: number };

export const entryCount = (entries: MatrixEntries): number =>
  entries instanceof BigInt64Array ? entries.length : entries.numbers.length;

/** Whether all are above -2^bits and below 2^bits; what is not a number is not. */
export function entriesWithin(entries: MatrixEntries, bits: number): boolean {
  if (entries instanceof BigInt64Array) {
    const bound = 1n << BigInt(bits);
    return entries.every((entry) => entry < bound && entry > -bound);
  }
  const [{ numbers, scale }, bound] = [entries, 2 ** bits];
  return numbers.every((number) => Math.abs(Math.round(number * scale)) < bound);
}

/** Plaintext polynomials of `groups` groups of rows from `first` on, block by block; rows and columns that are not there are 0. */
export function matrixPolynomials(
  { of, rows, columns, period, blocks, rowsAtOnce }: ProductPlan,
  matrix: MatrixEntries,
  first: number,
  groups: number,
): BigUint64Array {
  const { size } = of.parameters;
  const out = new BigUint64Array(groups * blocks * size);
  const put = putter(matrix, out);
  for (let group = 0; group < groups; group++)
    for (let i = 0; i < rowsAtOnce; i++) {
      const row = (first + group) * rowsAtOnce + i;
      if (row >= rows) return out;
      for (let block = 0; block < blocks; block++) {
        const from = row * columns + block * period;
        put(from, from + Math.min(period, columns - block * period), (group * blocks + block) * size + i * period);
      }
    }
  return out;
}

/** Copies entries `from` to `to` as signed words of 64 bits. */
function putter(matrix: MatrixEntries, out: BigUint64Array): (from: number, to: number, at: number) => void {
  if (matrix instanceof BigInt64Array) {
    const signed = new BigInt64Array(out.buffer);
    return (from, to, at) => signed.set(matrix.subarray(from, to), at);
  }
  const [{ numbers, scale }, halves] = [matrix, new Uint32Array(out.buffer)];
  return (from, to, at) => {
    for (let i = from, half = 2 * at; i < to; i++, half += 2) {
      const entry = Math.round(numbers[i]! * scale);
      halves[half] = entry; // modulo 2^32, as typed arrays store
      halves[half + 1] = Math.floor(entry / 2 ** 32);
    }
  };
}

/** Numbers of polynomials, of each block (or, turned, group of rows) one of each vector; vectors lie one after the other. */
export function vectorPolynomials(
  { of, vectors, period, rowsAtOnce }: ProductPlan,
  { turned, length, inputs }: Side,
  values: BigUint64Array,
): BigUint64Array {
  const { size } = of.parameters;
  const [step, width] = turned ? [period, rowsAtOnce] : [1, period];
  const out = new BigUint64Array(inputs * vectors * size);
  for (let input = 0; input < inputs; input++)
    for (let vector = 0; vector < vectors; vector++) {
      const at = (input * vectors + vector) * size;
      const from = vector * length + input * width;
      out[at] = values[from]!;
      for (let i = 1; i < Math.min(width, length - input * width); i++) out[at + size - i * step] = -values[from + i]!;
    }
  return out;
}

/** Numbers of a result from those that answer `output` has of it; they go into `to`, which is of the whole result. */
export function takeResults(
  { rowsAtOnce, period }: ProductPlan,
  { turned, results, places }: Side,
  answer: BigUint64Array,
  output: number,
  to: BigUint64Array,
): void {
  if (turned) {
    to.set(answer.subarray(0, Math.min(period, results - output * period)), output * period);
    return;
  }
  const first = output * rowsAtOnce;
  for (let i = 0; i < Math.min(rowsAtOnce, results - first); i++) to[first + i] = answer[(i * period) / places.stride]!;
}
