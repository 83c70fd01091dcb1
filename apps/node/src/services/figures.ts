/** Figures of a service: histograms, quantiles, population stability, and how well scores ranked what came to pass. */

/** Upper ends of the bins in ms; what takes longer goes into one more. */
export const LATENCY_EDGES_MS: readonly number[] = [
  0.5, 1, 1.5, 2, 3, 4, 5, 7, 10, 15, 20, 30, 50, 75, 100, 150, 200, 300, 500, 1000, 2000, 5000, 10_000,
];
export const SCORE_BINS = 20;
/** Below so many rows an index says more about chance than about drift. */
export const ROWS_FOR_STABILITY = 500;
/** Bins that the reference fills less are counted with the next: the index would follow single rows. */
const BIN_SHARE_MIN = 0.05;

export const zeros = (length: number): number[] => new Array<number>(length).fill(0);

/** Of rising edges, the bin of a value: bin i ends at edge i, inclusive; one bin more than edges. */
export function binOf(edges: readonly number[], value: number): number {
  let [low, high] = [0, edges.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (value <= edges[middle]!) high = middle;
    else low = middle + 1;
  }
  return low;
}

export function countsOf(edges: readonly number[], values: Iterable<number>): number[] {
  const counts = zeros(edges.length + 1);
  for (const value of values) counts[binOf(edges, value)]!++;
  return counts;
}

/** Inner edges of bins of equal width: over [0, 1] for what lies in it, else over what lies between the first and last percent. */
export function scoreEdges(values: readonly number[]): number[] {
  const sorted = Float64Array.from(values).sort();
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
  const inUnit = (sorted[0] ?? 0) >= 0 && (sorted.at(-1) ?? 1) <= 1;
  const [from, to] = inUnit ? [0, 1] : [at(0.01), at(0.99)];
  // Scores that hardly differ would make bins of no width.
  const span = to - from > 1e-9 * Math.max(1, Math.abs(from), Math.abs(to)) ? to - from : 1;
  const width = span / SCORE_BINS;
  return Array.from({ length: SCORE_BINS - 1 }, (_, i) => from + width * (i + 1));
}

/** The value below which a share of what was counted lies, linear within its bin; null if nothing was counted. */
export function quantileOf(edges: readonly number[], counts: readonly number[], share: number): number | null {
  const wanted = share * sum(counts);
  if (wanted === 0) return null;
  let before = 0;
  for (const [bin, count] of counts.entries()) {
    if (before + count >= wanted && count > 0) {
      const from = edges[bin - 1] ?? 0;
      const to = edges[bin] ?? edges.at(-1)!;
      return from + ((to - from) * (wanted - before)) / count;
    }
    before += count;
  }
  return edges.at(-1) ?? null;
}

/**
 * Population stability index: the sum of (q - p) ln(q / p) over bins, p the reference's share of a bin and q the share
 * seen. Symmetric, never negative; by custom 0.1 is worth a look and 0.25 a change. An empty bin counts as half a row.
 * Null where either has too few rows.
 */
export function stabilityIndex(reference: readonly number[], seen: readonly number[]): number | null {
  const [expected, found] = merged(reference, seen);
  const [total, now] = [sum(expected), sum(found)];
  if (now < ROWS_FOR_STABILITY || total < ROWS_FOR_STABILITY) return null;
  return expected.reduce((index, count, bin) => {
    const p = Math.max(count, 0.5) / total;
    const q = Math.max(found[bin]!, 0.5) / now;
    return index + (q - p) * Math.log(q / p);
  }, 0);
}

function merged(reference: readonly number[], seen: readonly number[]): [number[], number[]] {
  const least = sum(reference) * BIN_SHARE_MIN;
  const [expected, found]: [number[], number[]] = [[0], [0]];
  for (const [bin, count] of reference.entries()) {
    if (expected.at(-1)! >= least && expected.at(-1)! > 0) {
      expected.push(0);
      found.push(0);
    }
    expected[expected.length - 1]! += count;
    found[found.length - 1]! += seen[bin] ?? 0;
  }
  // What is left over after the last full bin belongs to it.
  if (expected.length > 1 && expected.at(-1)! < least) {
    const [more, moreSeen] = [expected.pop()!, found.pop()!];
    expected[expected.length - 1]! += more;
    found[found.length - 1]! += moreSeen;
  }
  return [expected, found];
}

/** Area under the ROC curve by ranks, ties halved; null unless both outcomes are there. */
export function rankedArea(scores: readonly number[], outcomes: readonly number[]): number | null {
  const order = scores.map((_, i) => i).sort((a, b) => scores[a]! - scores[b]!);
  let [rankSum, positives] = [0, 0];
  for (let from = 0; from < order.length; ) {
    let to = from;
    while (to < order.length && scores[order[to]!] === scores[order[from]!]) to++;
    const rank = (from + to + 1) / 2;
    for (const i of order.slice(from, to))
      if (outcomes[i] === 1) {
        rankSum += rank;
        positives++;
      }
    from = to;
  }
  const negatives = outcomes.filter((outcome) => outcome === 0).length;
  if (positives === 0 || negatives === 0) return null;
  return (rankSum - (positives * (positives + 1)) / 2) / (positives * negatives);
}

export const sum = (values: readonly number[]): number => values.reduce((total, each) => total + each, 0);

export function addCounts(into: number[], more: readonly number[]): void {
  for (const [i, count] of more.entries()) into[i] = (into[i] ?? 0) + count;
}

export function addNamed(into: Record<string, number>, more: Readonly<Record<string, number>>): void {
  for (const [name, count] of Object.entries(more)) into[name] = (into[name] ?? 0) + count;
}
