/** The solver that the parameters name. */
import { gradientBounds, roomOf } from "./bounds.ts";
import { familyOf } from "./families/index.ts";
import { WEIGHTS_MAX } from "./formats.ts";
import type { RegressionParameters } from "./parameters.ts";
import { partRows } from "./parts.ts";
import { proximal } from "./proximal.ts";
import { type Iteration, quasiNewton, type Solved, type SolverHooks } from "./quasi-newton.ts";
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
    const bounds = { weightsMax: WEIGHTS_MAX, room: roomOf(options), ...gradientBounds(options) };
    const count = options.columns * familyOf(options).outputs;
    const penaltyOf = (part: number): number => l1Of(options, partRows(options.rows, options.batchRows, part).length);
    return sgd(space, { ...options, count, penaltyOf, ...bounds }, hooks, done);
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
