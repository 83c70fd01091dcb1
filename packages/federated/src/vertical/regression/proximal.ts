/**
 * Minimises a convex mean loss and an L1 penalty by accelerated proximal gradients, on vectors that nobody sees.
 *
 * Beck, Teboulle, "A fast iterative shrinkage-thresholding algorithm", SIAM J. Imaging Sci. 2 (2009), with the restarts of
 * O'Donoghue, Candès, "Adaptive restart for accelerated gradient schemes", Found. Comput. Math. 15 (2015):
 *   w' = shrink(v - t·g(v), t·penalty),  v' = w' + β·(w' - w), β from 0 again where v - w' and w' - w point the same way.
 * Shrinking is by comparisons of as many numbers as there are weights; what it sets to 0 is 0 exactly.
 *
 * 1/t is the largest curvature seen between two points, from products with their gradients. It never falls: where a step was
 * too long, what it threw far off is along the curvature that was missing.
 *
 * Opened, for each gradient: its length and its products with the last move of v, with that of the one before, that move's length;
 * the lengths of v - w' and w', and the product of v - w' with w' - w. What may be too long for its products is made shorter first, by a
 * power of two that follows from the lengths before.
 */
import { lengthOf, ranOff } from "./lengths.ts";
import type { Iteration, QuasiNewtonOptions, Solved, SolverHooks } from "./quasi-newton.ts";
import type { Space, Vector } from "./space.ts";

export interface ProximalOptions extends QuasiNewtonOptions {
  /** L1, beside the mean loss. */
  readonly penalty: number;
}

/** Where the next gradient is taken, and what leads there. */
interface State<V> {
  readonly weights: V;
  readonly length: number;
  readonly point: V;
  readonly pointLength: number;
  readonly last: { readonly point: V; readonly pointLength: number; readonly gradient: V } | null;
  /** Nesterov's sequence. */
  readonly pace: number;
  readonly curvature: number;
}

export async function proximal<V>(
  space: Space<V>,
  options: ProximalOptions,
  hooks: SolverHooks<V>,
  before: readonly Iteration[] = [],
): Promise<Solved<V>> {
  const { weights, norm } = await space.start();
  const curvature = 1 / options.firstStep;
  let state: State<V> = { weights, length: norm, point: weights, pointLength: norm, last: null, pace: 1, curvature };
  const iterations = [...before];
  let [lossChange, left] = [before.at(-1)?.lossChange ?? 0, Infinity];
  while (left > options.tolerance && iterations.length < options.iterationsMax) {
    hooks.signal?.throwIfAborted();
    const taken = await step(space, state, options);
    ({ state, left } = taken);
    lossChange += taken.lossChange;
    const iteration = { iteration: iterations.length + 1, gradient: left, lossChange, weights: state.length };
    iterations.push(iteration);
    await hooks.onIteration?.(iteration, state.weights, []);
  }
  return { weights: state.weights, chosen: iterations.length, converged: left <= options.tolerance, iterations };
}

async function step<V>(space: Space<V>, from: State<V>, { penalty, stepMax, weightsMax }: ProximalOptions) {
  const { weights, length, point, pointLength } = from;
  const gradient = await space.gradient(point, "all");
  const seen = await lookBack(space, from, gradient);
  const curvature = Math.max(from.curvature, seen.curvature);
  const stepLength = Math.min(stepMax, weightsMax / 2);
  const rate = Math.min(1 / curvature, stepLength / Math.max(seen.gradient, Number.MIN_VALUE));
  const next = await space.shrink(
    await space.combine([
      { kind: "weights", value: point, factor: 1, norm: pointLength },
      { kind: "gradient", value: gradient, factor: -rate, norm: seen.gradient },
    ]),
    rate * penalty,
  );
  const own = await shortened(space, next, pointLength + rate * seen.gradient);
  const [square] = await space.products(own.vector, [own.vector]);
  const nextLength = own.by * lengthOf(square!);
  if (!(nextLength <= weightsMax)) throw ranOff();
  const back = await shortened(space, space.subtract(point, next), pointLength + nextLength);
  const ahead = await shortened(space, space.subtract(next, weights), nextLength + length);
  const [backSquare, turned] = await space.products(back.vector, [back.vector, ahead.vector]);
  const pace = turned! > 0 ? 1 : (1 + Math.sqrt(1 + 4 * from.pace ** 2)) / 2;
  const momentum = turned! > 0 ? 0 : (from.pace - 1) / pace;
  const state: State<V> = {
    weights: next,
    length: nextLength,
    point: await space.combine([
      { kind: "weights", value: next, factor: 1 + momentum, norm: nextLength },
      { kind: "weights", value: weights, factor: -momentum, norm: length },
    ]),
    pointLength: (1 + momentum) * nextLength + momentum * length,
    last: { point, pointLength, gradient },
    pace,
    curvature,
  };
  return { state, left: (back.by * lengthOf(backSquare!)) / rate, lossChange: seen.lossChange };
}

/** What the gradients at this point and at the last one tell of the way between them. */
async function lookBack<V>(space: Space<V>, { point, pointLength, last }: State<V>, gradient: V) {
  const own = { kind: "gradient", value: gradient } as const;
  if (last === null) {
    const [square] = await space.products(own, [own]);
    return { gradient: lengthOf(square!), curvature: 0, lossChange: 0 };
  }
  const { vector: way, by } = await shortened(space, space.subtract(point, last.point), pointLength + last.pointLength);
  const [square, after] = await space.products(own, [own, way]);
  const [waySquare, before] = await space.products(way, [way, { kind: "gradient", value: last.gradient }]);
  const curvature = waySquare! > WAY_LEAST ? (after! - before!) / waySquare! / by : 0;
  return { gradient: lengthOf(square!), curvature, lossChange: (by * (before! + after!)) / 2 };
}

/** A vector of weights no longer than `norm`, divided by as little as its products need to have room. */
async function shortened<V>(
  space: Space<V>,
  value: V,
  norm: number,
): Promise<{ readonly vector: Vector<V>; readonly by: number }> {
  const by = 2 ** Math.max(0, Math.ceil(Math.log2(norm / PRODUCT_MOST)));
  if (by === 1) return { vector: { kind: "weights", value }, by };
  return {
    vector: { kind: "weights", value: await space.combine([{ kind: "weights", value, factor: 1 / by, norm }]) },
    by,
  };
}

/** Longer vectors of 26 fraction bits have squares that leave the range of words. */
const PRODUCT_MOST = 30;

/** Of a shorter way the square is mostly rounding. */
const WAY_LEAST = 2 ** -32;
