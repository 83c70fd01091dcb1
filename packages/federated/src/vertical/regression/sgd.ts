/**
 * Mini-batch gradient descent with momentum (Polyak's heavy ball): w' = w - rate·g + momentum·(w - w_before), on vectors that
 * nobody sees. Batches are the same rows in every epoch, so that what is prepared for their matrices serves again.
 *
 * Opened: the length of the weights, every few batches, so that they cannot leave their range; at the end of an epoch the length of the
 * mean of its gradients and its product with the way that the weights went, from which the loss's course is estimated.
 */
import { TomboloError } from "@tombolo/base";
import type { Iteration, Solved, SolverHooks } from "./quasi-newton.ts";
import type { Combined, Space } from "./space.ts";

export interface SgdOptions {
  readonly parts: number;
  readonly epochs: number;
  readonly learningRate: number;
  readonly momentum: number;
  /** Longer ones are out of range where they are looked at; between two looks they have `SGD_ROOM` more. */
  readonly weightsMax: number;
  /** A bound on the length of a batch's mean gradient. */
  readonly gradientMax: number;
}

export const SGD_ROOM = 256;
/** Vectors are made shorter by it before their products are opened: those have room for weights of any length allowed. */
const SHORTER = 64;

export async function sgd<V>(
  space: Space<V>,
  options: SgdOptions,
  hooks: SolverHooks<V>,
  done: readonly Iteration[] = [],
): Promise<Solved<V>> {
  const iterations = [...done];
  let weights = (await space.start()).weights;
  let slopeBefore: number | null = null;
  while (iterations.length < options.epochs) {
    const epoch = await oneEpoch(space, options, weights, hooks.signal);
    weights = epoch.weights;
    const { slope, ...lengths } = epoch.seen;
    const lossChange = (iterations.at(-1)?.lossChange ?? 0) + (slope + (slopeBefore ?? slope)) / 2;
    slopeBefore = slope;
    const iteration: Iteration = { iteration: iterations.length + 1, lossChange, ...lengths };
    iterations.push(iteration);
    await hooks.onIteration?.(iteration, weights);
  }
  return { weights, converged: true, iterations };
}

async function oneEpoch<V>(space: Space<V>, options: SgdOptions, from: V, signal: AbortSignal | undefined) {
  const { parts, learningRate, momentum, gradientMax, weightsMax } = options;
  const norm = weightsMax + SGD_ROOM;
  const step = learningRate / (1 - momentum);
  const lookEvery = Math.max(1, Math.floor(SGD_ROOM / (step * gradientMax)));
  const gradients: Combined<V>[] = [];
  let [weights, earlier] = [from, from];
  for (let part = 0; part < parts; part++) {
    signal?.throwIfAborted();
    const value = await space.gradient(weights, part);
    gradients.push({ kind: "gradient", value, factor: 1 / (parts * SHORTER), norm: gradientMax });
    const next = await space.combine([
      { kind: "weights", value: weights, factor: 1 + momentum, norm },
      { kind: "weights", value: earlier, factor: -momentum, norm },
      { kind: "gradient", value, factor: -learningRate, norm: gradientMax },
    ]);
    [earlier, weights] = [weights, next];
    if (part + 1 < parts && (part + 1) % lookEvery === 0) await lengthOf(space, options, weights);
  }
  const length = await lengthOf(space, options, weights);
  const way = await space.combine([
    { kind: "weights", value: space.subtract(weights, from), factor: 1 / SHORTER, norm: 2 * norm },
  ]);
  const mean = await space.combine(gradients);
  const own = { kind: "weights", value: mean } as const;
  const [square, slope] = await space.products(own, [own, { kind: "weights", value: way }]);
  const gradient = SHORTER * Math.sqrt(Math.max(0, square!));
  return { weights, seen: { weights: length, gradient, slope: SHORTER ** 2 * slope! } };
}

/** Throws `input.separable` where it is out of range. */
async function lengthOf<V>(space: Space<V>, { weightsMax }: SgdOptions, value: V): Promise<number> {
  const shorter = await space.combine([{ kind: "weights", value, factor: 1 / SHORTER, norm: weightsMax + SGD_ROOM }]);
  const own = { kind: "weights", value: shorter } as const;
  const [square] = await space.products(own, [own]);
  const length = SHORTER * Math.sqrt(Math.max(0, square!));
  if (length <= weightsMax) return length;
  throw new TomboloError("input.separable", "the coefficients run off without an end", {
    remedy: "Take a smaller learning rate, leave out columns that tell the label, or give an L2 penalty.",
  });
}
