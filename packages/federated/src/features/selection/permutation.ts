/**
 * What a column is worth to an additive model: how far its AUC falls when the column's parts of the margins are shuffled among
 * rows (Breiman, "Random Forests", Machine Learning 45, 2001; parts of an additive model move with the column alone).
 */
import { auc } from "../../evaluation/curves.ts";
import { rank } from "../../evaluation/ranking.ts";

export interface Part {
  readonly name: string;
  /** What the column adds to each row's margin. */
  readonly values: Float64Array;
}

/** Mean fall of AUC for each part, by `orders` of the rows; null without both labels. `labels` are 0 and 1. */
export function permutationFalls(
  labels: Float64Array,
  parts: readonly Part[],
  orders: readonly Uint32Array[],
): (number | null)[] {
  const margins = new Float64Array(labels.length);
  for (const { values } of parts) for (let row = 0; row < margins.length; row++) margins[row]! += values[row]!;
  const whole = auc(rank(labels, margins));
  return parts.map(({ values }) => {
    if (whole === null) return null;
    const falls = orders.map((order) => {
      const shuffled = margins.map((margin, row) => margin - values[row]! + values[order[row]!]!);
      return whole - auc(rank(labels, shuffled))!;
    });
    return falls.reduce((sum, fall) => sum + fall, 0) / falls.length;
  });
}
