/**
 * The losses that a residual linear in the columns goes with: z - y, and z/4 + 1/2 - y in place of 1/(1 + e^-z) - y.
 *
 * The second is the derivative of the logistic loss's Taylor polynomial of degree 2 at z = 0 (Hardy et al., section 3.4). Against the
 * sigmoid it is wrong by at most 0.019 for |z| <= 1, 0.12 for 2, 0.30 for 3, and without a bound beyond: coefficients come out as those
 * of a least squares fit to 4·(y - 1/2), nearer to 0 than a logistic fit's where the columns tell much.
 */
import { defaultParameters } from "../parameters.ts";
import { prepareRows } from "../rows.ts";
import type { ArbiterParameters } from "./parameters.ts";

/** Of the residual, by the linear predictor. */
export const slopeOf = ({ family }: Pick<ArbiterParameters, "family">): number => (family === "logistic" ? 1 / 4 : 1);

/** What the guest adds to its part of each row's residual, beside its columns. */
export const labelPart = (family: ArbiterParameters["family"], label: number): number =>
  family === "logistic" ? 1 / 2 - label : -label;

export interface OwnLabels {
  readonly labels: Float64Array;
  /** Labels are in units of two to it, which all hosts are told: the power of two next below their spread; 0 of a logistic model. */
  readonly exponent: number;
  /** What was taken off them; the intercept's. */
  readonly centre: number;
}

/** Throws `input.label`. */
export function ownLabels(
  given: Float64Array,
  { family, intercept }: Pick<ArbiterParameters, "family" | "intercept">,
): OwnLabels {
  const { labels, scale, centre } = prepareRows({ labels: given }, { ...defaultParameters, family, intercept });
  const exponent = Math.floor(Math.log2(scale));
  return { labels: labels.map((label) => (label * scale) / 2 ** exponent), exponent, centre };
}

/** Coefficients of the whitened matrix, in units of the label as it was given. */
export const inUnits = (weights: Float64Array, { exponent, centre }: Omit<OwnLabels, "labels">): Float64Array =>
  weights.map((weight, i) => 2 ** exponent * weight + (i === 0 ? centre : 0));
