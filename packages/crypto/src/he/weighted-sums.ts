/**
 * Sums of encrypted numbers with weights that are known: Σ_i x_ij·m_i for each column j of a matrix of 12-bit numbers, from the
 * encryptions of m_i.
 *
 * The buckets of Pippenger, "On the evaluation of powers and related problems", FOCS 1976: the numbers of rows with the same digit
 * of x, of 6 bits, are added first, which is one product a row and digit; then sums by digits become sums by halves of digits, and those
 * sums by bits, which are joined by doubling. That is four native calls, whatever the number of rows.
 *
 * Not constant-time: which bucket a row goes to follows from the weights, at their owner. What is added carries the randomness of
 * the encryptions: re-randomise before sums go anywhere.
 */
import type { HePublicKey } from "./types.ts";

/** Bits of a weight. */
export const WEIGHT_BITS = 12;
const DIGIT_BITS = 6;
const HALF_BITS = 3;
const DIGITS = WEIGHT_BITS / DIGIT_BITS;
const DIGIT_VALUES = 2 ** DIGIT_BITS;
const HALF_VALUES = 2 ** HALF_BITS;
/** Buckets of so many columns at once: some 16 MB of 2048-bit ciphertexts. */
const COLUMNS_AT_ONCE = 512;

/** One ciphertext for each column; a column has a weight for each ciphertext. Plaintexts have to have room for the sums. */
export async function weightedSums(
  key: HePublicKey,
  ciphertexts: Uint8Array,
  columns: readonly Uint16Array[],
): Promise<Uint8Array> {
  const sums = new Uint8Array(columns.length * key.ciphertextBytes);
  for (let from = 0; from < columns.length; from += COLUMNS_AT_ONCE) {
    const some = columns.slice(from, from + COLUMNS_AT_ONCE);
    sums.set(await sumsOfSome(key, ciphertexts, some), from * key.ciphertextBytes);
  }
  return sums;
}

async function sumsOfSome(
  key: HePublicKey,
  ciphertexts: Uint8Array,
  columns: readonly Uint16Array[],
): Promise<Uint8Array> {
  const rows = ciphertexts.length / key.ciphertextBytes;
  const digits = columns.length * DIGITS;
  const values = await key.histogram(ciphertexts, {
    bins: digitsOf(columns, rows),
    nodes: new Int32Array(rows),
    nodeCount: 1,
    featureCount: digits,
    binCount: DIGIT_VALUES,
  });
  const low = (cell: number): number => cell % HALF_VALUES;
  const high = (cell: number): number => Math.floor(cell / HALF_VALUES) % HALF_VALUES;
  const halves = await split(key, values, { each: DIGIT_VALUES, features: [low, high], binCount: HALF_VALUES });
  const isSet = [0, 1, 2].map((bit) => (cell: number) => (cell >> bit) & 1);
  const bits = await split(key, halves, { each: HALF_VALUES, features: isSet, binCount: 2 });
  return key.packShift(secondOfPairs(bits, key.ciphertextBytes), WEIGHT_BITS, 1);
}

interface Split {
  /** Cells that belong together. */
  readonly each: number;
  /** Of a cell, by its place. */
  readonly features: readonly ((cell: number) => number)[];
  readonly binCount: number;
}

/** Cells that belong together, summed up by each of their features. */
function split(key: HePublicKey, cells: Uint8Array, { each, features, binCount }: Split): Promise<Uint8Array> {
  const count = cells.length / key.ciphertextBytes;
  const bins = new Uint8Array(count * features.length);
  features.forEach((feature, f) => {
    for (let cell = 0; cell < count; cell++) bins[f * count + cell] = feature(cell);
  });
  const nodes = Int32Array.from({ length: count }, (_, cell) => Math.floor(cell / each));
  return key.histogram(cells, { bins, nodes, nodeCount: count / each, featureCount: features.length, binCount });
}

/** Each ciphertext times its number, of up to `bits` bits. Not constant-time. */
export async function timesNumbers(
  key: HePublicKey,
  ciphertexts: Uint8Array,
  numbers: readonly number[],
  { bits, zero }: { readonly bits: number; readonly zero: Uint8Array },
): Promise<Uint8Array> {
  const width = key.ciphertextBytes;
  const cells = new Uint8Array(numbers.length * bits * width);
  numbers.forEach((number, i) => {
    const own = ciphertexts.subarray(i * width, (i + 1) * width);
    for (let bit = 0; bit < bits; bit++)
      cells.set(Math.floor(number / 2 ** bit) % 2 === 1 ? own : zero, (i * bits + bit) * width);
  });
  return key.packShift(cells, bits, 1);
}

/** The sum of all. */
export const sumOfAll = (key: HePublicKey, ciphertexts: Uint8Array): Promise<Uint8Array> => {
  const rows = ciphertexts.length / key.ciphertextBytes;
  const one = { nodeCount: 1, featureCount: 1, binCount: 1 };
  return key.histogram(ciphertexts, { bins: new Uint8Array(rows), nodes: new Int32Array(rows), ...one });
};

/** [column][digit][row], the lowest digit first. */
function digitsOf(columns: readonly Uint16Array[], rows: number): Uint8Array {
  const out = new Uint8Array(columns.length * DIGITS * rows);
  columns.forEach((column, j) => {
    if (column.length !== rows) throw new RangeError("a weight for each ciphertext");
    const at = j * DIGITS * rows;
    for (let row = 0; row < rows; row++) {
      out[at + row] = column[row]! % DIGIT_VALUES;
      out[at + rows + row] = Math.floor(column[row]! / DIGIT_VALUES);
    }
  });
  return out;
}

function secondOfPairs(values: Uint8Array, width: number): Uint8Array {
  const out = new Uint8Array(values.length / 2);
  for (let at = 0; at < out.length; at += width) out.set(values.subarray(2 * at + width, 2 * at + 2 * width), at);
  return out;
}
