/** The median of some rows' values: of an even number the mean of the middle two; with weights the least that half the weight reaches. */
export function median(values: Float64Array, rows: Int32Array, weights: Float64Array | null): number {
  if (rows.length === 0) return 0;
  if (weights !== null) return weightedMedian(values, rows, weights);
  const sorted = Float64Array.from(rows, (row) => values[row]!).sort();
  const upper = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[upper]! : (sorted[upper - 1]! + sorted[upper]!) / 2;
}

function weightedMedian(values: Float64Array, rows: Int32Array, weights: Float64Array): number {
  const sorted = rows.toSorted((a, b) => values[a]! - values[b]!);
  const total = rows.reduce((sum, row) => sum + weights[row]!, 0);
  let reached = 0;
  for (const row of sorted) {
    reached += weights[row]!;
    if (reached >= total / 2) return values[row]!;
  }
  return values[sorted.at(-1)!]!;
}
