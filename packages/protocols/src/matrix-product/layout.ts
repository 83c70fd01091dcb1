/**
 * Coefficient packing (Huang, Lu, Hong, Ding, "Cheetah", USENIX Security 2022, section 3.1), with signs turned so that results
 * are at multiples of the period: a group's rows i and a block's columns c lie at i·period + c, a vector's at -c, where
 * X^-c = -X^(N - c). In their product, coefficient i·period is row i times the vector, and nothing else.
 */
import { mergedPlace } from "@tombolo/crypto";
import type { ProductPlan } from "./plan.ts";

/** Plaintext polynomials of `groups` groups of rows from `first` on, block by block; rows and columns that are not there are 0. */
export function matrixPolynomials(
  { of, rows, columns, period, blocks, rowsAtOnce }: ProductPlan,
  matrix: BigInt64Array,
  first: number,
  groups: number,
): BigUint64Array {
  const { size } = of.parameters;
  const out = new BigInt64Array(groups * blocks * size);
  for (let group = 0; group < groups; group++)
    for (let i = 0; i < rowsAtOnce; i++) {
      const row = (first + group) * rowsAtOnce + i;
      if (row >= rows) return unsigned(out);
      for (let block = 0; block < blocks; block++) {
        const from = row * columns + block * period;
        const part = matrix.subarray(from, from + Math.min(period, columns - block * period));
        out.set(part, (group * blocks + block) * size + i * period);
      }
    }
  return unsigned(out);
}

const unsigned = (values: BigInt64Array): BigUint64Array =>
  new BigUint64Array(values.buffer, values.byteOffset, values.length);

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
