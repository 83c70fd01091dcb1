/** Columns of numbers as unit vectors whose products are correlations. */

/** Mean 0 and length 1; null for a constant. */
export function standardised(values: Float64Array): Float64Array | null {
  const first = values[0];
  if (values.every((value) => value === first)) return null;
  // Scaled first, so that squares of large values do not overflow.
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const out = values.map((value) => value / largest);
  const mean = out.reduce((sum, value) => sum + value, 0) / out.length;
  let squares = 0;
  for (let i = 0; i < out.length; i++) {
    out[i] = out[i]! - mean;
    squares += out[i]! ** 2;
  }
  const length = Math.sqrt(squares);
  for (let i = 0; i < out.length; i++) out[i] = out[i]! / length;
  return out;
}

/** Places 1 to n in ascending order; equal values have the mean of theirs. */
export function ranks(values: Float64Array): Float64Array {
  const order = Uint32Array.from(values.keys()).sort((a, b) => values[a]! - values[b]!);
  const out = new Float64Array(values.length);
  for (let from = 0, to = 0; from < order.length; from = to) {
    const value = values[order[from]!]!;
    while (to < order.length && values[order[to]!] === value) to++;
    for (let i = from; i < to; i++) out[order[i]!] = (from + 1 + to) / 2;
  }
  return out;
}

/** Products of all pairs of unit vectors, row by row, rounded. */
export function correlations(columns: readonly Float64Array[], decimals: number): Float64Array {
  const count = columns.length;
  const out = new Float64Array(count ** 2);
  columns.forEach((a, i) => {
    for (let j = 0; j <= i; j++) {
      const b = columns[j]!;
      let sum = 0;
      for (let row = 0; row < a.length; row++) sum += a[row]! * b[row]!;
      out[i * count + j] = out[j * count + i] = i === j ? 1 : rounded(sum, decimals);
    }
  });
  return out;
}

/** Within -1 and 1, where errors of rounding might lead beyond. */
export const rounded = (value: number, decimals: number): number =>
  Math.max(-1, Math.min(1, Math.round(value * 10 ** decimals) / 10 ** decimals)) + 0;
