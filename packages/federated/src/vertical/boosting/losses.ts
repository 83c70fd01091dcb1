/**
 * The losses that trees are boosted for, each as one small object: which labels it takes, where margins start, first and
 * second derivatives by the margin, what a margin predicts. Formulas and constants are XGBoost's (Chen, Guestrin 2016,
 * and its objectives of the same names), so that models can be compared.
 */

import { median } from "./median.ts";
import type { BoostingParameters, Objective } from "./parameters.ts";

/** What a derivative's size is known to stay within: `most`, kept with `bits` fraction bits. Null where data decide. */
export type Limit = { readonly most: number; readonly bits: number } | null;

export interface Loss {
  /** What a label is, for who gave another one. */
  readonly expects: string;
  fits(label: number): boolean;
  /** The prediction before the first tree. `weights` by row, or null where all count alike. */
  start(labels: Float64Array, rows: Int32Array, weights: Float64Array | null): number;
  /** The margin that predicts this. */
  margin(score: number): number;
  gradient(label: number, margin: number): number;
  hessian(label: number, margin: number): number;
  readonly limits: { readonly g: Limit; readonly h: Limit };
  /** The second derivative is 1 whatever the label and margin: its sum is a count of rows. */
  readonly unitHessian?: true;
  /** A leaf takes the median of what its rows lack, in place of a Newton step. */
  readonly medianLeaves?: true;
}

const sigmoid = (margin: number): number => 1 / (1 + Math.exp(-margin));
const ONE: Limit = { most: 1, bits: 0 };
const finite = { expects: "a finite number", fits: Number.isFinite, margin: (score: number): number => score };
const notNegative = { expects: "a finite number of 0 or more", fits: (y: number) => Number.isFinite(y) && y >= 0 };
/** Of an exponential mean; a part without any event still gets a finite margin. */
const logMargin = (score: number): number => Math.log(Math.max(score, 1e-6));

function mean(labels: Float64Array, rows: Int32Array, weights: Float64Array | null): number {
  let sum = 0;
  let weight = 0;
  for (const row of rows) {
    const own = weights === null ? 1 : weights[row]!;
    sum += own * labels[row]!;
    weight += own;
  }
  return weight === 0 ? 0 : sum / weight;
}

/** Probabilities need few bits, and more would let the guest tell more subsets of rows apart by their sums. */
const PROBABILITY_BITS = 16;

const binary: Loss = {
  expects: "0 or 1",
  fits: (y) => y === 0 || y === 1,
  start: mean,
  margin(score) {
    // A part with one class only still gets a finite margin.
    const probability = Math.min(Math.max(score, 1e-6), 1 - 1e-6);
    return Math.log(probability / (1 - probability));
  },
  gradient: (y, m) => sigmoid(m) - y,
  hessian(_y, m) {
    const p = sigmoid(m);
    return p * (1 - p);
  },
  limits: { g: { most: 1, bits: PROBABILITY_BITS }, h: { most: 1 / 4, bits: PROBABILITY_BITS } },
};

const squared: Loss = {
  ...finite,
  start: mean,
  gradient: (y, m) => m - y,
  hessian: () => 1,
  limits: { g: null, h: ONE },
  unitHessian: true,
};

const absolute: Loss = {
  ...finite,
  start: median,
  gradient: (y, m) => Math.sign(m - y),
  hessian: () => 1,
  limits: { g: ONE, h: ONE },
  unitHessian: true,
  medianLeaves: true,
};

/** Pseudo-Huber: about z^2 / 2 below `slope`, about slope |z| above. */
function huber(slope: number): Loss {
  const root = (z: number): number => Math.sqrt(1 + (z / slope) ** 2);
  return {
    ...finite,
    start: median,
    gradient: (y, m) => (m - y) / root(m - y),
    hessian: (y, m) => 1 / root(m - y) ** 3, // slope^2 / ((slope^2 + z^2) root)
    limits: { g: null, h: { most: 1, bits: PROBABILITY_BITS } },
  };
}

/** The step that a leaf may take is part of the curvature: without it a Newton step on exp overshoots. */
const poisson = (maxDeltaStep: number): Loss => ({
  ...notNegative,
  start: mean,
  margin: logMargin,
  gradient: (y, m) => Math.exp(m) - y,
  hessian: (_y, m) => Math.exp(m + maxDeltaStep),
  limits: { g: null, h: null },
});

/** Variance = mean^power, between Poisson (1) and gamma (2). */
const tweedie = (power: number): Loss => ({
  ...notNegative,
  start: mean,
  margin: logMargin,
  gradient: (y, m) => Math.exp((2 - power) * m) - y * Math.exp((1 - power) * m),
  hessian: (y, m) => (2 - power) * Math.exp((2 - power) * m) - (1 - power) * y * Math.exp((1 - power) * m),
  limits: { g: null, h: null },
});

/** One class against the others: the label is 1 or 0, the margin the logarithm of its probability (`classes.ts`). */
const ofClass: Loss = {
  expects: "the number of a class, from 0 on",
  fits: (y) => Number.isInteger(y) && y >= 0,
  start: () => 0,
  margin: (score) => score,
  gradient: (y, m) => Math.exp(m) - y,
  hessian(_y, m) {
    const p = Math.exp(m);
    return 2 * p * (1 - p);
  },
  limits: { g: { most: 1, bits: PROBABILITY_BITS }, h: { most: 1 / 2, bits: PROBABILITY_BITS } },
};

/** XGBoost's default of a Poisson objective. */
const POISSON_STEP = 0.7;

/** Most that a leaf may weigh before the learning rate; 0: no bound. */
export const maxDeltaStepOf = ({ objective, maxDeltaStep }: BoostingParameters): number =>
  maxDeltaStep ?? (objective === "poisson" ? POISSON_STEP : 0);

export function lossOf(parameters: BoostingParameters): Loss {
  switch (parameters.objective) {
    case "binary":
      return binary;
    case "regression":
      return squared;
    case "absolute":
      return absolute;
    case "huber":
      return huber(parameters.huberSlope);
    case "poisson":
      return poisson(maxDeltaStepOf(parameters));
    case "tweedie":
      return tweedie(parameters.tweediePower);
    case "multi-class":
      return ofClass;
  }
}

/** From a margin to what is predicted; of several classes' margins see `classes.ts`. */
export function predictionOf(objective: Objective, margin: number): number {
  if (objective === "binary") return sigmoid(margin);
  return objective === "poisson" || objective === "tweedie" ? Math.exp(margin) : margin;
}
