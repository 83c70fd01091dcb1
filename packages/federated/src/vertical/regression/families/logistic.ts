/** Yes or no: mean 1/(1 + e^-z), residual mean - y. The label's share is subtracted by its owner alone, without a message. */
import { TomboloError } from "@tombolo/base";
import { sigmoid } from "@tombolo/protocols/secret-sharing/functions";
import { rowByRow, type ScalarRules } from "./family.ts";
import { requireFinite, requireOffsets } from "./labels.ts";

const mean = (z: number): number => 1 / (1 + Math.exp(-z));

export const logistic: ScalarRules = {
  outputs: 1,
  curvature: {
    most: 1 / 4,
    wide: false,
    counted: false,
    dispersion: null,
    async rows(me, predictors) {
      const means = await sigmoid(me, predictors, { precision: "full" });
      return me.sub(means, await me.square(means));
    },
    plainRow: (z) => mean(z) * (1 - mean(z)),
  },
  scaled: false,
  firstStep: 2,
  stepMax: Infinity,
  mean,
  predictor: (m) => (m <= 0 ? -Infinity : m >= 1 ? Infinity : Math.log(m / (1 - m))),
  prepare(rows) {
    requireOffsets(rows.offsets);
    checkLabels(rows.labels);
    return { ...rows, scale: 1, centre: 0 };
  },
  labelMax: () => 1,
  residualBounds: () => ({ each: 1, rms: 1 }),
  residuals: async (me, predictors, labels, { precision }) =>
    me.sub(await sigmoid(me, predictors, { precision }), labels),
  plainResiduals: rowByRow((z, label) => mean(z) - label),
  exponents: async () => [],
  plainExponents: () => [],
};

function checkLabels(labels: Float64Array): void {
  requireFinite(labels);
  if (labels.some((label) => label !== 0 && label !== 1))
    throw new TomboloError("input.label", "a label is neither 0 nor 1", {
      remedy: "Leave out rows without a label, or choose another label or family.",
    });
  if (labels.every((label) => label === labels[0]))
    throw new TomboloError("input.label", "all rows have the same label", {
      remedy: "Train on rows of both kinds.",
    });
}
