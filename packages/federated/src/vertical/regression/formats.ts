/**
 * Fraction bits of everything that is shared, from public sizes alone, so that no word can leave its range:
 *
 * Columns have a mean square of 1 over all n rows, so an entry is at most sqrt(n), and by Cauchy and Schwarz
 *   |x_i·w| <= sqrt(2·n)·|w|       rows of two whitened matrices; sqrt(n·p)·|w| of standardised ones with p columns
 *   |Σ x_ij·r_i| <= n·max|r|.
 * Weights are never longer than declared: solvers open their length before they move so far (quasi-newton.ts), or often enough
 * on the way (sgd.ts).
 */
import { TomboloError } from "@tombolo/base";

/** |w|: a linear predictor whose spread at one party is beyond it separates any labels. */
export const WEIGHTS_MAX = 24;
/** Bits of an entry of a matrix: what products by encryption are planned for. */
export const ENTRY_BITS = 24;
/** Of linear predictors and residuals. */
export const ROW_FRACTION = 20;
/** Last bits of inner products that are rounded off before they are opened. */
export const PRODUCT_BITS = 8;
const WORD_BITS = 62;

export interface Formats {
  /** Of entries of the matrices. */
  readonly entry: number;
  readonly weight: number;
  readonly gradient: number;
  /** No linear predictor is larger. */
  readonly predictorMax: number;
}

export interface FormatNeeds {
  readonly rows: number;
  /** Of both parties. */
  readonly columns: number;
  readonly whitened: boolean;
  /** No residual is larger than 2 to it. */
  readonly residualBits: number;
  /** No weights are longer. */
  readonly weightsMax: number;
}

export function formatsOf({ rows, columns, whitened, residualBits, weightsMax }: FormatNeeds): Formats {
  const rootBits = Math.ceil(Math.log2(rows) / 2);
  const entry = Math.min(20, ENTRY_BITS - 1 - rootBits);
  const predictorMax = Math.sqrt(rows * (whitened ? 2 : Math.max(2, columns))) * weightsMax;
  const weight = Math.min(26, Math.floor(WORD_BITS - 1 - entry - Math.log2(predictorMax)));
  const sums = entry + ROW_FRACTION + Math.ceil(Math.log2(rows)) + residualBits;
  if (weight < 16 || sums >= WORD_BITS)
    throw new TomboloError("input.range", "so many rows and columns leave no room for such losses", {
      remedy: "Train on fewer rows, or without sample weights.",
    });
  // |g| <= sqrt(2)·max|r| for two whitened matrices, sqrt(p)·max|r| otherwise; its square has room.
  const gradient = 28 - residualBits - (whitened ? 0 : Math.ceil(Math.log2(columns) / 2));
  return { entry, weight, gradient, predictorMax };
}
