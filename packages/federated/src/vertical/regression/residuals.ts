/** Derivatives of the rows' losses by their linear predictors, offsets and weights of rows allowed for. */
import type { Engine, Fixed } from "@tombolo/protocols/secret-sharing/engine";
import type { FamilyRules, ResidualOptions, RowValues } from "./families/index.ts";
import { rowSquares } from "./formats.ts";

/** Of a row against the mean. */
export const ROW_WEIGHT_MAX = 64;

export interface ResidualNeeds {
  readonly family: FamilyRules;
  readonly weighted: boolean;
  /** Of all parties. */
  readonly columns: number;
  readonly parties: number;
  readonly whitened: boolean;
  readonly weightsMax: number;
}

/**
 * A bound on the residuals' root mean square over all rows. Predictors have one of sqrt(m)·|w| of m whitened matrices,
 * sqrt(p)·|w| of p standardised columns, which may all be alike. Weights are 1 in the mean: where each residual is bounded, their
 * mean square is what counts, which is ROW_WEIGHT_MAX at most.
 */
export function residualMax({ family, weighted, weightsMax, ...sizes }: ResidualNeeds): number {
  const spread = Math.sqrt(rowSquares(sizes)) * weightsMax;
  const { each, rms } = family.residualBounds(spread);
  return rms * (!weighted ? 1 : each < Infinity ? Math.sqrt(ROW_WEIGHT_MAX) : ROW_WEIGHT_MAX);
}

export const withOffsets = (me: Engine, predictors: Fixed, { offsets }: RowValues): Fixed =>
  offsets === null ? predictors : me.add(predictors, offsets);

export async function residuals(
  me: Engine,
  { family, ...options }: ResidualOptions & { readonly family: FamilyRules },
  predictors: Fixed,
  rows: RowValues,
): Promise<Fixed> {
  const plain = await family.residuals(me, withOffsets(me, predictors, rows), rows.labels, options);
  return rows.weights === null ? plain : me.mul(plain, rows.weights);
}
