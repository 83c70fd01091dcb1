/**
 * Derivatives of a row's loss by its linear predictor, on shares.
 *
 * logistic: 1/(1 + e^-z) - y; linear: z - y. Both with the label's share subtracted by its owner alone, without a message.
 */
import type { Engine, Fixed } from "@tombolo/protocols/secret-sharing/engine";
import { sigmoid } from "@tombolo/protocols/secret-sharing/functions";
import type { Family } from "./parameters.ts";

/** What the guest has for each row, shared. */
export interface RowValues {
  readonly labels: Fixed;
  /** Of the rows' losses, 1 in the mean; null: all alike. */
  readonly weights: Fixed | null;
  /** Added to the linear predictor; null: none. */
  readonly offsets: Fixed | null;
}

/** Of a row against the mean. */
export const ROW_WEIGHT_MAX = 64;

export interface ResidualNeeds {
  readonly family: Family;
  readonly weighted: boolean;
  /** Of both parties. */
  readonly columns: number;
  readonly whitened: boolean;
  readonly weightsMax: number;
}

/**
 * A bound on the residuals' root mean square over all rows. Labels of a linear model have one of 1 at most; its predictors
 * sqrt(2)·|w| of two whitened matrices, sqrt(p)·|w| of p standardised columns, which may all be alike.
 */
export function residualMax({ family, weighted, columns, whitened, weightsMax }: ResidualNeeds): number {
  const spread = Math.sqrt(whitened ? 2 : Math.max(2, columns));
  return (family === "linear" ? spread * weightsMax + 1 : 1) * (weighted ? ROW_WEIGHT_MAX : 1);
}

export interface ResidualOptions {
  readonly family: Family;
  /** Of the sigmoid: `fast` is within 0.005, which is little against what a mini-batch leaves to chance. */
  readonly precision: "full" | "fast";
}

export async function residuals(
  me: Engine,
  { family, precision }: ResidualOptions,
  predictors: Fixed,
  rows: RowValues,
): Promise<Fixed> {
  const z = rows.offsets === null ? predictors : me.add(predictors, rows.offsets);
  const mean = family === "logistic" ? await sigmoid(me, z, { precision }) : z;
  const plain = me.sub(mean, rows.labels);
  return rows.weights === null ? plain : me.mul(plain, rows.weights);
}

/** The same in the clear. */
export function plainResidual(family: Family, z: number, label: number, weight: number): number {
  const mean = family === "logistic" ? 1 / (1 + Math.exp(-z)) : z;
  return weight * (mean - label);
}
