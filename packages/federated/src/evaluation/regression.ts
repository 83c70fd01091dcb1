/** Figures for numbers predicted. */
import { bins } from "./bins.ts";
import { checkPairs, mean } from "./checks.ts";
import { meanAt } from "./probability.ts";

export interface RegressionFigures {
  /** Root of the mean squared error, at least 0, in the label's unit. */
  readonly rmse: number;
  /** Mean absolute error, at least 0. */
  readonly mae: number;
  /** Mean of predicted - actual. */
  readonly bias: number;
  /** 1 - squared error / squared deviation from the mean, at most 1; null when all labels are equal. */
  readonly r2: number | null;
}

export function regressionFigures(actual: Float64Array, predicted: Float64Array): RegressionFigures {
  checkPairs(actual, predicted);
  const centre = mean(actual);
  let [squared, absolute, signed, spread] = [0, 0, 0, 0];
  actual.forEach((value, row) => {
    const error = predicted[row]! - value;
    squared += error ** 2;
    absolute += Math.abs(error);
    signed += error;
    spread += (value - centre) ** 2;
  });
  const rows = actual.length;
  return {
    rmse: Math.sqrt(squared / rows),
    mae: absolute / rows,
    bias: signed / rows,
    r2: spread === 0 ? null : 1 - squared / spread,
  };
}

export interface FitBin {
  readonly rows: number;
  readonly meanPredicted: number;
  readonly meanActual: number;
}

/** Mean prediction and mean label over bins of the prediction. */
export function fitBins(
  actual: Float64Array,
  predicted: Float64Array,
  binCount: number,
  minimumRows: number,
): FitBin[] {
  checkPairs(actual, predicted);
  return bins(predicted, binCount, minimumRows).map((rows) => ({
    rows: rows.length,
    meanPredicted: meanAt(predicted, rows),
    meanActual: meanAt(actual, rows),
  }));
}
