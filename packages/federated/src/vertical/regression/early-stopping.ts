/**
 * How the loss goes on rows that no step has seen: the last mini-batches, of the parts that rows are in. Aligned rows are in an order that
 * a joint key drew, so they are a sample.
 *
 * As with the course of training (quasi-newton.ts) no loss is computed: over an epoch it changes by about the way that the weights went
 * times the mean of both ends' slopes, which are opened: two numbers an epoch. Residuals are exact here, whatever those of steps are.
 */
import type { Combined, Space } from "./space.ts";

export interface EarlyStopping {
  /** Epochs without a better loss, after which training ends. */
  readonly rounds: number;
  /** Of the rows, kept out. */
  readonly fraction: number;
}

/** Of so many parts those that are kept out: the last ones. */
export const heldOut = (parts: number, stopping: EarlyStopping | null): number =>
  stopping === null ? 0 : Math.min(parts - 1, Math.max(1, Math.round(parts * stopping.fraction)));

export interface HeldOutOptions {
  readonly parts: readonly number[];
  /** A bound on each part's gradient. */
  readonly gradientMax: number;
  /** What gradients and ways are divided by before their products are opened. */
  readonly gradientShorter: number;
  readonly wayShorter: number;
}

/** The mean of these parts' gradients, shortened, as weights are. */
export async function heldOutGradient<V>(space: Space<V>, weights: V, options: HeldOutOptions): Promise<V> {
  const { parts, gradientMax, gradientShorter } = options;
  const terms: Combined<V>[] = [];
  for (const part of parts)
    terms.push({
      kind: "gradient",
      value: await space.gradient(weights, part, { exact: true }),
      factor: 1 / (parts.length * gradientShorter),
      norm: gradientMax,
    });
  return space.combine(terms);
}

/** By how much the loss on them changed along a shortened way, with the gradients at both ends. */
export async function heldOutChange<V>(
  space: Space<V>,
  way: V,
  [before, after]: readonly [V, V],
  { gradientShorter, wayShorter }: HeldOutOptions,
): Promise<number> {
  const slopes = await space.products({ kind: "weights", value: way }, [
    { kind: "weights", value: before },
    { kind: "weights", value: after },
  ]);
  return (gradientShorter * wayShorter * (slopes[0]! + slopes[1]!)) / 2;
}

/** The epoch, from 1 on, after which the loss was least. */
export const bestOf = (losses: readonly number[]): number => losses.indexOf(Math.min(...losses)) + 1;
