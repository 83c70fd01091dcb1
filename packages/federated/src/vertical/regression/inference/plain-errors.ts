/** Standard errors where one party has all columns: the square roots of the diagonal of (XᵀWX)⁻¹ in the clear; standard-errors.ts. */
import type { Design } from "../design.ts";
import type { FamilyRules, PreparedRows } from "../families/index.ts";
import { cholesky, gram, inverse } from "../linear-algebra.ts";
import { combinations, errorsFrom, noErrors, type StandardErrors } from "./standard-errors.ts";

export interface Fitted {
  readonly family: FamilyRules;
  readonly rows: PreparedRows;
  /** Of all rows at the fit, without offsets. */
  readonly predictors: Float64Array;
}

/** Of a pivot of the information matrix, below which columns count as dependent at the fit. */
const LEAST_OWN_SHARE = 1e-10;

/** Of a whitened design. Null where its columns are dependent as the rows count at the fit. */
export function plainErrors(
  design: Design<Float64Array>,
  { family: { curvature }, rows, predictors: without }: Fitted,
): StandardErrors | null {
  if (curvature === null) throw noErrors();
  const { offsets, labels, unit = 1, scale } = rows;
  const predictors = offsets === null ? without : without.map((z, row) => z + offsets[row]!);
  const roots = predictors.map((z) => Math.sqrt(curvature.plainRow(z)));
  const size = design.columns.length;
  const factor = cholesky(gram(design.columns, design.rows, roots), size, LEAST_OWN_SHARE);
  if ("dependent" in factor) return null;
  const own = combinations(design);
  // As on shares, where rows count as 2^ceil(log2 n) and curvatures as parts of the largest.
  const rowsUp = 2 ** Math.ceil(Math.log2(design.rows));
  const part = (curvature.most * rowsUp) / design.rows / (curvature.counted ? unit : 1);
  const diagonal = diagonalOf(own.rows, inverse(factor.lower, size), size).map((value) => part * value);
  const square =
    curvature.dispersion === null
      ? null
      : predictors.reduce((sum, z, row) => sum + curvature.dispersion!.plainResidual(z, labels[row]!) ** 2, 0) / rowsUp;
  const about = { curvature, unit, scale, scaled: 0, columns: size, parties: 1, lengths: own.lengths };
  return errorsFrom({ design, ...about }, diagonal, square);
}

/** Of U·M·Uᵀ. */
const diagonalOf = (u: Float64Array, m: Float64Array, size: number): Float64Array =>
  Float64Array.from({ length: size }, (_, row) => {
    let sum = 0;
    for (let i = 0; i < size; i++)
      for (let j = 0; j < size; j++) sum += u[row * size + i]! * m[i * size + j]! * u[row * size + j]!;
    return sum;
  });
