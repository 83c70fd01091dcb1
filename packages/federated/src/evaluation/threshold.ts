/** Figures at one threshold: a row is called positive when its score is at least the threshold. */
import { checkBinary, ratio } from "./checks.ts";
import type { Ranking } from "./ranking.ts";

export interface Confusion {
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly trueNegatives: number;
  readonly falseNegatives: number;
}

/** Each in [0, 1]; null where there is nothing to divide by. */
export interface ThresholdFigures {
  readonly accuracy: number | null;
  readonly precision: number | null;
  readonly recall: number | null;
  readonly specificity: number | null;
  /** Harmonic mean of precision and recall (van Rijsbergen 1979): 2·TP / (2·TP + FP + FN). */
  readonly f1: number | null;
}

export function confusionAt(labels: Float64Array, scores: Float64Array, threshold: number): Confusion {
  checkBinary(labels, scores);
  const counts = { truePositives: 0, falsePositives: 0, trueNegatives: 0, falseNegatives: 0 };
  labels.forEach((label, row) => {
    const called = scores[row]! >= threshold;
    if (called) counts[label === 1 ? "truePositives" : "falsePositives"]++;
    else counts[label === 1 ? "falseNegatives" : "trueNegatives"]++;
  });
  return counts;
}

export function thresholdFigures(confusion: Confusion): ThresholdFigures {
  const { truePositives: tp, falsePositives: fp, trueNegatives: tn, falseNegatives: fn } = confusion;
  return {
    accuracy: ratio(tp + tn, tp + fp + tn + fn),
    precision: ratio(tp, tp + fp),
    recall: ratio(tp, tp + fn),
    specificity: ratio(tn, tn + fp),
    f1: ratio(2 * tp, 2 * tp + fp + fn),
  };
}

/** The highest threshold with the largest F1; null without positives. */
export function bestF1(ranking: Ranking): { readonly threshold: number; readonly f1: number } | null {
  if (ranking.positives === 0) return null;
  let best = { threshold: ranking.thresholds[0]!, f1: -1 };
  ranking.thresholds.forEach((threshold, i) => {
    const [tp, fp] = [ranking.truePositives[i]!, ranking.falsePositives[i]!];
    const f1 = (2 * tp) / (tp + fp + ranking.positives);
    if (f1 > best.f1) best = { threshold, f1 };
  });
  return best;
}

/** A matrix with a cell of 1 to k - 1 rows is withheld whole: its other cells and the totals would give it away. */
export const suppressed = (confusion: Confusion, minimumRows: number): boolean =>
  Object.values(confusion).some((count) => count > 0 && count < minimumRows);
