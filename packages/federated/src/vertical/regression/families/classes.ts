/**
 * One of several classes, with a linear predictor for each of them.
 *
 * Multinomial: probabilities are the predictors' softmax. Adding the same to all predictors changes nothing, so without a penalty
 * coefficients are those whose sum over the classes is 0: gradients sum up to 0 as residuals do, and training starts there.
 * One-vs-rest: a logistic model of each class against all others. Their losses have nothing in common, so minimising the sum of
 * them minimises each; all classes share the rounds.
 *
 * The guest holds labels as one column of 0 and 1 for each class, all rows of the first class first; so does everything made of them.
 */
import { TomboloError } from "@tombolo/base";
import { sigmoid, softmax } from "@tombolo/protocols/secret-sharing/functions";
import type { ClearRows, FamilyRules, PrepareOptions } from "./family.ts";
import { requireFinite } from "./labels.ts";
import { logistic } from "./logistic.ts";

export interface ClassRules extends FamilyRules {
  /** Of a row's predictors; they sum up to 1. */
  probabilities(predictors: readonly number[]): number[];
  /** Totals of a row that tell probabilities: with softmax the others follow from all but one. */
  readonly toldTotals: number;
}

const rulesOf = (classes: number) =>
  ({
    outputs: classes,
    curvature: null,
    scaled: false,
    stepMax: Infinity,
    prepare: (rows: ClearRows, options: PrepareOptions) => ({
      ...rows,
      labels: oneColumnEach(classes, rows, options),
      scale: 1,
      centre: 0,
    }),
    labelMax: () => 1,
    exponents: async () => [],
    plainExponents: () => [],
  }) as const;

export const multinomial = (classes: number): ClassRules => ({
  ...rulesOf(classes),
  // At the start the largest is 1 over their number, later 1/2 at most.
  firstStep: Math.min(2, classes / 2),
  // A row's residuals are p - e: their squares sum up to 2 at most.
  residualBounds: () => ({ each: Math.SQRT2, rms: Math.SQRT2 }),
  residuals: async (me, predictors, labels) => me.sub(await softmax(me, predictors, classes), labels),
  plainResiduals: (predictors, labels) => shares(predictors).map((share, c) => share - labels[c]!),
  probabilities: shares,
  toldTotals: classes - 1,
});

export const oneVsRest = (classes: number): ClassRules => ({
  ...rulesOf(classes),
  firstStep: logistic.firstStep,
  residualBounds: () => ({ each: Math.sqrt(classes), rms: Math.sqrt(classes) }),
  residuals: async (me, predictors, labels, { precision }) =>
    me.sub(await sigmoid(me, predictors, { precision }), labels),
  plainResiduals: logistic.plainResiduals,
  probabilities(predictors) {
    const means = predictors.map(logistic.mean);
    const sum = means.reduce((all, mean) => all + mean, 0);
    return sum > 0 ? means.map((mean) => mean / sum) : shares(predictors);
  },
  toldTotals: classes,
});

/** Softmax. */
function shares(predictors: readonly number[]): number[] {
  const top = Math.max(...predictors);
  const powers = predictors.map((predictor) => Math.exp(predictor - top));
  const sum = powers.reduce((all, power) => all + power, 0);
  return powers.map((power) => power / sum);
}

/** Labels are the numbers of classes, from 0 on. Of a class of few rows coefficients would tell of these rows. */
function oneColumnEach(classes: number, { labels, offsets }: ClearRows, { minimumRows }: PrepareOptions): Float64Array {
  if (offsets !== null)
    throw new TomboloError("input.offset", "several classes have no offset", {
      remedy: "Leave the offset column out, or choose another family.",
    });
  requireFinite(labels);
  if (labels.some((label) => !(Number.isInteger(label) && label >= 0 && label < classes)))
    throw new TomboloError("input.label", `a label is none of the ${classes} classes`, {
      remedy: "Set classes to the number of different labels.",
    });
  const columns = new Float64Array(classes * labels.length);
  labels.forEach((label, row) => {
    columns[label * labels.length + row] = 1;
  });
  for (let c = 0; c < classes; c++) {
    const rows = columns.subarray(c * labels.length, (c + 1) * labels.length).reduce((sum, one) => sum + one, 0);
    if (rows < minimumRows)
      throw new TomboloError("input.label", `a class has fewer than ${minimumRows} rows`, {
        remedy: "Leave rows of that class out, or join it with another.",
        detail: { class: c, rows },
      });
  }
  return columns;
}
