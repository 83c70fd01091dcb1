/** A number with errors of one size: mean z, residual z - y. The guest standardises its label; an offset is the label's own business. */
import { TomboloError } from "@tombolo/base";
import { rowByRow, type ScalarRules } from "./family.ts";
import { requireFinite } from "./labels.ts";

export const linear: ScalarRules = {
  outputs: 1,
  curvature: {
    most: 1,
    wide: false,
    counted: false,
    rows: async () => null,
    plainRow: () => 1,
    // Labels are standardised, and the fit is no worse than none.
    dispersion: {
      inUnits: true,
      unitPower: 0,
      most: 1,
      residuals: async (me, predictors, labels) => me.sub(predictors, labels),
      plainResidual: (z, label) => z - label,
    },
  },
  scaled: true,
  firstStep: 0.5,
  stepMax: Infinity,
  mean: (z) => z,
  predictor: (mean) => mean,
  prepare({ labels: given, weights, offsets }, { intercept }) {
    requireFinite(given);
    const labels = offsets === null ? given : given.map((label, i) => label - offsets[i]!);
    if (labels.some((label) => !Number.isFinite(label)))
      throw new TomboloError("input.offset", "an offset is missing or infinite");
    const centre = intercept ? labels.reduce((sum, label) => sum + label, 0) / labels.length : 0;
    const scale = Math.sqrt(labels.reduce((sum, label) => sum + (label - centre) ** 2, 0) / labels.length);
    if (!(scale > 1e-12 * Math.abs(centre)) || scale === 0)
      throw new TomboloError("input.label", "the label has one value in all rows", { remedy: "Choose another label." });
    return { labels: labels.map((label) => (label - centre) / scale), weights, offsets: null, scale, centre };
  },
  labelMax: (rows) => Math.sqrt(rows),
  // Labels have a root of their mean square of 1 at most.
  residualBounds: (spread) => ({ each: Infinity, rms: spread + 1 }),
  residuals: async (me, predictors, labels) => me.sub(predictors, labels),
  plainResiduals: rowByRow((z, label) => z - label),
  exponents: async () => [],
  plainExponents: () => [],
};
