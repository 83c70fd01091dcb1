/** The solver that the parameters name. */
import { WEIGHTS_MAX } from "./formats.ts";
import type { RegressionParameters } from "./parameters.ts";
import { partsOf } from "./parts.ts";
import { type Iteration, quasiNewton, type Solved, type SolverHooks } from "./quasi-newton.ts";
import { sgd } from "./sgd.ts";
import type { Space } from "./space.ts";

export interface SolveOptions extends RegressionParameters {
  readonly rows: number;
}

export function solve<V>(
  space: Space<V>,
  options: SolveOptions,
  hooks: SolverHooks<V>,
  done: readonly Iteration[],
): Promise<Solved<V>> {
  if (options.solver === "sgd") {
    const { rows, batchRows, epochs, learningRate, momentum } = options;
    const parts = partsOf(rows, batchRows);
    return sgd(space, { parts, epochs, learningRate, momentum, weightsMax: WEIGHTS_MAX, gradientMax: 32 }, hooks, done);
  }
  const { tolerance, iterations } = options;
  return quasiNewton(
    space,
    { tolerance, iterationsMax: iterations, firstStep: firstStepOf(options), weightsMax: WEIGHTS_MAX },
    hooks,
    done,
  );
}

/** The inverse of the largest curvature: a row's own, times 2 for two whitened matrices. */
const firstStepOf = ({ family }: RegressionParameters): number => (family === "logistic" ? 2 : 0.5);

/** A penalty is on standardised coefficients, so these stay as they are; mini-batches would not win what whitening costs. */
export const isWhitened = ({ solver, l2 }: RegressionParameters): boolean => solver === "quasi-newton" && l2 === 0;
