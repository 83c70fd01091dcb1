/**
 * A matrix of small integers times a vector of words modulo 2^64, in the clear: words as four limbs of 20 bits, whose products with entries
 * below 2^24 add up exactly in doubles, 512 at a time.
 */
const LIMB_BITS = 20;
const LIMBS = 4;
const TERMS = 512;
export const CLEAR_ENTRY_BITS = 24;

interface Shape {
  readonly rows: number;
  readonly columns: number;
}

/** `turned`: the transposed matrix times a vector of `rows`. */
export function clearProduct(
  entries: Int32Array,
  { rows, columns }: Shape,
  vector: BigUint64Array,
  turned: boolean,
): BigUint64Array {
  const limbs = limbsOf(vector);
  return turned ? columnSums(entries, rows, columns, limbs) : rowSums(entries, rows, columns, limbs);
}

type Limbs = readonly [Float64Array, Float64Array, Float64Array, Float64Array];

function limbsOf(words: BigUint64Array): Limbs {
  const halves = new Uint32Array(words.buffer, words.byteOffset, 2 * words.length);
  const limbs = Array.from({ length: LIMBS }, () => new Float64Array(words.length)) as unknown as Limbs;
  const mask = 2 ** LIMB_BITS - 1;
  for (let i = 0; i < words.length; i++) {
    const [low, high] = [halves[2 * i]!, halves[2 * i + 1]!];
    limbs[0][i] = low & mask;
    limbs[1][i] = (low >>> LIMB_BITS) | ((high & 0xff) << (32 - LIMB_BITS));
    limbs[2][i] = (high >>> 8) & mask;
    limbs[3][i] = high >>> 28;
  }
  return limbs;
}

const word = (a: number, b: number, c: number, d: number): bigint =>
  BigInt(a) + (BigInt(b) << 20n) + (BigInt(c) << 40n) + (BigInt(d) << 60n);

function rowSums(entries: Int32Array, rows: number, columns: number, [a, b, c, d]: Limbs): BigUint64Array {
  const out = new BigUint64Array(rows);
  for (let row = 0; row < rows; row++)
    for (let from = 0; from < columns; from += TERMS) {
      let [w, x, y, z] = [0, 0, 0, 0];
      const [at, to] = [row * columns, Math.min(columns, from + TERMS)];
      for (let j = from; j < to; j++) {
        const entry = entries[at + j]!;
        w += entry * a[j]!;
        x += entry * b[j]!;
        y += entry * c[j]!;
        z += entry * d[j]!;
      }
      out[row] = out[row]! + word(w, x, y, z);
    }
  return out;
}

function columnSums(entries: Int32Array, rows: number, columns: number, limbs: Limbs): BigUint64Array {
  const out = new BigUint64Array(columns);
  const sums = limbs.map(() => new Float64Array(columns)) as unknown as Limbs;
  for (let from = 0; from < rows; from += TERMS) {
    for (const sum of sums) sum.fill(0);
    for (let row = from; row < Math.min(rows, from + TERMS); row++) addRow(entries, row * columns, limbs, row, sums);
    for (let j = 0; j < columns; j++) out[j] = out[j]! + word(sums[0][j]!, sums[1][j]!, sums[2][j]!, sums[3][j]!);
  }
  return out;
}

function addRow(entries: Int32Array, at: number, limbs: Limbs, row: number, [w, x, y, z]: Limbs): void {
  const [a, b, c, d] = [limbs[0][row]!, limbs[1][row]!, limbs[2][row]!, limbs[3][row]!];
  for (let j = 0; j < w.length; j++) {
    const entry = entries[at + j]!;
    w[j] = w[j]! + entry * a;
    x[j] = x[j]! + entry * b;
    y[j] = y[j]! + entry * c;
    z[j] = z[j]! + entry * d;
  }
}
