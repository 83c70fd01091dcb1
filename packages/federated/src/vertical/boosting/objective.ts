/**
 * First and second derivatives of the loss (Chen, Guestrin 2016, section 2), quantised to fixed point before anything is
 * summed, so that encrypted, subtracted and reordered sums are all the same integers; the best weight of a leaf and the
 * gain of a split.
 */
import { discard, type Sampling, TomboloError } from "@tombolo/base";
import type { RowGradients } from "./histogram.ts";
import { type Limit, type Loss, lossOf, maxDeltaStepOf } from "./losses.ts";
import type { BoostingParameters } from "./parameters.ts";

/** Quantised gradients: real value = integer / scale. */
export interface Gradients extends RowGradients {
  readonly gScale: number;
  readonly hScale: number;
}

/** Both sides know what the integers of a tree with so many rows stay within: |g| <= `g`, 0 <= h <= `h`. */
export interface GradientBounds {
  readonly g: number;
  readonly h: number;
}

/**
 * Residuals, scaled to their largest, need more bits than probabilities for the sake of heavy tails, and so do weighted
 * rows; as many as leave the sums of `rows` exact in a double. More bits than needed would only cost time.
 */
const OPEN_BITS = 28;
const WEIGHTED_BITS = 24;

const isWeighted = ({ weighted, scalePosWeight }: BoostingParameters): boolean => weighted || scalePosWeight !== 1;

/** Whether h is 1 for every row that counts, so that counts of rows say what sums of h do. */
export const countsForH = (parameters: BoostingParameters): boolean =>
  lossOf(parameters).unitHessian === true && !isWeighted(parameters);

export function gradientBounds(parameters: BoostingParameters, rows: number): GradientBounds {
  const room = 50 - Math.ceil(Math.log2(Math.max(1, rows)));
  const bound = (limit: Limit): number => {
    if (limit === null) return 2 ** Math.min(OPEN_BITS, room);
    return isWeighted(parameters) ? 2 ** Math.min(WEIGHTED_BITS, room) : limit.most * 2 ** limit.bits;
  };
  const { g, h } = lossOf(parameters).limits;
  const { gradientBits } = parameters;
  if (gradientBits === null) return { g: bound(g), h: bound(h) };
  // g has a sign.
  return { g: Math.min(bound(g), 2 ** (gradientBits - 1)), h: Math.min(bound(h), 2 ** gradientBits) };
}

/** Throws `input.label` for a label that the objective does not take. */
export function checkLabels(parameters: BoostingParameters, labels: Float64Array): void {
  const loss = lossOf(parameters);
  const known = parameters.objective === "multi-class" ? parameters.classes! : Infinity;
  const row = labels.findIndex((label) => !loss.fits(label) || label >= known);
  if (row < 0) return;
  throw new TomboloError("input.label", `a label is not ${loss.expects}`, {
    remedy: `Give every row a label that is ${loss.expects}${known === Infinity ? "" : `, below ${known}`}.`,
    detail: { row, label: labels[row] },
  });
}

/** What each row counts: its own weight, and that of its class. Null where all count alike. */
export function rowWeights(
  parameters: BoostingParameters,
  labels: Float64Array,
  given: Float64Array | undefined,
): Float64Array | null {
  if (parameters.weighted !== (given !== undefined))
    throw new TomboloError("input.weights", "weights are given and not agreed, or agreed and not given");
  if (given !== undefined) checkWeights(given, labels.length);
  const { scalePosWeight } = parameters;
  if (scalePosWeight === 1) return given ?? null;
  return labels.map((label, row) => (given === undefined ? 1 : given[row]!) * (label === 1 ? scalePosWeight : 1));
}

function checkWeights(weights: Float64Array, rows: number): void {
  const row = weights.findIndex((weight) => !(weight >= 0 && weight < Infinity));
  if (row < 0 && weights.length === rows && weights.some((weight) => weight > 0)) return;
  throw new TomboloError("input.weights", "a weight is not a finite number of 0 or more, or all are 0", {
    remedy: "Give every row a weight of 0 or more, and some row more than 0.",
    detail: { row },
  });
}

/** The margin before the first tree. */
export function baseMargin(
  parameters: BoostingParameters,
  labels: Float64Array,
  rows: Int32Array,
  weights: Float64Array | null,
): number {
  const loss = lossOf(parameters);
  return loss.margin(parameters.baseScore ?? loss.start(labels, rows, weights));
}

export interface GradientInput {
  readonly parameters: BoostingParameters;
  readonly labels: Float64Array;
  readonly margins: Float64Array;
  /** Rows that count in this tree and set the scale. */
  readonly rows: Int32Array;
  readonly weights: Float64Array | null;
}

/** g and h of every row at its margin. */
export function gradientsAt(input: GradientInput): Gradients {
  const { parameters, rows, weights } = input;
  const loss = lossOf(parameters);
  const bounds = gradientBounds(parameters, rows.length);
  const scaled = (of: Loss["gradient"], limit: Limit, bound: number, least: number): Scaled => {
    const values = derivative(input, of);
    const fixed = isWeighted(parameters) ? null : fixedScale(limit);
    const scale = fixed ?? scaleFor(values, rows, bound);
    const out = new Int32Array(values.length);
    for (const row of rows) out[row] = Math.max(weights?.[row] === 0 ? 0 : least, quantise(values[row]!, scale));
    discard(values);
    return { values: out, scale };
  };
  const g = scaled(loss.gradient, loss.limits.g, bounds.g, -Infinity);
  // A row that counts is never lost.
  const h = scaled(loss.hessian, loss.limits.h, bounds.h, 1);
  return { g: g.values, h: h.values, gScale: g.scale, hScale: h.scale };
}

