/**
 * Mini-batch gradient descent, with momentum or by Adam (steps.ts), and weights shrunk by an L1 penalty's part of each step, on vectors
 * that nobody sees. Batches are the same rows in every epoch, so that what is prepared for their matrices serves again.
 *
 * Opened: the length of the weights at the end of an epoch, and of the next ones before any step that could leave their range; at
 * the end of an epoch also the length of the mean of its gradients and its product with the way that the weights went, from which
 * the loss's course is estimated; with early stopping the products of that way with the gradient on the rows kept out, before and after.
 */
import { TomboloError } from "@tombolo/base";
import { bestOf, type EarlyStopping, type HeldOutOptions, heldOutChange, heldOutGradient } from "./early-stopping.ts";
import { lengthOf, ranOff } from "./lengths.ts";
import type { Iteration, Solved, SolverHooks } from "./quasi-newton.ts";
import type { Combined, Space } from "./space.ts";
import { adamSteps, momentumSteps, type StepOptions, type Steps } from "./steps.ts";

export interface SgdOptions extends Omit<StepOptions, "norm" | "done"> {
  /** That steps are taken on: the first ones. */
  readonly parts: number;
  /** The last parts, for early stopping. */
  readonly heldOut: number;
  readonly earlyStopping: EarlyStopping | null;
  readonly epochs: number;
  readonly optimizer: "momentum" | "adam";
  /** L1, beside the mean loss of a batch. */
  readonly penaltyOf: (part: number) => number;
  /** Longer ones are out of range where they are looked at. */
  readonly weightsMax: number;
  /** What they may have beyond it between two looks. */
  readonly room: number;
  /** A bound on the length of a batch's mean gradient, at weights of this length at most. */
  readonly gradientMax: (length: number) => number;
  /** A bound on the mean of the gradients of so many batches. */
  readonly meanMax: (parts: number) => number;
}

/** A step that could be longer leaves factors too few bits. */
const STEP_MAX = 2 ** 20;
/** Of the whole change of the loss, what the last epoch's may be where training has come to an end. */
const SETTLED = 0.01;

export async function sgd<V>(
  space: Space<V>,
  options: SgdOptions,
  hooks: SolverHooks<V>,
  done: readonly Iteration[] = [],
): Promise<Solved<V>> {
  const { learningRate, gradientMax, weightsMax, room, earlyStopping } = options;
  if (options.optimizer === "momentum" && !(learningRate * gradientMax(weightsMax + room) <= STEP_MAX))
    throw new TomboloError("input.range", "steps of such batches could leave every range", {
      remedy: "Take larger batches, a smaller learning rate or L2 penalty, or fewer columns.",
    });
  const iterations = [...done];
  const start = await space.start();
  const course = await beginHeldOut(space, options, start, iterations);
  const steps = stepsOf(space, options, { done: done.length, memory: course.stepsMemory });
  let { weights, norm: length } = start;
  let slopeBefore: number | null = null;
  while (iterations.length < options.epochs && !stopsAt(iterations, earlyStopping)) {
    const { way, seen, ...epoch } = await oneEpoch(space, { options, steps }, { weights, length }, hooks.signal);
    const { slope, ...lengths } = seen;
    [weights, length] = [epoch.weights, lengths.weights];
    const lossChange = (iterations.at(-1)?.lossChange ?? 0) + (slope + (slopeBefore ?? slope)) / 2;
    slopeBefore = slope;
    const validation = await course.after(weights, way);
    iterations.push({ iteration: iterations.length + 1, lossChange, ...lengths, ...validation });
    const memory = [...course.keep(weights), ...steps.memory];
    await hooks.onIteration?.(iterations.at(-1)!, weights, memory);
  }
  const converged = stopsAt(iterations, earlyStopping) || isSettled(iterations);
  return { ...course.chosen(weights), converged, iterations };
}

