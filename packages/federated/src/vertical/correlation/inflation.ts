/**
 * Variance inflation: of each column 1 / (1 - R²) of its regression on all others, which is the diagonal of the inverse of the
 * matrix of correlations (Marquardt, Technometrics 12(3), 1970).
 *
 * Correlations are rounded, so that a matrix of columns that depend on each other may have no inverse, or a meaningless one. With
 * entries off by 10^-decimals / 2 at random, its eigenvalues are off by about e = 10^-decimals·sqrt(n), or less. Twice that much more on
 * the diagonal hardly changes what the figures determine; a value that it changes by a tenth says no more than that the
 * column follows from others, and is null.
 */
const CHANGE = 1.1;

export function inflation(matrix: Float64Array, decimals: number): (number | null)[] {
  const count = Math.sqrt(matrix.length);
  const error = 10 ** -decimals * Math.sqrt(count);
  const [near, far] = [inverseDiagonal(matrix, count, error), inverseDiagonal(matrix, count, 2 * error)];
  const exact = inverseDiagonal(matrix, count, 0);
  return Array.from({ length: count }, (_, i) => {
    const [one, two] = [near?.[i], far?.[i]];
    if (one === undefined || two === undefined || one > CHANGE * two) return null;
    const value = exact?.[i];
    // Other columns may depend on each other, and then nothing but the second tells of this one.
    return Math.max(1, value !== undefined && value < CHANGE * one ? value : one);
  });
}

/** By Cholesky: matrix + ridge = L·Lᵀ, so the inverse's diagonal has the squared lengths of the columns of L⁻¹. Null where there is none. */
function inverseDiagonal(matrix: Float64Array, count: number, ridge: number): Float64Array | null {
  const lower = new Float64Array(count ** 2);
  for (let i = 0; i < count; i++)
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * count + j]! + (i === j ? ridge : 0);
      for (let k = 0; k < j; k++) sum -= lower[i * count + k]! * lower[j * count + k]!;
      if (i === j && sum <= 1e-12) return null;
      lower[i * count + j] = i === j ? Math.sqrt(sum) : sum / lower[j * count + j]!;
    }
  const out = new Float64Array(count);
  const column = new Float64Array(count);
  for (let k = 0; k < count; k++) {
    column.fill(0);
    for (let i = k; i < count; i++) {
      let sum = i === k ? 1 : 0;
      for (let j = k; j < i; j++) sum -= lower[i * count + j]! * column[j]!;
      column[i] = sum / lower[i * count + i]!;
      out[k]! += column[i]! ** 2;
    }
  }
  return out;
}
