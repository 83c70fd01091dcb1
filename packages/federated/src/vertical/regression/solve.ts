/** The solver that the parameters name. */
import { familyOf } from "./families/index.ts";
import { WEIGHTS_MAX } from "./formats.ts";
import { CLASSES_MOST, type RegressionParameters } from "./parameters.ts";
import { partRows, partsOf } from "./parts.ts";
import { proximal } from "./proximal.ts";
import { type Iteration, quasiNewton, type Solved, type SolverHooks } from "./quasi-newton.ts";
import { ROW_WEIGHT_MAX, residualMax } from "./residuals.ts";
import { sgd } from "./sgd.ts";
import type { Space } from "./space.ts";

export interface SolveOptions extends RegressionParameters {
  readonly rows: number;
  /** Of all parties; of several classes each has as many weights. */
  readonly columns: number;
  /** Rows have weights. */
  readonly weighted: boolean;
}

export async function solve<V>(
  space: Space<V>,
  options: SolveOptions,
  hooks: SolverHooks<V>,
  done: readonly Iteration[],
): Promise<Solved<V>> {
  const solved = await minimise(space, options, hooks, done);
  await space.requireRange(solved.weights);
  return solved;
}

function minimise<V>(
  space: Space<V>,
  options: SolveOptions,
  hooks: SolverHooks<V>,
  done: readonly Iteration[],
): Promise<Solved<V>> {
  if (options.solver === "sgd") {
    const { epochs, learningRate, momentum } = options;
    const bounds = { weightsMax: WEIGHTS_MAX, room: roomOf(options), ...gradientBounds(options) };
    const penaltyOf = (part: number): number => l1Of(options, partRows(options.rows, options.batchRows, part).length);
    return sgd(space, { epochs, learningRate, momentum, penaltyOf, ...bounds }, hooks, done);
  }
  const { tolerance, iterations } = options;
  const { firstStep, stepMax } = familyOf(options);
  const full = { tolerance, iterationsMax: iterations, firstStep, stepMax, weightsMax: WEIGHTS_MAX };
  if (options.l1 === 0) return quasiNewton(space, full, hooks, done);
  return proximal(space, { ...full, penalty: l1Of(options, options.rows) }, hooks, done);
}

/** The L1 penalty's part beside the mean loss of so many rows, as gradients have it: over the next power of two. */
const l1Of = ({ l1, rows }: SolveOptions, count: number): number =>
  (l1 * count) / rows / 2 ** Math.ceil(Math.log2(count));

/**
 * What weights may be longer than looked at. Mini-batches: where residuals may be large, or grow with the weights, there is none.
 * Accelerated: points ahead of weights are no longer than three times those.
 */
function roomOf(parameters: RegressionParameters): number {
  if (parameters.solver === "sgd") return familyOf(parameters).residualBounds(0).each <= SMALL_RESIDUAL ? SGD_ROOM : 0;
  return parameters.l1 > 0 ? 2 * WEIGHTS_MAX : 0;
}
const SGD_ROOM = 256;
const SMALL_RESIDUAL = Math.sqrt(CLASSES_MOST);

/** No weights that gradients are taken at are longer. */
export const weightsMaxOf = (parameters: RegressionParameters): number => WEIGHTS_MAX + roomOf(parameters);

/**
 * Of a batch of m among n rows: the squares of its part of the matrix sum up to n·p at most, so |Xᵀ·r| <= sqrt(n·p)·|r| and
 * |X·w| <= sqrt(n·p)·|w|; the sum is divided by m at least, and the penalty's part is l2/n·|w| at most.
 */
function gradientBounds(options: SolveOptions) {
  const { rows, columns, weighted, batchRows, l2 } = options;
  const family = familyOf(options);
  const parts = partsOf(rows, batchRows);
  const [least, most] = [Math.floor(rows / parts), Math.ceil(rows / parts)];
  const spread = Math.sqrt(rows * columns);
  const gradientMax = (length: number): number => {
    const { each, rms } = family.residualBounds(Math.sqrt(columns) * length);
    const residuals = Math.min(Math.sqrt(most) * each, Math.sqrt(rows) * rms);
    return (spread * residuals * (weighted ? ROW_WEIGHT_MAX : 1)) / least + (l2 / rows) * length;
  };
  const weightsMax = weightsMaxOf(options);
  const root = residualMax({ family, weighted, columns, parties: 2, whitened: false, weightsMax });
  const meanMax = (rows / (parts * least)) * Math.sqrt(columns) * root + (l2 / rows) * weightsMax;
  return { parts, gradientMax, meanMax };
}

/** A penalty is on standardised coefficients, so these stay as they are; mini-batches would not win what whitening costs. */
export const isWhitened = ({ solver, l2, l1 }: RegressionParameters): boolean =>
  solver === "quasi-newton" && l2 === 0 && l1 === 0;
