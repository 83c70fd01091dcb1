/**
 * Fraction bits of everything that is shared, from public sizes alone, so that no word can leave its range:
 *
 * Columns have a mean square of 1 over all n rows, so an entry is at most sqrt(n), and by Cauchy and Schwarz
 *   |x_i·w| <= sqrt(m·n)·|w|       rows of m parties' whitened matrices; sqrt(n·p)·|w| of standardised ones with p columns
 *   |Σ x_ij·r_i| <= n·rms(r), rms: the root of the mean square, which residuals.ts bounds
 * Weights are never longer than declared: solvers open their length before they move so far (quasi-newton.ts), or often enough
 * on the way (sgd.ts).
 */
import { TomboloError } from "@tombolo/base";

/** |w|: a linear predictor whose spread at one party is beyond it separates any labels. */
export const WEIGHTS_MAX = 24;
/** Bits of an entry of a matrix: what products by encryption are planned for. */
export const ENTRY_BITS = 24;
/** The same of a matrix of 0 and 1. */
export const ONE_HOT_BITS = 1;
/** Of linear predictors and residuals, at most and at least: large residuals leave fewer. */
const ROW_FRACTION = 20;
const ROW_LEAST = 14;
/** Last bits of inner products that are rounded off before they are opened. */
export const PRODUCT_BITS = 8;
const WORD_BITS = 62;
/** Fraction bits of a gradient that is no longer than 1, so that its square has room; and of any at least. */
export const GRADIENT_FINE = 28;
const GRADIENT_LEAST = 8;

export interface Formats {
  /** Of entries of the matrices. */
  readonly entry: number;
  /** Of linear predictors and residuals. */
  readonly row: number;
  readonly weight: number;
  readonly gradient: number;
  /** No linear predictor is larger. */
  readonly predictorMax: number;
}

export interface FormatNeeds {
  readonly rows: number;
  /** Of all parties. */
  readonly columns: number;
  readonly parties: number;
  readonly whitened: boolean;
  /** A bound on the residuals' root mean square. */
  readonly residualMax: number;
  /** L2 penalty for each row. */
  readonly penalty: number;
  /** No weights are longer. */
  readonly weightsMax: number;
}

/** The mean square of rows of the joint matrix, at most: of those that the weights' length counts against. */
export const rowSquares = ({
  columns,
  parties,
  whitened,
}: Pick<FormatNeeds, "columns" | "parties" | "whitened">): number => (whitened ? parties : Math.max(2, columns));

/** Fraction bits of a matrix's entries: columns have a mean square of 1, so none is above the root of the rows' number. */
export const entryFraction = (rows: number): number => Math.min(20, ENTRY_BITS - 1 - Math.ceil(Math.log2(rows) / 2));

export function formatsOf({
  rows,
  columns,
  parties,
  whitened,
  residualMax,
  penalty,
  weightsMax,
}: FormatNeeds): Formats {
  const entry = entryFraction(rows);
  const predictorMax = Math.sqrt(rows * rowSquares({ columns, parties, whitened })) * weightsMax;
  const weight = Math.min(26, Math.floor(WORD_BITS - 1 - entry - Math.log2(predictorMax)));
  // Penalties are among the sums: n·(rms(r) + penalty·|w|).
  const residualBits = Math.ceil(Math.log2(residualMax + penalty * weightsMax));
  const sumRoom = WORD_BITS - 1 - entry - Math.ceil(Math.log2(rows));
  const row = Math.max(ROW_LEAST, Math.min(ROW_FRACTION, sumRoom - Math.ceil(Math.log2(residualMax))));
  const room = sumRoom - row;
  const spread = Math.ceil(Math.log2(whitened ? parties / 2 : columns) / 2);
  const most = Math.min(room, GRADIENT_FINE - spread - GRADIENT_LEAST);
  if (weight >= 16 && residualBits > most && 2 ** most > residualMax) {
    const l2Max = Math.floor(((2 ** most - residualMax) / weightsMax) * rows);
    throw new TomboloError("input.range", `so large an L2 penalty leaves no room: at most ${l2Max} on such a table`, {
      remedy: "Take a smaller L2 penalty.",
    });
  }
  if (weight < 16 || residualBits > most)
    throw new TomboloError("input.range", "so many rows and columns leave no room for such losses", {
      remedy: "Train on fewer rows, or without sample weights.",
    });
  // |g| <= sqrt(m)·rms(r) for m whitened matrices, sqrt(p)·rms(r) otherwise, and the penalty's part; its square has room.
  const gradient = GRADIENT_FINE - residualBits - spread;
  return { entry, row, weight, gradient, predictorMax };
}