interface Scaled {
  readonly values: Int32Array;
  readonly scale: number;
}

/**
 * g and h in `gradientBits` bits (Shi et al., "Quantized Training of Gradient Boosting Decision Trees", NeurIPS 2022): the largest takes all of
 * them, and what lies between two integers goes up with the probability of its distance from the lower one. `sampling` is public: it
 * says nothing of what is rounded.
 */
export function fewBitGradients(input: GradientInput, sampling: Sampling): Gradients {
  const { parameters, rows } = input;
  const loss = lossOf(parameters);
  const bounds = gradientBounds(parameters, rows.length);
  const round = (of: Loss["gradient"], bound: number): Scaled => {
    const values = derivative(input, of);
    const most = largest(values, rows);
    const scale = most === 0 ? 1 : Math.min(Number.MAX_VALUE, bound / most);
    // No product is above the bound by more than a rounding error, which must not reach the next integer.
    const out = new Int32Array(values.length);
    for (const row of rows) out[row] = Math.min(bound, Math.floor(values[row]! * scale + sampling.next()));
    discard(values);
    return { values: out, scale };
  };
  const [g, h] = [round(loss.gradient, bounds.g), round(loss.hessian, bounds.h)];
  return { g: g.values, h: h.values, gScale: g.scale, hScale: h.scale };
}

function derivative({ labels, margins, rows, weights }: GradientInput, of: Loss["gradient"]): Float64Array {
  const values = new Float64Array(labels.length);
  for (const row of rows) values[row] = (weights === null ? 1 : weights[row]!) * of(labels[row]!, margins[row]!);
  return values;
}

function largest(values: Float64Array, rows: Int32Array): number {
  let most = 0;
  for (const row of rows) most = Math.max(most, Math.abs(values[row]!));
  if (!Number.isFinite(most)) throw new TomboloError("input.label", "the labels are too large");
  return most;
}

const fixedScale = (limit: Limit): number | null => (limit === null ? null : 2 ** limit.bits);

/** The largest power of two that keeps the values within the bound, so that scaling loses nothing. */
function scaleFor(values: Float64Array, rows: Int32Array, bound: number): number {
  const most = largest(values, rows);
  return most === 0 ? 1 : 2 ** Math.max(-1000, Math.min(1000, Math.log2(bound) - Math.ceil(Math.log2(most))));
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
  /** Most that a leaf weighs before the learning rate; 0: no bound. */
  readonly maxDeltaStep: number;
  readonly gScale: number;
  readonly hScale: number;
}

export const scoringOf = (parameters: BoostingParameters, { gScale, hScale }: Gradients): Scoring => ({
  lambda: parameters.lambda,
  alpha: parameters.alpha,
  gamma: parameters.gamma,
  minChildWeight: parameters.minChildWeight,
  learningRate: parameters.forest ? 1 / parameters.trees : parameters.learningRate,
  maxDeltaStep: maxDeltaStepOf(parameters),
  gScale,
  hScale,
});

const softThreshold = (g: number, alpha: number): number => (g > alpha ? g - alpha : g < -alpha ? g + alpha : 0); // T_alpha(G)

/** Between which weights a leaf's step must stay, for the sake of columns that may only raise or lower the margin. */
export interface Bounds {
  readonly low: number;
  readonly high: number;
}
export const FREE: Bounds = { low: -Infinity, high: Infinity };

/** What the best weight of a leaf gains: T(G)^2 / (H + lambda), or less where the weight is bounded. */
export function score(g: number, h: number, scoring: Scoring, bounds = FREE): number {
  const denominator = h / scoring.hScale + scoring.lambda;
  if (denominator <= 0) return 0;
  const G = g / scoring.gScale;
  const t = softThreshold(G, scoring.alpha);
  if (scoring.maxDeltaStep === 0 && bounds === FREE) return (t * t) / denominator;
  const w = stepOf(g, h, scoring, bounds);
  return -(2 * (G * w + scoring.alpha * Math.abs(w)) + denominator * w * w);
}

/** -eta T(G) / (H + lambda), within the bounds of a step */
export function leafWeight(g: number, h: number, scoring: Scoring, bounds = FREE): number {
  const weight = scoring.learningRate * stepOf(g, h, scoring, bounds);
  return weight === 0 ? 0 : weight;
}

/** The weight of a leaf before the learning rate. */
export function stepOf(g: number, h: number, scoring: Scoring, { low, high }: Bounds): number {
  const { maxDeltaStep, alpha, lambda, gScale, hScale } = scoring;
  const denominator = h / hScale + lambda;
  const best = denominator <= 0 ? 0 : -softThreshold(g / gScale, alpha) / denominator;
  const step = maxDeltaStep > 0 && Math.abs(best) > maxDeltaStep ? Math.sign(best) * maxDeltaStep : best;
  return Math.min(high, Math.max(low, step));
}
