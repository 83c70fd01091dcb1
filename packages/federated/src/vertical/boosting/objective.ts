/**
 * XGBoost's objective (Chen, Guestrin 2016, section 2): first and second derivatives of the loss, quantised to fixed
 * point before anything is summed, so that encrypted, subtracted and reordered sums are all the same integers; the best
 * weight of a leaf and the gain of a split.
 */
import { TomboloError } from "@tombolo/base";
import type { Histogram } from "./histogram.ts";
import type { BoostingParameters, Objective } from "./parameters.ts";

/**
 * Fraction bits of g and h. Probabilities need few; a regression's residuals, scaled to their largest, need more for the
 * sake of heavy tails, as many as leave the sums of `rows` exact in a double. More bits than needed would only cost time
 * and let the guest tell more subsets of rows apart by their sums (README, leakage).
 */
export const fractionBits = (objective: Objective, rows: number): number =>
  objective === "binary" ? 16 : Math.min(28, 50 - Math.ceil(Math.log2(Math.max(1, rows))));

/** Quantised gradients: real value = integer / scale. */
export interface Gradients extends Histogram {
  readonly gScale: number;
  readonly hScale: number;
}

export const sigmoid = (margin: number): number => 1 / (1 + Math.exp(-margin));

/** From a margin to what is predicted: a probability or a value. */
export const predictionOf = (objective: Objective, margin: number): number =>
  objective === "binary" ? sigmoid(margin) : margin;

/** Labels of a binary objective are 0 or 1, of a regression finite. */
export function checkLabels(objective: Objective, labels: Float64Array): void {
  const fits = objective === "binary" ? (y: number) => y === 0 || y === 1 : Number.isFinite;
  const row = labels.findIndex((label) => !fits(label));
  if (row >= 0) {
    const expected = objective === "binary" ? "0 or 1" : "a finite number";
    throw new TomboloError("input.label", `a label is not ${expected}`, {
      remedy: `Give every row a label that is ${expected}.`,
      detail: { row, label: labels[row] },
    });
  }
}

/** The margin before the first tree. */
export function baseMargin(parameters: BoostingParameters, labels: Float64Array, rows: Int32Array): number {
  let sum = 0;
  for (const row of rows) sum += labels[row]!;
  const score = parameters.baseScore ?? (rows.length === 0 ? 0 : sum / rows.length);
  if (parameters.objective === "regression") return score;
  // A part with one class only still gets a finite margin.
  const probability = Math.min(Math.max(score, 1e-6), 1 - 1e-6);
  return Math.log(probability / (1 - probability));
}

/** g and h of every row at its margin; `rows` are those that count in this tree and set the scale. */
export function gradientsAt(
  objective: Objective,
  labels: Float64Array,
  margins: Float64Array,
  rows: Int32Array,
): Gradients {
  const g = new Float64Array(labels.length);
  const h = new Float64Array(labels.length);
  const bits = fractionBits(objective, rows.length);
  if (objective === "binary") {
    const hScale = 2 ** bits;
    for (const row of rows) {
      const p = sigmoid(margins[row]!);
      g[row] = quantise(p - labels[row]!, hScale);
      h[row] = Math.max(1, quantise(p * (1 - p), hScale));
    }
    return { g, h, gScale: hScale, hScale };
  }
  let most = 0;
  for (const row of rows) most = Math.max(most, Math.abs(margins[row]! - labels[row]!));
  if (!Number.isFinite(most)) throw new TomboloError("input.label", "the labels are too large");
  // A power of two, so that scaling loses nothing.
  const gScale = most === 0 ? 1 : 2 ** Math.min(1000, bits - Math.ceil(Math.log2(most)));
  for (const row of rows) {
    g[row] = quantise(margins[row]! - labels[row]!, gScale);
    h[row] = 1;
  }
  return { g, h, gScale, hScale: 1 };
}

/** To an integer, halves to even so that no sign is favoured. */
function quantise(value: number, scale: number): number {
  const scaled = value * scale;
  const floor = Math.floor(scaled);
  const half = scaled - floor;
  if (half !== 0.5) return Math.round(scaled);
  return floor % 2 === 0 ? floor : floor + 1;
}

/** How sums become gains and weights in one tree. */
export interface Scoring {
  readonly lambda: number;
  readonly alpha: number;
  readonly gamma: number;
  readonly minChildWeight: number;
  readonly learningRate: number;
  readonly gScale: number;
  readonly hScale: number;
}

const softThreshold = (g: number, alpha: number): number => (g > alpha ? g - alpha : g < -alpha ? g + alpha : 0); // T_alpha(G)

/** T(G)^2 / (H + lambda) */
export function score(g: number, h: number, scoring: Scoring): number {
  const denominator = h / scoring.hScale + scoring.lambda;
  if (denominator <= 0) return 0;
  const t = softThreshold(g / scoring.gScale, scoring.alpha);
  return (t * t) / denominator;
}

/** -eta T(G) / (H + lambda) */
export function leafWeight(g: number, h: number, scoring: Scoring): number {
  const denominator = h / scoring.hScale + scoring.lambda;
  if (denominator <= 0) return 0;
  const weight = (-scoring.learningRate * softThreshold(g / scoring.gScale, scoring.alpha)) / denominator;
  return weight === 0 ? 0 : weight;
}