/** What early stopping adds: the loss on rows kept out, and the weights of the best epoch so far. */
async function beginHeldOut<V>(
  space: Space<V>,
  options: SgdOptions,
  start: { readonly weights: V; readonly memory: readonly V[] },
  iterations: readonly Iteration[],
) {
  if (options.earlyStopping === null)
    return {
      stepsMemory: start.memory,
      after: async () => ({}),
      keep: (): V[] => [],
      chosen: (weights: V) => ({ weights, chosen: iterations.length }),
    };
  const held = heldOptions(options);
  let before = await heldOutGradient(space, start.weights, held);
  let best = start.memory[0] ?? start.weights;
  return {
    stepsMemory: start.memory.slice(1),
    async after(weights: V, way: V) {
      const after = await heldOutGradient(space, weights, held);
      const change = await heldOutChange(space, way, [before, after], held);
      before = after;
      return { validation: (iterations.at(-1)?.validation ?? 0) + change };
    },
    keep(weights: V): V[] {
      if (bestEpoch(iterations) === iterations.length) best = weights;
      return [best];
    },
    chosen: () => ({ weights: best, chosen: bestEpoch(iterations) }),
  };
}

function stepsOf<V>(
  space: Space<V>,
  { weightsMax, room, parts, ...options }: SgdOptions,
  { done, memory }: { readonly done: number; readonly memory: readonly V[] },
): Steps<V> {
  const about = { ...options, norm: weightsMax + room, done: done * parts };
  return options.optimizer === "adam" ? adamSteps(space, about, memory) : momentumSteps(about, memory);
}

const bestEpoch = (iterations: readonly Iteration[]): number =>
  bestOf(iterations.map(({ validation = 0 }) => validation));

const stopsAt = (iterations: readonly Iteration[], stopping: EarlyStopping | null): boolean =>
  stopping !== null && iterations.length > 0 && iterations.length - bestEpoch(iterations) >= stopping.rounds;

function isSettled(iterations: readonly Iteration[]): boolean {
  const [before, last] = iterations.slice(-2).map(({ lossChange }) => lossChange);
  return last !== undefined && Math.abs(last - before!) <= SETTLED * Math.abs(last);
}

const heldOptions = ({ parts, heldOut, gradientMax, meanMax, weightsMax, room }: SgdOptions): HeldOutOptions => ({
  parts: Array.from({ length: heldOut }, (_, i) => parts + i),
  gradientMax: gradientMax(weightsMax + room),
  gradientShorter: shorterBy(meanMax(heldOut)),
  wayShorter: shorterBy(2 * (weightsMax + room)),
});

interface Place<V> {
  readonly weights: V;
  /** At most. */
  readonly length: number;
}

async function oneEpoch<V>(
  space: Space<V>,
  { options, steps }: { readonly options: SgdOptions; readonly steps: Steps<V> },
  from: Place<V>,
  signal: AbortSignal | undefined,
) {
  const { parts, count, learningRate, penaltyOf, gradientMax, weightsMax, room, meanMax } = options;
  const norm = weightsMax + room;
  const [meanShorter, wayShorter] = [shorterBy(meanMax(parts)), shorterBy(2 * norm)];
  const gradients: Combined<V>[] = [];
  let { weights, length } = from;
  for (let part = 0; part < parts; part++) {
    signal?.throwIfAborted();
    const value = await space.gradient(weights, part);
    const most = gradientMax(length);
    gradients.push({ kind: "gradient", value, factor: 1 / (parts * meanShorter), norm: most });
    const { terms, reach } = await steps.next(weights, value, most);
    const longest = length + reach;
    // Looked at before the step is taken, at a length that has room wherever it leads.
    const next = longest <= norm && part + 1 < parts ? longest : await lengthAt(space, options, terms, longest);
    const moved = await space.combine(terms);
    const penalty = learningRate * penaltyOf(part);
    steps.taken(weights, Math.min(reach + penalty * Math.sqrt(count), length + next));
    [weights, length] = [penalty > 0 ? await space.shrink(moved, penalty) : moved, next];
  }
  const way = await space.combine([
    { kind: "weights", value: space.subtract(weights, from.weights), factor: 1 / wayShorter, norm: 2 * norm },
  ]);
  const mean = await space.combine(gradients);
  const own = { kind: "weights", value: mean } as const;
  const [square, slope] = await space.products(own, [own, { kind: "weights", value: way }]);
  const gradient = meanShorter * lengthOf(square!);
  return { weights, way, seen: { weights: length, gradient, slope: meanShorter * wayShorter * slope! } };
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
