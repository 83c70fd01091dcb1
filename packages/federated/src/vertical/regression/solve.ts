/** The solver that the parameters name. */
import { familyOf } from "./families/index.ts";
import { WEIGHTS_MAX } from "./formats.ts";
import type { RegressionParameters } from "./parameters.ts";
import { partsOf } from "./parts.ts";
import { type Iteration, quasiNewton, type Solved, type SolverHooks } from "./quasi-newton.ts";
import { ROW_WEIGHT_MAX, residualMax } from "./residuals.ts";
import { sgd } from "./sgd.ts";
import type { Space } from "./space.ts";

export interface SolveOptions extends RegressionParameters {
  readonly rows: number;
  /** Of both parties. */
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
    return sgd(space, { epochs, learningRate, momentum, ...bounds }, hooks, done);
  }
  const { tolerance, iterations } = options;
  const { firstStep, stepMax } = familyOf(options);
  return quasiNewton(
    space,
    { tolerance, iterationsMax: iterations, firstStep, stepMax, weightsMax: WEIGHTS_MAX },
    hooks,
    done,
  );
}

/** Where residuals may be large, or grow with the weights, these are looked at before every step. */
const roomOf = (parameters: RegressionParameters): number =>
  parameters.solver === "sgd" && familyOf(parameters).residualBounds(0).each <= 1 ? SGD_ROOM : 0;
const SGD_ROOM = 256;

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
  const root = residualMax({ family, weighted, columns, whitened: false, weightsMax });
  const meanMax = (rows / (parts * least)) * Math.sqrt(columns) * root + (l2 / rows) * weightsMax;
  return { parts, gradientMax, meanMax };
}

/** A penalty is on standardised coefficients, so these stay as they are; mini-batches would not win what whitening costs. */
export const isWhitened = ({ solver, l2 }: RegressionParameters): boolean => solver === "quasi-newton" && l2 === 0;
