/** Curves over all thresholds, thinned for charts, and the figures read off them. */
import type { Ranking } from "./ranking.ts";

/** [x, y] */
export type Point = readonly [number, number];

export interface CurveOptions {
  /** Points at most; at least 3. */
  readonly pointsMax: number;
  /** Rows that neighbouring points lie apart at least, so that no point shows a single row. 1 or less: no limit. */
  readonly minimumRows: number;
}

export const defaultCurveOptions: CurveOptions = { pointsMax: 200, minimumRows: 1 };

/** One false positive rate, true positive rate and share of rows for each step; null without both classes. */
interface Rates {
  readonly tpr: Float64Array;
  readonly fpr: Float64Array;
}

function rates({ rows, positives, truePositives, falsePositives }: Ranking): Rates | null {
  const negatives = rows - positives;
  if (positives === 0 || negatives === 0) return null;
  return { tpr: truePositives.map((n) => n / positives), fpr: falsePositives.map((n) => n / negatives) };
}

/**
 * Area under the ROC curve: the probability that a random positive scores above a random negative, ties counting half
 * (Hanley, McNeil 1982). In [0, 1]; 0.5 is chance. null without both classes.
 */
export function auc({ rows, positives, truePositives, falsePositives }: Ranking): number | null {
  const negatives = rows - positives;
  if (positives === 0 || negatives === 0) return null;
  let pairs = 0;
  let [above, below] = [0, 0];
  for (let i = 0; i < truePositives.length; i++) {
    const [tied, passed] = [truePositives[i]! - above, falsePositives[i]! - below];
    pairs += passed * (above + tied / 2);
    above = truePositives[i]!;
    below = falsePositives[i]!;
  }
  return pairs / (positives * negatives);
}

/**
 * Kolmogorov-Smirnov: the largest difference between true and false positive rate, and the threshold that reaches it
 * first. In [0, 1]. null without both classes.
 */
export function ks(ranking: Ranking): { readonly value: number; readonly threshold: number } | null {
  const found = rates(ranking);
  if (found === null) return null;
  let best = 0;
  for (let i = 1; i < found.tpr.length; i++) if (gap(found, i) > gap(found, best)) best = i;
  return { value: Math.max(0, gap(found, best)), threshold: ranking.thresholds[best]! };
}

const gap = ({ tpr, fpr }: Rates, i: number): number => tpr[i]! - fpr[i]!;

/** Σ (recall[i] - recall[i - 1])·precision[i], without interpolation. In [0, 1]; null without positives. */
export function averagePrecision({ positives, truePositives, falsePositives }: Ranking): number | null {
  if (positives === 0) return null;
  let area = 0;
  let before = 0;
  truePositives.forEach((found, i) => {
    area += ((found - before) / positives) * (found / (found + falsePositives[i]!));
    before = found;
  });
  return area;
}

/** False against true positive rate, from (0, 0) to (1, 1). */
export function rocCurve(ranking: Ranking, options: CurveOptions = defaultCurveOptions): Point[] {
  const found = rates(ranking);
  if (found === null) return [];
  return [[0, 0], ...steps(ranking, options).map((i): Point => [found.fpr[i]!, found.tpr[i]!])];
}

/** Share of rows taken against true and false positive rate: the two lines of a KS chart. */
export function ksCurves(
  ranking: Ranking,
  options: CurveOptions = defaultCurveOptions,
): { readonly tpr: Point[]; readonly fpr: Point[] } {
  const found = rates(ranking);
  if (found === null) return { tpr: [], fpr: [] };
  const kept = steps(ranking, options);
  const line = (values: Float64Array): Point[] => [[0, 0], ...kept.map((i): Point => [depth(ranking, i), values[i]!])];
  return { tpr: line(found.tpr), fpr: line(found.fpr) };
}

/** Recall against precision. */
export function precisionRecallCurve(ranking: Ranking, options: CurveOptions = defaultCurveOptions): Point[] {
  if (ranking.positives === 0) return [];
  return steps(ranking, options).map((i): Point => {
    const [found, wrong] = [ranking.truePositives[i]!, ranking.falsePositives[i]!];
    return [found / ranking.positives, found / (found + wrong)];
  });
}

/** Share of rows taken against share of positives found: the gain curve. */
export function gainCurve(ranking: Ranking, options: CurveOptions = defaultCurveOptions): Point[] {
  if (ranking.positives === 0) return [];
  const found = (i: number): number => ranking.truePositives[i]! / ranking.positives;
  return [[0, 0], ...steps(ranking, options).map((i): Point => [depth(ranking, i), found(i)])];
}

/** Share of rows taken against how many times more positives than by chance: the lift curve. */
export const liftCurve = (ranking: Ranking, options: CurveOptions = defaultCurveOptions): Point[] =>
  gainCurve(ranking, options)
    .slice(1)
    .map(([x, y]): Point => [x, y / x]);

const taken = ({ truePositives, falsePositives }: Ranking, i: number): number => truePositives[i]! + falsePositives[i]!;
const depth = (ranking: Ranking, i: number): number => taken(ranking, i) / ranking.rows;

/**
 * The steps to draw, the last always among them. Evenly spaced along the ROC curve (by the sum of both rates), which
 * keeps its steep start where positives are rare.
 */
function steps(ranking: Ranking, { pointsMax, minimumRows }: CurveOptions): number[] {
  const last = ranking.thresholds.length - 1;
  const found = rates(ranking);
  const travelled = (i: number): number => (found === null ? 2 * depth(ranking, i) : found.tpr[i]! + found.fpr[i]!);
  const stride = 2 / Math.max(1, pointsMax - 2);
  const kept: number[] = [];
  let [rows, way] = [0, 0];
  for (let i = 0; i < last; i++) {
    if (taken(ranking, i) - rows < minimumRows || travelled(i) - way < stride) continue;
    kept.push(i);
    [rows, way] = [taken(ranking, i), travelled(i)];
  }
  while (kept.length > 0 && ranking.rows - taken(ranking, kept.at(-1)!) < minimumRows) kept.pop();
  return [...kept, last];
}
