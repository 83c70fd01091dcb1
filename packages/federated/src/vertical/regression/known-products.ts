/**
 * The weights, last steps and last gradients of a quasi-Newton method, known by their inner products alone: directions are
 * factors of these vectors, and whatever is asked about a direction follows from the products.
 */
import { lengthOf } from "./lengths.ts";
import type { Combined, Vector } from "./space.ts";

const MEMORY = 6;
/** Pairs of step and change of gradient that rounding has swallowed are of no use. */
const CURVATURE_LEAST = 1e-12;

/** A factor for each of the vectors. */
export type Factors = Float64Array;

export class KnownProducts<V> {
  /** The weights, then steps, then one more gradient than steps; the last one is the present. */
  readonly #vectors: readonly Vector<V>[];
  readonly #steps: number;
  readonly #products: readonly Float64Array[];

  private constructor(vectors: readonly Vector<V>[], steps: number, products: readonly Float64Array[]) {
    this.#vectors = vectors;
    this.#steps = steps;
    this.#products = products;
  }

  /** `opened`: the gradient's products with the weights and itself. */
  static first<V>(weights: V, norm: number, gradient: V, opened: Float64Array): KnownProducts<V> {
    const vectors: Vector<V>[] = [
      { kind: "weights", value: weights },
      { kind: "gradient", value: gradient },
    ];
    return new KnownProducts(vectors, 0, [Float64Array.of(norm ** 2, opened[0]!), opened.slice()]);
  }

  get vectors(): readonly Vector<V>[] {
    return this.#vectors;
  }

  get weights(): V {
    return this.#vectors[0]!.value;
  }

  get weightsLength(): number {
    return lengthOf(this.#products[0]![0]!);
  }

  get gradientLength(): number {
    return lengthOf(this.#products.at(-1)!.at(-1)!);
  }

  /** The two loops of Liu and Nocedal. */
  direction(firstStep: number): Factors {
    const count = this.#vectors.length;
    const factors = new Float64Array(count);
    factors[count - 1] = 1;
    const pairs = Array.from({ length: this.#steps }, (_, i) => this.#pair(i)).filter(
      ({ curvature }) => curvature > CURVATURE_LEAST,
    );
    const alphas = pairs.map(() => 0);
    for (let i = pairs.length - 1; i >= 0; i--) {
      const { step, change, curvature } = pairs[i]!;
      alphas[i] = this.#product(step, factors) / curvature;
      addTimes(factors, change, -alphas[i]!);
    }
    const last = pairs.at(-1);
    const scale = last === undefined ? firstStep : last.curvature / this.#product(last.change, last.change);
    for (let i = 0; i < count; i++) factors[i]! *= scale;
    pairs.forEach(({ step, change, curvature }, i) => {
      addTimes(factors, step, alphas[i]! - this.#product(change, factors) / curvature);
    });
    return factors.map((factor) => -factor);
  }

  /** Of the present gradient along a direction. */
  slope(direction: Factors): number {
    return along(this.#products.at(-1)!, direction);
  }

  lengthOf(direction: Factors): number {
    return lengthOf(this.#product(direction, direction));
  }

  /** The weights moved so far along a direction, and their length. */
  moved(direction: Factors, length: number): { readonly terms: readonly Combined<V>[]; readonly norm: number } {
    const factors = direction.map((factor, i) => length * factor + (i === 0 ? 1 : 0));
    const terms = this.#vectors.flatMap((vector, i) =>
      factors[i] === 0 ? [] : [{ ...vector, factor: factors[i]!, norm: lengthOf(this.#products[i]![i]!) }],
    );
    const most = terms.reduce((sum, { factor, norm }) => sum + Math.abs(factor) * norm, 0);
    return { terms, norm: lengthOf(this.#product(factors, factors), most ** 2) };
  }

  /** After a step; `opened`: the new gradient's products with all `vectors` and itself. */
  after(moved: Moved<V>): KnownProducts<V> {
    const { direction, length, opened } = moved;
    const count = this.#vectors.length;
    const stepFactors = direction.map((factor) => length * factor);
    const step = Float64Array.from({ length: count }, (_, i) => along(this.#products[i]!, stepFactors));
    const [stepSquare, stepGradient] = [along(step, stepFactors), along(opened, stepFactors)];
    // All that are there now, the step and the new gradient.
    const all = [
      ...this.#products.map((row, i) => Float64Array.of(...row, step[i]!, opened[i]!)),
      Float64Array.of(...step, stepSquare, stepGradient),
      Float64Array.of(...opened.subarray(0, count), stepGradient, opened[count]!),
    ];
    for (const row of all) row[0]! += row[count]!; // the weights moved by the step
    for (let i = 0; i < all.length; i++) all[0]![i] = i === 0 ? all[0]![0]! + all[count]![0]! : all[i]![0]!;
    const drop = this.#steps === MEMORY ? 1 : 0;
    const steps = range(1 + drop, 1 + this.#steps);
    const gradients = range(1 + this.#steps + drop, count);
    const kept = [0, ...steps, count, ...gradients, count + 1];
    const vectors: Vector<V>[] = kept.map((i) =>
      i === 0
        ? { kind: "weights", value: moved.weights }
        : i === count
          ? { kind: "weights", value: moved.step }
          : i === count + 1
            ? { kind: "gradient", value: moved.gradient }
            : this.#vectors[i]!,
    );
    const products = kept.map((i) => Float64Array.from(kept, (j) => all[i]![j]!));
    return new KnownProducts(vectors, steps.length + 1, products);
  }

  #pair(i: number): { readonly step: Factors; readonly change: Factors; readonly curvature: number } {
    const [step, change] = [new Float64Array(this.#vectors.length), new Float64Array(this.#vectors.length)];
    step[1 + i] = 1;
    change[1 + this.#steps + i] = -1;
    change[2 + this.#steps + i] = 1;
    return { step, change, curvature: this.#product(step, change) };
  }

  #product(a: Factors, b: Factors): number {
    return a.reduce((sum, factor, i) => (factor === 0 ? sum : sum + factor * along(this.#products[i]!, b)), 0);
  }
}

export interface Moved<V> {
  readonly direction: Factors;
  readonly length: number;
  readonly weights: V;
  /** The new weights minus the old. */
  readonly step: V;
  readonly gradient: V;
  readonly opened: Float64Array;
}

/** Those that `values` are of; it may have more. */
export const along = (values: Float64Array, factors: Factors): number =>
  factors.reduce((sum, factor, i) => sum + factor * values[i]!, 0);

function addTimes(to: Float64Array, what: Float64Array, factor: number): void {
  for (let i = 0; i < to.length; i++) to[i]! += factor * what[i]!;
}

const range = (from: number, to: number): number[] =>
  Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i);
