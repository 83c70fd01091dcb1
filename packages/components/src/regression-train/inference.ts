/** Standard errors as people read them: with the test that a coefficient is 0, and the interval that holds it in 95 of 100 such fits. */
import { pValue, quantile, type Trained } from "@tombolo/federated/vertical/regression";
import { z } from "zod";

const SHARE_OUTSIDE = 0.05;

const estimate = z.strictObject({
  error: z.number(),
  statistic: z.number(),
  p: z.number(),
  low: z.number(),
  high: z.number(),
});
export type Estimate = z.output<typeof estimate>;

export const inferenceShape = z.strictObject({
  /** Of Student's distribution; null: of the normal one. */
  degrees: z.number().nullable(),
  /** In units of the label, of a linear model. */
  residual: z.number().nullable(),
  /** Of Gamma and Tweedie; at a host of labels over their mean. Parts of earlier versions have none. */
  dispersion: z.number().nullable().default(null),
  /** Where all columns are at their means; the guest's. */
  intercept: estimate.nullable(),
  /** In the order of the part's terms. */
  terms: z.array(estimate),
});
export type Inference = z.output<typeof inferenceShape>;

/** Null where there is none. */
export function inferenceOf({
  errors,
  coefficients,
  intercepts,
}: Pick<Trained, "errors" | "coefficients" | "intercepts">): Inference | null {
  if (errors === null) return null;
  const degrees = errors.residual === null && errors.dispersion === null ? null : errors.degrees;
  const width = quantile(SHARE_OUTSIDE, degrees);
  const estimateOf = (coefficient: number, error: number): Estimate => ({
    error,
    statistic: coefficient / error,
    p: pValue(coefficient / error, degrees),
    low: coefficient - width * error,
    high: coefficient + width * error,
  });
  return {
    degrees,
    residual: errors.residual,
    dispersion: errors.dispersion,
    intercept: errors.intercept === null ? null : estimateOf(intercepts[0]!, errors.intercept),
    terms: Array.from(errors.terms, (error, i) => estimateOf(coefficients[i]!, error)),
  };
}
