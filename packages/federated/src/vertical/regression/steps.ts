/**
 * Where a mini-batch's gradient g takes the weights w, before any L1 penalty:
 *
 * - momentum (Polyak's heavy ball): w' = w - rate·g + momentum·(w - w_before).
 * - Adam (Kingma, Ba, "Adam: a method for stochastic optimization", ICLR 2015; on shares: Attrapadung et al., "Adam in Private", PoPETs
 *   2022): w' = w - rate·c·m / sqrt(v + floor) for each coefficient, m and v the running means of g and g² (`Space.adapt`), c their
 *   correction for having begun at 0. In place of 10^-8 beside the root there is a floor within it (FLOOR_BITS), above what rounding may leave below 0.
 *
 * By Cauchy and Schwarz |m| <= (1 - β1) / sqrt(1 - β1²/β2) · sqrt(v / (1 - β2)), whatever the gradients: a bound on every step.
 */
import type { Combined, Moments, Space } from "./space.ts";

/** Of an entry of a gradient in Adam: its square has room. */
export const ADAPT_BITS = 28;
/** Of g² in Adam's running mean what each step forgets: 2^-10, where the paper has 0.001. */
export const FORGOTTEN_BITS = 10;
export const SQUARE_DECAY = 1 - 2 ** -FORGOTTEN_BITS;

/** Adam's divisor is 2^-(bits - FLOOR_BITS) at least: rounding gradients moves weights by little. */
export const FLOOR_BITS = 6;

export interface Move<V> {
  /** Of the next weights. */
  readonly terms: readonly Combined<V>[];
  /** From the present ones, at most. */
  readonly reach: number;
}

export interface StepOptions {
  readonly learningRate: number;
  /** Of Adam: its β1. */
  readonly momentum: number;
  /** No weights are longer. */
  readonly norm: number;
  /** Coefficients of all parties and classes. */
  readonly count: number;
  /** Adam: fraction bits of gradients, none of whose entries is longer than ADAPT_BITS then. */
  readonly adaptBits: number;
  /** Adam: batches before the first one. */
  readonly done: number;
}

/** Its state goes from batch to batch, and over attempts as `memory`. */
export interface Steps<V> {
  /** `most`: a bound on the gradient's length. */
  next(weights: V, gradient: V, most: number): Promise<Move<V>>;
  /** It was taken, and is no longer than this. */
  taken(from: V, reach: number): void;
  readonly memory: readonly V[];
}

/** `memory`: of an earlier attempt; empty: afresh. */
export function momentumSteps<V>(options: StepOptions, memory: readonly V[]): Steps<V> {
  const { learningRate, momentum, norm } = options;
  let before = memory[0];
  let last = before === undefined ? 0 : 2 * norm;
  return {
    next: async (weights, gradient, most) => ({
      terms: [
        { kind: "weights", value: weights, factor: 1 + momentum, norm },
        { kind: "weights", value: before ?? weights, factor: -momentum, norm },
        { kind: "gradient", value: gradient, factor: -learningRate, norm: most },
      ],
      reach: momentum * last + learningRate * most,
    }),
    taken(from, reach) {
      [before, last] = [from, reach];
    },
    get memory() {
      return before === undefined ? [] : [before];
    },
  };
}

export function adamSteps<V>(space: Space<V>, options: StepOptions, memory: readonly V[]): Steps<V> {
  const { learningRate, momentum, norm, count, adaptBits } = options;
  const [mean, square] = memory;
  let moments: Moments<V> | null = mean === undefined || square === undefined ? null : { mean, square };
  let step = moments === null ? 0 : options.done;
  return {
    async next(weights, gradient) {
      step++;
      const seen = 1 - SQUARE_DECAY ** step;
      const rate = (learningRate * Math.sqrt(seen)) / (1 - momentum ** step);
      const adapted = await space.adapt(moments, gradient, { meanDecay: momentum, seen, bits: adaptBits });
      ({ moments } = adapted);
      const longest = Math.sqrt(count) * quotientMax(momentum);
      return {
        terms: [
          { kind: "weights", value: weights, factor: 1, norm },
          { kind: "weights", value: adapted.quotient, factor: -rate, norm: longest },
        ],
        reach: rate * longest,
      };
    },
    taken() {},
    get memory() {
      return moments === null ? [] : [moments.mean, moments.square];
    },
  };
}

/** Of |m| / sqrt(v), and rounding. */
const quotientMax = (meanDecay: number): number =>
  (1.01 * (1 - meanDecay)) / Math.sqrt((1 - meanDecay ** 2 / SQUARE_DECAY) * (1 - SQUARE_DECAY));
