/**
 * Rows ranked by score, equal scores as one step: the one thing ROC, KS, lift, gain and precision/recall all read.
 * Nothing in it depends on the order of rows.
 */
import { checkBinary } from "./checks.ts";

/** Step i takes every row with score >= thresholds[i]; thresholds fall strictly. */
export interface Ranking {
  readonly rows: number;
  readonly positives: number;
  readonly thresholds: Float64Array;
  readonly truePositives: Float64Array;
  readonly falsePositives: Float64Array;
}

export function rank(labels: Float64Array, scores: Float64Array): Ranking {
  checkBinary(labels, scores);
  // Sorting the values themselves is several times faster than sorting positions by value.
  const [positive, negative] = [1, 0].map((label) =>
    scores
      .filter((_, row) => labels[row] === label)
      .sort()
      .reverse(),
  );
  const thresholds = new Float64Array(scores).sort().reverse().filter(isFirstOfEqual);
  return {
    rows: labels.length,
    positives: positive!.length,
    thresholds,
    truePositives: countAtLeast(positive!, thresholds),
    falsePositives: countAtLeast(negative!, thresholds),
  };
}

const isFirstOfEqual = (value: number, i: number, all: Float64Array): boolean => i === 0 || all[i - 1] !== value;

/** For each falling threshold how many of the falling values are at least as high. */
function countAtLeast(values: Float64Array, thresholds: Float64Array): Float64Array {
  let count = 0;
  return thresholds.map((threshold) => {
    while (count < values.length && values[count]! >= threshold) count++;
    return count;
  });
}
