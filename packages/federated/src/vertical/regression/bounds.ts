/** How long weights, gradients and words may be, from public sizes alone: what a training's formats and solvers rest on. */
import { heldOut } from "./early-stopping.ts";
import { familyOf } from "./families/index.ts";
import { type Formats, formatsOf, WEIGHTS_MAX } from "./formats.ts";
import { CLASSES_MOST, type RegressionParameters } from "./parameters.ts";
import { partsOf } from "./parts.ts";
import { ROW_WEIGHT_MAX, residualMax } from "./residuals.ts";
import { MEAN_SQUARE_MOST } from "./shared-bins/bins.ts";
import { ADAPT_BITS } from "./steps.ts";

export interface TrainingSizes {
  readonly parameters: RegressionParameters;
  readonly rowCount: number;
  /** Of each party. */
  readonly columns: readonly number[];
  readonly weighted: boolean;
}

export function trainingFormats({ parameters, rowCount, columns, weighted }: TrainingSizes): Formats {
  const sizes = {
    columns: columns.reduce((sum, count) => sum + count),
    parties: columns.length,
    whitened: isWhitened(parameters),
    weightsMax: weightsMaxOf(parameters),
  };
  return formatsOf({
    rows: rowCount,
    ...sizes,
    residualMax: residualMax({ family: familyOf(parameters), weighted, ...sizes }),
    penalty: parameters.l2 / rowCount,
  });
}

/**
 * A penalty is on standardised coefficients, so these stay as they are; mini-batches would not win what whitening costs; and columns that
 * nobody has cannot be whitened.
 */
export const isWhitened = ({ solver, l2, l1, sharedBins }: RegressionParameters): boolean =>
  solver === "quasi-newton" && l2 === 0 && l1 === 0 && !sharedBins;

/**
 * What weights may be longer than looked at. Mini-batches: where residuals may be large, or grow with the weights, there is none.
 * Accelerated: points ahead of weights are no longer than three times those.
 */
export function roomOf(parameters: RegressionParameters): number {
  if (parameters.solver === "sgd") return familyOf(parameters).residualBounds(0).each <= SMALL_RESIDUAL ? SGD_ROOM : 0;
  return parameters.l1 > 0 ? 2 * WEIGHTS_MAX : 0;
}
const SGD_ROOM = 256;
const SMALL_RESIDUAL = Math.sqrt(CLASSES_MOST);

/** No weights that gradients are taken at are longer. */
export const weightsMaxOf = (parameters: RegressionParameters): number => WEIGHTS_MAX + roomOf(parameters);

export interface BatchSizes extends RegressionParameters {
  readonly rows: number;
  /** Of all parties. */
  readonly columns: number;
  readonly weighted: boolean;
}

/**
 * Of a batch of m among n rows: the squares of its part of the matrix sum up to n·p at most, so |Xᵀ·r| <= sqrt(n·p)·|r| and
 * |X·w| <= sqrt(n·p)·|w|; the sum is divided by m at least, and the penalty's part is l2/n·|w| at most. Of one column alone squares sum up to
 * n, so an entry of a gradient has the same bound without p; of one on shared bins to MEAN_SQUARE_MOST times that.
 */
export function gradientBounds(options: BatchSizes) {
  const { rows, columns, weighted, batchRows, l2 } = options;
  const family = familyOf(options);
  const all = partsOf(rows, batchRows);
  const held = heldOut(all, options.earlyStopping);
  const [least, most] = [Math.floor(rows / all), Math.ceil(rows / all)];
  const gradientMax = (length: number, among = columns): number => {
    const { each, rms } = family.residualBounds(Math.sqrt(columns) * length);
    const residuals = Math.min(Math.sqrt(most) * each, Math.sqrt(rows) * rms);
    return (Math.sqrt(rows * among) * residuals * (weighted ? ROW_WEIGHT_MAX : 1)) / least + (l2 / rows) * length;
  };
  const weightsMax = weightsMaxOf(options);
  const root = residualMax({ family, weighted, columns, parties: 2, whitened: false, weightsMax });
  const meanMax = (parts: number): number =>
    (rows / (parts * least)) * Math.sqrt(columns) * root + (l2 / rows) * weightsMax;
  const sizes = { parameters: options, rowCount: rows, columns: [columns], weighted };
  const entryMax = gradientMax(weightsMax, options.sharedBins ? MEAN_SQUARE_MOST : 1);
  const entryBits = ADAPT_BITS - Math.ceil(Math.log2(entryMax));
  const adaptBits = Math.min(trainingFormats(sizes).gradient, entryBits);
  return { parts: all - held, heldOut: held, gradientMax, meanMax, adaptBits };
}
