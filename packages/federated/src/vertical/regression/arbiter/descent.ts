/**
 * A party's own steps: gradient descent with momentum on its own weights, which it alone knows, from own gradients that the arbiter
 * decrypted. The plaintext twin takes the same steps for all parties.
 *
 * Columns are whitened by their owner, so that curvatures are known: at most slope·parties for all columns together, and steps have that
 * unit. The fit is the mean of the weights over the last epoch (Polyak, Juditsky, "Acceleration of stochastic approximation by
 * averaging", 1992): with batches that are the same in every epoch the weights go round in a small circle in the end.
 */
import { ranOff } from "../lengths.ts";
import { dot, solveLower, solveTransposed } from "../linear-algebra.ts";
import { slopeOf } from "./loss.ts";
import type { OwnMatrix } from "./matrix.ts";
import type { ArbiterParameters } from "./parameters.ts";

/** Where an attempt goes on. All of it is the owner's alone. */
export interface OwnState {
  readonly weights: Float64Array;
  readonly velocity: Float64Array;
  /** The mean of the weights over the last epoch. */
  readonly mean: Float64Array;
  /** The mean gradient's length, of each epoch. */
  readonly gradients: readonly number[];
}

export const startOf = (size: number): OwnState => ({
  weights: new Float64Array(size),
  velocity: new Float64Array(size),
  mean: new Float64Array(size),
  gradients: [],
});

export class Descent {
  readonly #matrix: OwnMatrix;
  readonly #l2: number;
  readonly #rate: number;
  readonly #momentum: number;
  #state: OwnState;
  #weights: Float64Array;
  #velocity: Float64Array;
  #weightSum: Float64Array;
  #gradientSum: Float64Array;

  constructor(matrix: OwnMatrix, parameters: ArbiterParameters, parties: number, state: OwnState) {
    const { l2, learningRate, momentum } = parameters;
    this.#matrix = matrix;
    this.#l2 = l2 / matrix.design.rows;
    this.#rate = learningRate / (slopeOf(parameters) * parties);
    this.#momentum = momentum;
    this.#state = state;
    [this.#weights, this.#velocity] = [state.weights.slice(), state.velocity.slice()];
    const size = matrix.design.columns.length;
    [this.#weightSum, this.#gradientSum] = [new Float64Array(size), new Float64Array(size)];
  }

  get state(): OwnState {
    return this.#state;
  }

  get weights(): Float64Array {
    return this.#weights;
  }

  /** `sums`: Xᵀ·r over a part's rows. */
  step(sums: Float64Array, rows: number): void {
    const penalty = this.#penalty();
    sums.forEach((sum, j) => {
      const gradient = sum / rows + penalty[j]!;
      this.#velocity[j] = this.#momentum * this.#velocity[j]! - this.#rate * gradient;
      this.#weights[j]! += this.#velocity[j]!;
      this.#weightSum[j]! += this.#weights[j]!;
      this.#gradientSum[j]! += gradient;
    });
  }

  /** After the last part. Gives the mean gradient's length. */
  endEpoch(): number {
    const parts = this.#matrix.rows.length;
    const gradient = Math.sqrt(dot(this.#gradientSum, this.#gradientSum)) / parts;
    if (!Number.isFinite(gradient)) throw ranOff();
    this.#state = {
      weights: this.#weights.slice(),
      velocity: this.#velocity.slice(),
      mean: this.#weightSum.map((sum) => sum / parts),
      gradients: [...this.#state.gradients, gradient],
    };
    this.#weightSum.fill(0);
    this.#gradientSum.fill(0);
    return gradient;
  }

  /** Of l2/2·|coefficients of standardised columns|² beside the mean loss, which spares the intercept. */
  #penalty(): Float64Array {
    const { lower, intercept } = this.#matrix.design;
    const size = this.#weights.length;
    if (lower === null || this.#l2 === 0) return new Float64Array(size);
    const coefficients = solveTransposed(lower, size, this.#weights);
    const own = coefficients.map((value, j) => (intercept && j === 0 ? 0 : this.#l2 * value));
    return solveLower(lower, size, own);
  }
}
