/**
 * Minimises a convex mean loss by limited-memory BFGS, on vectors that nobody sees.
 *
 * Liu, Nocedal, "On the limited memory BFGS method", Math. Programming 45 (1989), in the form of Chen, Wang, Zhou, "Large-scale
 * L-BFGS using MapReduce", NeurIPS 2014: a direction is a linear combination of past steps, past gradients and the present
 * one, and its factors follow from these vectors' inner products alone. Those are what is opened: of each gradient with
 * itself, with the weights and with the last steps and gradients. Everything else about the vectors stays shared.
 *
 * Steps are chosen by slopes, since the loss would cost more to compute than its gradient: one is taken if the slope along
 * it fell enough; else the zero of the slope is guessed by the secant, which convexity makes safe. Between two points the loss
 * falls by about the step times the mean of both slopes; the sum of these is what is reported as its course.
 */
import { along, KnownProducts } from "./known-products.ts";
import { ranOff } from "./lengths.ts";
import type { Space } from "./space.ts";

export interface QuasiNewtonOptions {
  /** Ends when the gradient is shorter. */
  readonly tolerance: number;
  readonly iterationsMax: number;
  /** Of the first direction: the gradient times this. */
  readonly firstStep: number;
  /** No step is longer. */
  readonly stepMax: number;
  /** Longer weights are out of range: separable labels, or a scale that does not fit. */
  readonly weightsMax: number;
}

export interface Iteration {
  readonly iteration: number;
  /** Length of the gradient. */
  readonly gradient: number;
  /** Change of the mean loss since the start, estimated from slopes. */
  readonly lossChange: number;
  /** Length of the weights. */
  readonly weights: number;
  /** With early stopping: the change of the mean loss on the rows kept out. */
  readonly validation?: number | undefined;
}

export interface Solved<V> {
  readonly weights: V;
  /** After so many iterations the weights were these: of all, but for early stopping. */
  readonly chosen: number;
  readonly converged: boolean;
  readonly iterations: readonly Iteration[];
}

export interface SolverHooks<V> {
  /** After each step; the next one waits for it. `memory`: what a solver goes on with in a later attempt, beside the weights. */
  readonly onIteration?: ((iteration: Iteration, weights: V, memory: readonly V[]) => Promise<void>) | undefined;
  readonly signal?: AbortSignal | undefined;
}

const TRIES_MAX = 8;
/** Share of the slope that may be left after a step (strong Wolfe). */
const SLOPE_LEFT = 0.9;
/** The same where the slope rises after it: a loss that bends less and less may have risen as a whole by then. */
const SLOPE_RISEN = 0.5;

export async function quasiNewton<V>(
  space: Space<V>,
  options: QuasiNewtonOptions,
  hooks: SolverHooks<V>,
  before: readonly Iteration[] = [],
): Promise<Solved<V>> {
  const { weights, norm } = await space.start();
  let known = await firstKnown(space, weights, norm);
  const iterations = [...before];
  let lossChange = before.at(-1)?.lossChange ?? 0;
  while (known.gradientLength > options.tolerance && iterations.length < options.iterationsMax) {
    hooks.signal?.throwIfAborted();
    const taken = await step(space, known, options);
    known = taken.known;
    lossChange += taken.lossChange;
    const iteration: Iteration = {
      iteration: iterations.length + 1,
      gradient: known.gradientLength,
      lossChange,
      weights: known.weightsLength,
    };
    iterations.push(iteration);
    await hooks.onIteration?.(iteration, known.weights, []);
    if (!taken.useful) break;
  }
  const converged = known.gradientLength <= options.tolerance;
  return { weights: known.weights, chosen: iterations.length, converged, iterations };
}

async function firstKnown<V>(space: Space<V>, weights: V, norm: number): Promise<KnownProducts<V>> {
  const gradient = await space.gradient(weights, "all");
  const own = { kind: "gradient", value: gradient } as const;
  const opened = await space.products(own, [{ kind: "weights", value: weights }, own]);
  return KnownProducts.first(weights, norm, gradient, opened);
}

interface Taken<V> {
  readonly known: KnownProducts<V>;
  readonly lossChange: number;
  /** False where rounding leaves nothing to be won. */
  readonly useful: boolean;
}

async function step<V>(space: Space<V>, known: KnownProducts<V>, options: QuasiNewtonOptions): Promise<Taken<V>> {
  const direction = known.direction(options.firstStep);
  const before = known.slope(direction);
  let [low, lowSlope, length] = [0, before, Math.min(1, options.stepMax / known.lengthOf(direction))];
  for (let tries = 1; ; tries++) {
    const { terms, norm } = known.moved(direction, length);
    if (!(norm <= options.weightsMax)) throw ranOff();
    const weights = await space.combine(terms);
    const gradient = await space.gradient(weights, "all");
    const own = { kind: "gradient", value: gradient } as const;
    const opened = await space.products(own, [...known.vectors, own]);
    const after = along(opened, direction);
    const enough = after <= SLOPE_RISEN * Math.abs(before) && after >= -SLOPE_LEFT * Math.abs(before);
    if (enough || tries === TRIES_MAX) {
      const moved = { direction, length, weights, step: space.subtract(weights, known.weights), gradient, opened };
      return {
        known: known.after(moved),
        lossChange: (length * (before + after)) / 2,
        useful: tries < TRIES_MAX && before < 0,
      };
    }
    // The slope rises along the way: its zero by the secant, within reason.
    const guess = low + ((length - low) * -lowSlope) / Math.max(after - lowSlope, Number.MIN_VALUE);
    if (after <= 0) [low, lowSlope] = [length, after];
    length =
      after > 0 ? Math.max(guess, low + 0.05 * (length - low)) : Math.min(Math.max(guess, 1.5 * length), 8 * length);
  }
}
