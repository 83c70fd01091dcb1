/**
 * What a solver needs of the place where weights and gradients live: shares at two parties (shared-space.ts), or plain numbers
 * at one (twin.ts). Solvers see public numbers only: inner products that were opened, and factors made from them.
 */
export interface Space<V> {
  /** Where training starts; `norm`: the length of the weights, known to all; `memory`: what a solver left in an earlier attempt. */
  start(): Promise<{ readonly weights: V; readonly norm: number; readonly memory: readonly V[] }>;
  /** Of the mean loss over these rows: one of the parts that the rows are in, or all of them. `exact`: whatever is good enough for steps. */
  gradient(weights: V, part: number | "all", options?: { readonly exact: boolean }): Promise<V>;
  /** Weights from sums of vectors by public factors. */
  combine(terms: readonly Combined<V>[]): Promise<V>;
  /** Weights nearer to 0 by this much, and 0 where they are no further from it; those that penalties spare as they are. */
  shrink(weights: V, by: number): Promise<V>;
  /** Adam's running means with this gradient among them, and their quotient mean / sqrt(square), coefficient by coefficient (steps.ts). */
  adapt(before: Moments<V> | null, gradient: V, options: AdaptOptions): Promise<Adapted<V>>;
  /** Of two vectors of weights; local. */
  subtract(a: V, b: V): V;
  /** Opens the inner products of a vector with each of these. */
  products(one: Vector<V>, others: readonly Vector<V>[]): Promise<Float64Array>;
  /** Throws `input.range` if any row's exponent is cut off at these weights: they are of another loss then. Opens that alone. */
  requireRange(weights: V): Promise<void>;
}

export interface Vector<V> {
  readonly kind: "weights" | "gradient";
  readonly value: V;
}

export interface Combined<V> extends Vector<V> {
  readonly factor: number;
  /** A bound on the vector's length. */
  readonly norm: number;
}

/** Running means of gradients and of their squares, from 0 on. */
export interface Moments<V> {
  readonly mean: V;
  readonly square: V;
}

export interface AdaptOptions {
  /** How much of the mean stays; of the square SQUARE_DECAY does. */
  readonly meanDecay: number;
  /** What the square's weights sum up to by now. */
  readonly seen: number;
  /** Of gradients. */
  readonly bits: number;
}

export interface Adapted<V> {
  readonly moments: Moments<V>;
  readonly quotient: V;
}
