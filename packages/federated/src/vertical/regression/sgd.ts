/**
 * Mini-batch gradient descent with momentum (Polyak's heavy ball): w' = w - rate·g + momentum·(w - w_before), and shrunk by an L1
 * penalty's part of it, on vectors that nobody sees. Batches are the same rows in every epoch, so that what is prepared for their matrices serves again.
 *
 * Opened: the length of the weights at the end of an epoch, and of the next ones before any step that could leave their range; at
 * the end of an epoch also the length of the mean of its gradients and its product with the way that the weights went, from which
 * the loss's course is estimated.
 */
import { TomboloError } from "@tombolo/base";
import { lengthOf, ranOff } from "./lengths.ts";
import type { Iteration, Solved, SolverHooks } from "./quasi-newton.ts";
import type { Combined, Space } from "./space.ts";

export interface SgdOptions {
  readonly parts: number;
  readonly epochs: number;
  readonly learningRate: number;
  readonly momentum: number;
  /** L1, beside the mean loss of a batch. */
  readonly penaltyOf: (part: number) => number;
  /** Longer ones are out of range where they are looked at. */
  readonly weightsMax: number;
  /** What they may have beyond it between two looks. */
  readonly room: number;
  /** A bound on the length of a batch's mean gradient, at weights of this length at most. */
  readonly gradientMax: (length: number) => number;
  /** A bound on the mean of an epoch's gradients. */
  readonly meanMax: number;
}

/** A step that could be longer leaves factors too few bits. */
const STEP_MAX = 2 ** 20;

export async function sgd<V>(
  space: Space<V>,
  options: SgdOptions,
  hooks: SolverHooks<V>,
  done: readonly Iteration[] = [],
): Promise<Solved<V>> {
  const { learningRate, gradientMax, weightsMax, room } = options;
  if (!(learningRate * gradientMax(weightsMax + room) <= STEP_MAX))
    throw new TomboloError("input.range", "steps of such batches could leave every range", {
      remedy: "Take larger batches, a smaller learning rate or L2 penalty, or fewer columns.",
    });
  const iterations = [...done];
  const start = await space.start();
  let [weights, length] = [start.weights, start.norm];
  let slopeBefore: number | null = null;
  while (iterations.length < options.epochs) {
    const epoch = await oneEpoch(space, options, { weights, length }, hooks.signal);
    [weights, length] = [epoch.weights, epoch.seen.weights];
    const { slope, ...lengths } = epoch.seen;
    const lossChange = (iterations.at(-1)?.lossChange ?? 0) + (slope + (slopeBefore ?? slope)) / 2;
    slopeBefore = slope;
    const iteration: Iteration = { iteration: iterations.length + 1, lossChange, ...lengths };
    iterations.push(iteration);
    await hooks.onIteration?.(iteration, weights);
  }
  return { weights, converged: true, iterations };
}

interface Place<V> {
  readonly weights: V;
  /** At most. */
  readonly length: number;
}

async function oneEpoch<V>(space: Space<V>, options: SgdOptions, from: Place<V>, signal: AbortSignal | undefined) {
  const { parts, learningRate, momentum, penaltyOf, gradientMax, weightsMax, room, meanMax } = options;
  const norm = weightsMax + room;
  const [meanShorter, wayShorter] = [shorterBy(meanMax), shorterBy(2 * norm)];
  const gradients: Combined<V>[] = [];
  let [weights, earlier, length, stepMax] = [from.weights, from.weights, from.length, 0];
  for (let part = 0; part < parts; part++) {
    signal?.throwIfAborted();
    const value = await space.gradient(weights, part);
    const most = gradientMax(length);
    gradients.push({ kind: "gradient", value, factor: 1 / (parts * meanShorter), norm: most });
    const terms: Combined<V>[] = [
      { kind: "weights", value: weights, factor: 1 + momentum, norm },
      { kind: "weights", value: earlier, factor: -momentum, norm },
      { kind: "gradient", value, factor: -learningRate, norm: most },
    ];
    stepMax = momentum * stepMax + learningRate * most;
    const reach = length + stepMax;
    // Looked at before the step is taken, at a length that has room wherever it leads.
    const next = reach <= norm && part + 1 < parts ? reach : await lengthAt(space, options, terms, reach);
    stepMax = Math.min(stepMax, length + next);
    const moved = await space.combine(terms);
    const penalty = learningRate * penaltyOf(part);
    [earlier, weights, length] = [weights, penalty > 0 ? await space.shrink(moved, penalty) : moved, next];
  }
  const way = await space.combine([
    { kind: "weights", value: space.subtract(weights, from.weights), factor: 1 / wayShorter, norm: 2 * norm },
  ]);
  const mean = await space.combine(gradients);
  const own = { kind: "weights", value: mean } as const;
  const [square, slope] = await space.products(own, [own, { kind: "weights", value: way }]);
  const gradient = meanShorter * lengthOf(square!);
  return { weights, seen: { weights: length, gradient, slope: meanShorter * wayShorter * slope! } };
}

/** Of a sum of vectors, no longer than `reach`. Throws `input.separable` where it is out of range. */
async function lengthAt<V>(
  space: Space<V>,
  { weightsMax }: SgdOptions,
  terms: readonly Combined<V>[],
  reach: number,
): Promise<number> {
  const shorter = shorterBy(reach);
  const value = await space.combine(terms.map((term) => ({ ...term, factor: term.factor / shorter })));
  const own = { kind: "weights", value } as const;
  const [square] = await space.products(own, [own]);
  const length = shorter * lengthOf(square!);
  if (length <= weightsMax) return length;
  throw ranOff();
}

/** Vectors of a length up to `norm` are made shorter before their products are opened: so much that those have room. */
const shorterBy = (norm: number): number => 2 ** Math.max(6, Math.ceil(Math.log2(norm)) - 4);
