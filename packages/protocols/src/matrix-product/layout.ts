/**
 * Coefficient packing (Huang, Lu, Hong, Ding, "Cheetah", USENIX Security 2022, section 3.1), with signs turned so that results
 * are at multiples of the period: a group's rows i and a block's columns c lie at i·period + c, a vector's at -c, where
 * X^-c = -X^(N - c). In their product, coefficient i·period is row i times the vector, and nothing else.
 */
import { mergedPlace } from "@tombolo/crypto";
import type { ProductPlan } from "./plan.ts";

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

/** Numbers of polynomials, of each block one of each vector; vectors lie one after the other. */
export function vectorPolynomials(
  { of, columns, vectors, period, blocks }: ProductPlan,
  values: BigUint64Array,
): BigUint64Array {
  const { size } = of.parameters;
  const out = new BigUint64Array(blocks * vectors * size);
  for (let block = 0; block < blocks; block++)
    for (let vector = 0; vector < vectors; vector++) {
      const at = (block * vectors + vector) * size;
      const from = vector * columns + block * period;
      for (let c = 0; c < Math.min(period, columns - block * period); c++)
        out[at + (c === 0 ? 0 : size - c)] = c === 0 ? values[from]! : -values[from + c]!;
    }
  return out;
}

/** Rows of output `output`, at most 2^depth groups, from its coefficients; they go into `to`, whose first row is that of the matrix. */
export function takeRows(plan: ProductPlan, coefficients: BigUint64Array, output: number, to: BigUint64Array): void {
  const { rows, rowsAtOnce, period, depth } = plan;
  for (let group = 0; group < 2 ** depth; group++)
    for (let i = 0; i < rowsAtOnce; i++) {
      const row = (output * 2 ** depth + group) * rowsAtOnce + i;
      if (row >= rows) return;
      to[row] = coefficients[mergedPlace(period, depth, group, i)]!;
    }
}
