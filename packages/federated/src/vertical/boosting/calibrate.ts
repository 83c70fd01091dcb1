/**
 * Probabilities that are met as often as they say: fitted at the guest on the rows that early stopping kept out of
 * training, and part of its model from then on. Yes-or-no models only. Local: nothing is sent.
 *
 * platt: p = 1 / (1 + exp(-(slope * margin + intercept))), by maximum likelihood with Platt's targets (Platt 1999), found
 * as by Lin, Lin and Weng (Machine Learning 68, 2007). isotonic: the monotone step function with least squares
 * (pool adjacent violators; Ayer et al. 1955), straight between its steps, level beyond them.
 * Rows count alike, whatever they weighed in training.
 */
import { TomboloError } from "@tombolo/base";
import { brier, type CalibrationBin, calibration, logLoss } from "../../evaluation/index.ts";
import { predictionOf } from "./losses.ts";
import type { CalibrationMethod, Objective } from "./parameters.ts";

export type Calibrator =
  | { readonly method: "platt"; readonly slope: number; readonly intercept: number }
  /** At least one step; margins rise, probabilities do not fall. */
  | { readonly method: "isotonic"; readonly margins: readonly number[]; readonly probabilities: readonly number[] };

export interface Scored {
  readonly objective: Objective;
  readonly calibration?: Calibrator | undefined;
}

/** The prediction of a row with this margin. */
export function scoreOf({ objective, calibration }: Scored, margin: number): number {
  return calibration === undefined ? predictionOf(objective, margin) : calibrated(calibration, margin);
}

export function calibrated(by: Calibrator, margin: number): number {
  if (by.method === "platt") return sigmoid(by.slope * margin + by.intercept);
  const { margins, probabilities } = by;
  let [low, high] = [0, margins.length - 1];
  if (margin <= margins[low]!) return probabilities[low]!;
  if (margin >= margins[high]!) return probabilities[high]!;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (margins[middle]! <= margin) low = middle;
    else high = middle;
  }
  const share = (margin - margins[low]!) / (margins[high]! - margins[low]!);
  return probabilities[low]! + share * (probabilities[high]! - probabilities[low]!);
}

/** Labels 0 and 1. Throws `input.label` where only one of them is there. */
export function fitCalibrator(
  method: Exclude<CalibrationMethod, "none">,
  margins: Float64Array,
  labels: Float64Array,
): Calibrator {
  const positives = labels.reduce((sum, label) => sum + label, 0);
  if (positives === 0 || positives === labels.length)
    throw new TomboloError("input.label", "the rows kept out to calibrate on have one class only", {
      remedy: "Keep more rows out for early stopping, or do without calibration.",
    });
  return method === "platt" ? platt(margins, labels, positives) : isotonic(margins, labels);
}

const sigmoid = (z: number): number => (z >= 0 ? 1 / (1 + Math.exp(-z)) : Math.exp(z) / (1 + Math.exp(z)));

const ROUNDS_MAX = 100;
const LEAST_STEP = 1e-10;
/** Of the Hessian, so that margins that are all alike have a fit, too. */
const RIDGE = 1e-12;

/** Newton's method with halved steps on the negative log-likelihood, which is convex. */
function platt(margins: Float64Array, labels: Float64Array, positives: number): Calibrator {
  const [yes, no] = [(positives + 1) / (positives + 2), 1 / (labels.length - positives + 2)];
  const targets = labels.map((label) => (label === 1 ? yes : no));
  let [slope, intercept] = [0, Math.log((positives + 1) / (labels.length - positives + 1))];
  let loss = crossEntropy(margins, targets, slope, intercept);
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const [a, b] = newtonStep(margins, targets, slope, intercept);
    if (Math.abs(a) + Math.abs(b) < LEAST_STEP) break;
    let step = 1;
    for (; step >= LEAST_STEP; step /= 2) {
      const next = crossEntropy(margins, targets, slope + step * a, intercept + step * b);
      if (next > loss) continue;
      [slope, intercept, loss] = [slope + step * a, intercept + step * b, next];
      break;
    }
    if (step < LEAST_STEP) break;
  }
  return { method: "platt", slope, intercept };
}

