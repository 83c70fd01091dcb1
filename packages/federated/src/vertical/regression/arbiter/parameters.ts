/** What is agreed before training with an arbiter, and bound by the consent. */
import { TomboloError } from "@tombolo/base";
import type { HeKeyBits, HeScheme } from "@tombolo/crypto";
import { type Missing, TERMS_MAX } from "../design.ts";
import { ROWS_LEAST, ROWS_MAX } from "../parameters.ts";

export const ARBITER_FAMILIES = ["logistic", "linear"] as const;
export const ARBITER_SCHEMES = ["okamoto-uchiyama", "paillier"] as const satisfies readonly HeScheme[];

export interface ArbiterParameters {
  /** Logistic: of the quadratic loss that agrees with the logistic one at 0. */
  readonly family: (typeof ARBITER_FAMILIES)[number];
  readonly intercept: boolean;
  readonly missing: Missing;
  /** L2 penalty: half of this times the sum of squares of the standardised coefficients, beside the sum of losses. */
  readonly l2: number;
  /** Passes over the rows at most. */
  readonly epochs: number;
  /** Ends earlier when each party's mean gradient of an epoch is shorter. */
  readonly tolerance: number;
  /** Rows of a batch at most; the same rows in every epoch. */
  readonly batchRows: number;
  /** Of a step, in units of the inverse of the loss's largest curvature. */
  readonly learningRate: number;
  readonly momentum: number;
  /** Rows of a batch at least for each term of all parties, and one more: sums over fewer would tell rows. */
  readonly rowsPerTerm: number;
  /** Rows of every batch at least in which a term differs from its commonest value. */
  readonly minimumRows: number;
  /** Terms at least of a host. */
  readonly hostTermsMin: number;
  readonly scheme: HeScheme;
  readonly keyBits: HeKeyBits;
}

export const defaultArbiterParameters: ArbiterParameters = {
  family: "logistic",
  intercept: true,
  missing: "refuse",
  l2: 0,
  epochs: 30,
  tolerance: 1e-4,
  batchRows: 16384,
  learningRate: 1,
  momentum: 0.5,
  rowsPerTerm: 50,
  minimumRows: 20,
  hostTermsMin: 3,
  scheme: "okamoto-uchiyama",
  keyBits: 3072,
};

/** Of `rowsPerTerm`: README, "Batches", says why. */
export const BATCH_ROWS_PER_TERM_LEAST = 40;
export const BATCH_ROWS_MAX = 2 ** 20;
export const EPOCHS_MAX = 1000;

export function checkArbiterParameters(parameters: ArbiterParameters): void {
  const { l2, epochs, tolerance, batchRows, learningRate, momentum } = parameters;
  const { rowsPerTerm, minimumRows, hostTermsMin } = parameters;
  const whole = (value: number, least: number, most: number): boolean =>
    Number.isInteger(value) && value >= least && value <= most;
  const good =
    l2 >= 0 &&
    l2 <= 1e9 &&
    whole(epochs, 1, EPOCHS_MAX) &&
    tolerance >= 1e-7 &&
    tolerance <= 1 &&
    whole(batchRows, 1, BATCH_ROWS_MAX) &&
    learningRate > 0 &&
    learningRate <= 2 &&
    momentum >= 0 &&
    momentum < 1 &&
    whole(rowsPerTerm, BATCH_ROWS_PER_TERM_LEAST, ROWS_MAX) &&
    whole(minimumRows, ROWS_LEAST, ROWS_MAX) &&
    whole(hostTermsMin, 1, TERMS_MAX);
  if (!good) throw new TomboloError("input.parameters", "a parameter of the regression is out of its range");
}
