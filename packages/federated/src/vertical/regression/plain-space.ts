/** Weights and gradients as plain numbers, where one party has all columns: training alone, and what shares are compared with. */
import { EXPONENT_MAX, type FamilyRules, familyOf, hasExponents, type PreparedRows } from "./families/index.ts";
import { outOfRange } from "./lengths.ts";
import { dot } from "./linear-algebra.ts";
import type { RegressionParameters } from "./parameters.ts";
import { partsOf } from "./parts.ts";
import type { Adapted, AdaptOptions, Combined, Moments, Space, Vector } from "./space.ts";
import { FLOOR_BITS, SQUARE_DECAY } from "./steps.ts";

export class PlainSpace implements Space<Float64Array> {
  readonly #parameters: RegressionParameters;
  readonly #rows: PreparedRows;
  readonly #columns: readonly Float64Array[];
  readonly #family: FamilyRules;
  readonly #begin: Float64Array | null;

  /** `columns`: of the matrix. `begin`: weights to start from, class after class; null: 0. */
  constructor(
    parameters: RegressionParameters,
    rows: PreparedRows,
    columns: readonly Float64Array[],
    begin: Float64Array | null = null,
  ) {
    this.#parameters = parameters;
    this.#rows = rows;
    this.#family = familyOf(parameters);
    this.#columns = columns;
    this.#begin = begin;
  }

  async start() {
    const weights = this.#begin?.slice() ?? new Float64Array(this.#family.outputs * this.#columns.length);
    return { weights, norm: Math.hypot(...weights), memory: [] };
  }

  async gradient(weights: Float64Array, part: number | "all"): Promise<Float64Array> {
    const { batchRows, l2, intercept } = this.#parameters;
    const [count, width] = [this.#count, this.#columns.length];
    const [first, step] = part === "all" ? [0, 1] : [part, partsOf(count, batchRows)];
    const residuals = this.#residuals(this.#predictors(weights, first, step), first, step);
    const rows = residuals.length / this.#family.outputs;
    const penalty = (l2 * rows) / count;
    return Float64Array.from(weights, (weight, place) => {
      const [output, column] = [Math.floor(place / width), this.#columns[place % width]!];
      let sum = intercept && place % width === 0 ? 0 : penalty * weight;
      for (let i = 0, row = first; i < rows; i++, row += step) sum += column[row]! * residuals[output * rows + i]!;
      return sum / 2 ** Math.ceil(Math.log2(rows));
    });
  }

  /** Linear predictors of all rows, without offsets; of several classes all rows of the first class first. */
  predictors(weights: Float64Array): Float64Array {
    return this.#predictors(weights, 0, 1);
  }

  /** Derivatives of each row's loss by its linear predictor, without weights of rows. */
  residuals(weights: Float64Array): Float64Array {
    return this.#plainResiduals(this.#predictors(weights, 0, 1), 0, 1);
  }

  get #count(): number {
    return this.#rows.labels.length / this.#family.outputs;
  }

  /** Of every `step`th row from the first on. */
  #predictors(weights: Float64Array, first: number, step: number): Float64Array {
    const rows = Math.ceil((this.#count - first) / step);
    const width = this.#columns.length;
    const out = new Float64Array(this.#family.outputs * rows);
    for (let output = 0; output < this.#family.outputs; output++)
      this.#columns.forEach((column, j) => {
        const [weight, at] = [weights[output * width + j]!, output * rows];
        if (weight !== 0)
          for (let i = 0, row = first; i < rows; i++, row += step) out[at + i]! += weight * column[row]!;
      });
    return out;
  }

  #residuals(predictors: Float64Array, first: number, step: number): Float64Array {
    const { weights } = this.#rows;
    const residuals = this.#plainResiduals(predictors, first, step);
    if (weights === null) return residuals;
    const rows = residuals.length / this.#family.outputs;
    return residuals.map((residual, i) => weights[first + (i % rows) * step]! * residual);
  }

  #plainResiduals(predictors: Float64Array, first: number, step: number): Float64Array {
    const { labels, offsets } = this.#rows;
    const { outputs } = this.#family;
    const [count, rows] = [this.#count, predictors.length / outputs];
    const out = new Float64Array(predictors.length);
    const [predicted, label] = [new Array<number>(outputs), new Array<number>(outputs)];
    for (let i = 0, row = first; i < rows; i++, row += step) {
      for (let output = 0; output < outputs; output++) {
        predicted[output] = predictors[output * rows + i]! + (offsets?.[row] ?? 0);
        label[output] = labels[output * count + row]!;
      }
      const each = this.#family.plainResiduals(predicted, label);
      for (let output = 0; output < outputs; output++) out[output * rows + i] = each[output]!;
    }
    return out;
  }

  async requireRange(weights: Float64Array): Promise<void> {
    if (!hasExponents(this.#family)) return;
    const { labels, offsets } = this.#rows;
    const beyond = (predictor: number, row: number): boolean =>
      this.#family
        .plainExponents(predictor + (offsets?.[row] ?? 0), labels[row]!)
        .some((exponent) => exponent > EXPONENT_MAX);
    if (this.predictors(weights).some(beyond)) throw outOfRange();
  }

  async combine(terms: readonly Combined<Float64Array>[]): Promise<Float64Array> {
    const out = new Float64Array(this.#family.outputs * this.#columns.length);
    for (const { factor, value } of terms) for (let i = 0; i < out.length; i++) out[i]! += factor * value[i]!;
    return out;
  }

  async shrink(weights: Float64Array, by: number): Promise<Float64Array> {
    const spared = this.#parameters.intercept ? 1 : 0;
    const width = this.#columns.length;
    return weights.map((weight, i) =>
      i % width < spared ? weight : Math.sign(weight) * Math.max(0, Math.abs(weight) - by),
    );
  }

  async adapt(
    before: Moments<Float64Array> | null,
    gradient: Float64Array,
    { meanDecay, seen, bits }: AdaptOptions,
  ): Promise<Adapted<Float64Array>> {
    const { mean: oldMean, square: oldSquare } = before ?? {
      mean: gradient.map(() => 0),
      square: gradient.map(() => 0),
    };
    const mean = gradient.map((g, i) => meanDecay * oldMean[i]! + (1 - meanDecay) * g);
    const square = gradient.map((g, i) => SQUARE_DECAY * oldSquare[i]! + (1 - SQUARE_DECAY) * g ** 2);
    const floor = seen * 2 ** (2 * (FLOOR_BITS - bits));
    return { moments: { mean, square }, quotient: mean.map((m, i) => m / Math.sqrt(square[i]! + floor)) };
  }

  subtract(a: Float64Array, b: Float64Array): Float64Array {
    return a.map((value, i) => value - b[i]!);
  }

  async products(one: Vector<Float64Array>, others: readonly Vector<Float64Array>[]): Promise<Float64Array> {
    return Float64Array.from(others, ({ value }) => dot(one.value, value));
  }
}
