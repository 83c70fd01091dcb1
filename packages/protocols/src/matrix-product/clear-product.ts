/**
 * A matrix of small integers times a vector of words modulo 2^64, in the clear: words as three limbs of 22 bits, whose products with entries
 * below 2^24 add up exactly in doubles, 128 at a time.
 */
import type { MatrixColumns, MatrixEntries } from "./layout.ts";

export type Way = "forward" | "transposed";

/** A matrix that its owner also multiplies with words in the clear, in its own way. */
export interface ClearMatrix {
  readonly entries: MatrixEntries;
  /** Modulo 2^64. */
  times(vector: BigUint64Array, way: Way): BigUint64Array;
}

export const clearMatrix = (entries: MatrixColumns): ClearMatrix => ({
  entries,
  times: (vector, way) => clearProduct(entries, vector, way),
});

const LIMB_BITS = 22;
const LIMBS = 3;
const TERMS = 128;
/** Rows whose sums stay in the processor's cache while columns pass over them. */
const ROWS_AT_ONCE = 1024;

/** Forward: a number of the vector for each column, of the product for each row; transposed, the other way round. */
export function clearProduct(matrix: MatrixColumns, vector: BigUint64Array, way: Way): BigUint64Array {
  const limbs = limbsOf(vector);
  return way === "forward" ? rowSums(matrix, limbs) : columnSums(matrix, limbs);
}

type Limbs = readonly [Float64Array, Float64Array, Float64Array];

const limbArrays = (count: number): Limbs =>
  Array.from({ length: LIMBS }, () => new Float64Array(count)) as unknown as Limbs;

function limbsOf(words: BigUint64Array): Limbs {
  const halves = new Uint32Array(words.buffer, words.byteOffset, 2 * words.length);
  const limbs = limbArrays(words.length);
  const mask = 2 ** LIMB_BITS - 1;
  for (let i = 0; i < words.length; i++) {
    const [low, high] = [halves[2 * i]!, halves[2 * i + 1]!];
    limbs[0][i] = low & mask;
    limbs[1][i] = (low >>> LIMB_BITS) | ((high & 0xfff) << (32 - LIMB_BITS));
    limbs[2][i] = high >>> (2 * LIMB_BITS - 32);
  }
  return limbs;
}

function rowSums(matrix: MatrixColumns, limbs: Limbs): BigUint64Array {
  const rows = matrix[0]!.length;
  const out = new BigUint64Array(rows);
  const halves = new Uint32Array(out.buffer);
  const sums = limbArrays(ROWS_AT_ONCE);
  for (let from = 0; from < rows; from += ROWS_AT_ONCE) {
    const to = Math.min(rows, from + ROWS_AT_ONCE);
    for (let j = 0; j < matrix.length; j++) {
      addColumn(matrix[j]!, from, to, limbs, j, sums);
      if ((j + 1) % TERMS === 0 || j + 1 === matrix.length) moveSums(sums, halves, from, to);
    }
  }
  return out;
}

function addColumn(column: Int32Array, from: number, to: number, limbs: Limbs, j: number, [x, y, z]: Limbs): void {
  const [a, b, c] = [limbs[0][j]!, limbs[1][j]!, limbs[2][j]!];
  for (let row = from, i = 0; row < to; row++, i++) {
    const entry = column[row]!;
    x[i] = x[i]! + entry * a;
    y[i] = y[i]! + entry * b;
    z[i] = z[i]! + entry * c;
  }
}

function moveSums([x, y, z]: Limbs, halves: Uint32Array, from: number, to: number): void {
  for (let row = from, i = 0; row < to; row++, i++) {
    addWord(halves, row, x[i]!, y[i]!, z[i]!);
    x[i] = 0;
    y[i] = 0;
    z[i] = 0;
  }
}

function columnSums(matrix: MatrixColumns, [a, b, c]: Limbs): BigUint64Array {
  const out = new BigUint64Array(matrix.length);
  const halves = new Uint32Array(out.buffer);
  for (let j = 0; j < matrix.length; j++) {
    const column = matrix[j]!;
    for (let from = 0; from < column.length; from += TERMS) {
      let [x, y, z] = [0, 0, 0];
      const to = Math.min(column.length, from + TERMS);
      for (let row = from; row < to; row++) {
        const entry = column[row]!;
        x += entry * a[row]!;
        y += entry * b[row]!;
        z += entry * c[row]!;
      }
      addWord(halves, j, x, y, z);
    }
  }
  return out;
}

/** Adds x + y·2^22 + z·2^44 modulo 2^64, of whole numbers below 2^53 either way. */
function addWord(halves: Uint32Array, at: number, x: number, y: number, z: number): void {
  const low = halves[2 * at]! + (x >>> 0) + ((y << LIMB_BITS) >>> 0);
  const high = Math.floor(x / 2 ** 32) + Math.floor(y / 2 ** (32 - LIMB_BITS)) + ((z << (2 * LIMB_BITS - 32)) >>> 0);
  halves[2 * at] = low;
  halves[2 * at + 1] = halves[2 * at + 1]! + high + Math.floor(low / 2 ** 32);
}
