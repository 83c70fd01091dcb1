/** Figures of one column of numbers, without its missing values. */

/** Ascending, without missing values. */
export const sortedValues = (values: Float64Array): Float64Array =>
  values.filter((value) => !Number.isNaN(value)).sort();

/** Of ascending values, at 0 <= share <= 1, linear between neighbours (numpy's default); NaN of none. */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  if (sorted.length === 0) return Number.NaN;
  const at = (sorted.length - 1) * share;
  const low = Math.floor(at);
  const [below, above] = [sorted[low]!, sorted[Math.min(low + 1, sorted.length - 1)]!];
  return below === above ? below : below + (above - below) * (at - low);
}

export interface Moments {
  readonly count: number;
  readonly mean: number;
  /** Over all values, not one fewer; 0 of one value, NaN of none. */
  readonly deviation: number;
}

/** Welford, so that far-off means cost no digits. */
export function moments(values: Float64Array): Moments {
  let [count, mean, squares] = [0, 0, 0];
  for (const value of values) {
    if (Number.isNaN(value)) continue;
    const delta = value - mean;
    mean += delta / ++count;
    squares += delta * (value - mean);
  }
  return count === 0
    ? { count, mean: Number.NaN, deviation: Number.NaN }
    : { count, mean, deviation: Math.sqrt(squares / count) };
}

/** The commonest value, the least of them where several are; NaN of none. */
export function mode(sorted: ArrayLike<number>): number {
  let [best, most] = [Number.NaN, 0];
  for (let from = 0; from < sorted.length; ) {
    let to = from;
    while (to < sorted.length && sorted[to] === sorted[from]) to++;
    if (to - from > most) [best, most] = [sorted[from]!, to - from];
    from = to;
  }
  return best;
}

/** Rows of each category, in the order of codes. */
export function countCodes(codes: Int32Array, categories: number): Float64Array {
  const counts = new Float64Array(categories);
  for (const code of codes) if (code >= 0) counts[code]!++;
  return counts;
}
