/**
 * Derivatives of a row's loss by its linear predictor, on shares.
 *
 * logistic: 1/(1 + e^-z) - y; linear: z - y. Both with the label's share subtracted by its owner alone, without a message.
 */
import type { Engine, Fixed } from "@tombolo/protocols/secret-sharing/engine";
import { sigmoid } from "@tombolo/protocols/secret-sharing/functions";
import { WEIGHTS_MAX } from "./formats.ts";
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

/** No residual, in the root mean square over all rows, is larger than 2 to it. */
export const residualBits = (family: Family, weighted: boolean): number =>
  (family === "linear" ? Math.ceil(Math.log2(1.5 * WEIGHTS_MAX + 1)) : 0) + (weighted ? Math.log2(ROW_WEIGHT_MAX) : 0);

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
