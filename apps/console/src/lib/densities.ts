/** Densities of equal-width bins, from quantiles that each hold the same share of rows. */
export function densities(quantiles: readonly number[], bins: number): number[] {
  const low = quantiles[0];
  const high = quantiles.at(-1);
  if (low === undefined || high === undefined || high <= low) return [];
  const width = (high - low) / bins;
  const mass = new Array<number>(bins).fill(0);
  for (let i = 0; i + 1 < quantiles.length; i++) {
    const from = quantiles[i]!;
    const to = quantiles[i + 1]!;
    const span = to - from;
    for (let bin = 0; bin < bins; bin++) {
      const left = low + bin * width;
      if (span <= 0) mass[bin]! += from >= left && (from < left + width || bin === bins - 1) ? 1 : 0;
      else mass[bin]! += Math.max(0, Math.min(to, left + width) - Math.max(from, left)) / span;
      if (span <= 0 && from >= left && from < left + width) break;
    }
  }
  const peak = Math.max(...mass);
  return mass.map((value) => value / peak);
}
