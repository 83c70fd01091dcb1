/** Small dense matrices, row by row: what a party computes on its own columns, and on opened sums. */

/** Lower triangle L with L·Lᵀ = matrix (size × size), or the first row whose pivot is below `least` of its diagonal. */
export function cholesky(
  matrix: Float64Array,
  size: number,
  least: number,
): { readonly lower: Float64Array } | { readonly dependent: number } {
  const lower = new Float64Array(size * size);
  for (let i = 0; i < size; i++)
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * size + j]!;
      for (let k = 0; k < j; k++) sum -= lower[i * size + k]! * lower[j * size + k]!;
      if (i > j) lower[i * size + j] = sum / lower[j * size + j]!;
      else if (sum > least * matrix[i * size + i]!) lower[i * size + i] = Math.sqrt(sum);
      else return { dependent: i };
    }
  return { lower };
}

/** x with L·x = b. */
export function solveLower(lower: Float64Array, size: number, b: Float64Array): Float64Array {
  const x = b.slice();
  for (let i = 0; i < size; i++) {
    for (let k = 0; k < i; k++) x[i]! -= lower[i * size + k]! * x[k]!;
    x[i]! /= lower[i * size + i]!;
  }
  return x;
}

/** x with Lᵀ·x = b. */
export function solveTransposed(lower: Float64Array, size: number, b: Float64Array): Float64Array {
  const x = b.slice();
  for (let i = size - 1; i >= 0; i--) {
    for (let k = i + 1; k < size; k++) x[i]! -= lower[k * size + i]! * x[k]!;
    x[i]! /= lower[i * size + i]!;
  }
  return x;
}

/** Lᵀ·x: what `solveTransposed` undoes. */
export const timesLower = (lower: Float64Array, size: number, x: Float64Array): Float64Array =>
  Float64Array.from({ length: size }, (_, i) => {
    let sum = 0;
    for (let k = i; k < size; k++) sum += lower[k * size + i]! * x[k]!;
    return sum;
  });

/** Of L·Lᵀ. */
export function inverse(lower: Float64Array, size: number): Float64Array {
  const out = new Float64Array(size * size);
  for (let column = 0; column < size; column++) {
    const unit = new Float64Array(size);
    unit[column] = 1;
    const solved = solveTransposed(lower, size, solveLower(lower, size, unit));
    for (let row = 0; row < size; row++) out[row * size + column] = solved[row]!;
  }
  return out;
}

export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

const BLOCK_ROWS = 1024;

/**
 * Means over rows of products of columns. Blocks of rows stay in the cache while all pairs of columns pass over them. `roots`: square
 * roots of the rows' weights; null: all 1.
 */
export function gram(columns: readonly Float64Array[], rows: number, roots: Float64Array | null = null): Float64Array {
  const size = columns.length;
  const out = new Float64Array(size * size);
  for (let from = 0; from < rows; from += BLOCK_ROWS) {
    const parts = columns.map((column) => {
      const part = column.subarray(from, Math.min(rows, from + BLOCK_ROWS));
      return roots === null ? part : part.map((value, i) => value * roots[from + i]!);
    });
    for (let i = 0; i < size; i++) for (let j = 0; j <= i; j++) out[i * size + j]! += dot(parts[i]!, parts[j]!) / rows;
  }
  for (let i = 0; i < size; i++) for (let j = 0; j < i; j++) out[j * size + i] = out[i * size + j]!;
  return out;
}

/** Columns times the inverse of Lᵀ, in place: their Gram matrix was L·Lᵀ and is the identity then. */
export function whiten(columns: readonly Float64Array[], rows: number, lower: Float64Array): void {
  const size = columns.length;
  for (let from = 0; from < rows; from += BLOCK_ROWS) {
    const parts = columns.map((column) => column.subarray(from, Math.min(rows, from + BLOCK_ROWS)));
    for (let i = 0; i < size; i++) {
      const own = parts[i]!;
      for (let k = 0; k < i; k++) subtract(own, lower[i * size + k]!, parts[k]!);
      const scale = 1 / lower[i * size + i]!;
      for (let row = 0; row < own.length; row++) own[row]! *= scale;
    }
  }
}

function subtract(from: Float64Array, factor: number, what: Float64Array): void {
  for (let row = 0; row < from.length; row++) from[row]! -= factor * what[row]!;
}