function newtonStep(margins: Float64Array, targets: Float64Array, slope: number, intercept: number): [number, number] {
  let [ga, gb, haa, hab, hbb] = [0, 0, RIDGE, 0, RIDGE];
  margins.forEach((margin, row) => {
    const p = sigmoid(slope * margin + intercept);
    const [g, h] = [p - targets[row]!, p * (1 - p)];
    ga += g * margin;
    gb += g;
    haa += h * margin * margin;
    hab += h * margin;
    hbb += h;
  });
  const determinant = haa * hbb - hab * hab;
  if (!(determinant > 0)) return [0, 0];
  return [-(hbb * ga - hab * gb) / determinant, -(haa * gb - hab * ga) / determinant];
}

/** -t log p - (1 - t) log(1 - p), without overflow. */
function crossEntropy(margins: Float64Array, targets: Float64Array, slope: number, intercept: number): number {
  return margins.reduce((sum, margin, row) => {
    const z = slope * margin + intercept;
    return sum + Math.max(z, 0) - targets[row]! * z + Math.log1p(Math.exp(-Math.abs(z)));
  }, 0);
}

interface Block {
  readonly first: number;
  readonly last: number;
  readonly sum: number;
  readonly rows: number;
}

function isotonic(margins: Float64Array, labels: Float64Array): Calibrator {
  const blocks: Block[] = [];
  for (const each of blocksOfEqual(margins, labels)) {
    let block = each;
    for (let before = blocks.at(-1); before !== undefined && falls(before, block); before = blocks.at(-1)) {
      blocks.pop();
      const [sum, rows] = [before.sum + block.sum, before.rows + block.rows];
      block = { first: before.first, last: block.last, sum, rows };
    }
    blocks.push(block);
  }
  const ends = blocks.flatMap(({ first, last, sum, rows }) => {
    const probability = sum / rows;
    return first === last ? [{ at: first, probability }] : [first, last].map((at) => ({ at, probability }));
  });
  const [at, probabilities] = [ends.map((end) => end.at), ends.map((end) => end.probability)];
  return { method: "isotonic", margins: at, probabilities };
}

/** Rows of one margin have one probability. */
function blocksOfEqual(margins: Float64Array, labels: Float64Array): Iterable<Block> {
  const found = new Map<number, Block>();
  for (const row of Array.from(margins.keys()).sort((a, b) => margins[a]! - margins[b]!)) {
    const at = margins[row]!;
    const { sum, rows } = found.get(at) ?? { sum: 0, rows: 0 };
    found.set(at, { first: at, last: at, sum: sum + labels[row]!, rows: rows + 1 });
  }
  return found.values();
}

/** Or stays: means are pooled. */
const falls = (before: Block, block: Block): boolean => before.sum * block.rows >= block.sum * before.rows;

export interface CalibrationFigures {
  readonly logLoss: number;
  readonly brier: number;
  /** Expected calibration error. */
  readonly error: number;
  readonly bins: readonly CalibrationBin[];
}

export interface CalibrationReport {
  readonly method: CalibrationMethod;
  readonly rows: number;
  readonly before: CalibrationFigures;
  /** Each half of the rows by what was fitted on the other: what to expect of rows that are new. */
  readonly after: CalibrationFigures;
}

const BINS = 10;

/** Margins and labels of the rows kept out. */
export function calibrationReport(
  method: Exclude<CalibrationMethod, "none">,
  margins: Float64Array,
  labels: Float64Array,
): CalibrationReport {
  const half = (odd: number, values: Float64Array): Float64Array => values.filter((_, row) => row % 2 === odd);
  const halves = [0, 1].map((odd) => {
    const [m, y] = [half(odd, margins), half(odd, labels)];
    const positives = y.reduce((sum, label) => sum + label, 0);
    return positives === 0 || positives === y.length ? undefined : fitCalibrator(method, m, y);
  });
  const all = fitCalibrator(method, margins, labels);
  const after = margins.map((margin, row) => calibrated(halves[1 - (row % 2)] ?? all, margin));
  const before = margins.map((margin) => predictionOf("binary", margin));
  return { method, rows: margins.length, before: figures(labels, before), after: figures(labels, after) };
}

function figures(labels: Float64Array, scores: Float64Array): CalibrationFigures {
  const { bins, error } = calibration(labels, scores, BINS, 1);
  return { logLoss: logLoss(labels, scores), brier: brier(labels, scores), error, bins };
}
