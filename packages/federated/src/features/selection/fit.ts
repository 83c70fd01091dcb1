/** A plain regression of one party's own columns on its own label, as choosing among them needs it: fitted again and again. */
import { cholesky, inverse, solveLower, solveTransposed } from "../../vertical/regression/linear-algebra.ts";

export type Objective = "binary" | "regression";

export interface Fit {
  /** -2·log likelihood, of a linear one rows·ln(mean square), both up to what is the same for all models of these rows. */
  readonly deviance: number;
  /** Intercept first. */
  readonly weights: Float64Array;
  /** Of each weight but the intercept its estimate over its standard error. */
  readonly statistics: Float64Array;
  /** Of residuals: label less prediction. */
  readonly residuals: Float64Array;
  /** Of rows: m(1 - m), of a linear one 1 over the mean square. */
  readonly curvature: Float64Array;
  /** Inverse of the information, (weights)². */
  readonly covariance: Float64Array;
}

const STEPS_MAX = 30;
const CLOSE = 1e-10;
const LEAST_OWN_SHARE = 1e-9;

/** Columns are standardised. Null where they determine one another, or separate the labels. */
export function fitted(columns: readonly Float64Array[], labels: Float64Array, objective: Objective): Fit | null {
  return objective === "binary" ? logistic(columns, labels) : linear(columns, labels);
}

function logistic(columns: readonly Float64Array[], labels: Float64Array): Fit | null {
  const size = columns.length + 1;
  const weights = new Float64Array(size);
  let before = Number.POSITIVE_INFINITY;
  for (let step = 0; step < STEPS_MAX; step++) {
    const margins = marginsOf(columns, weights, labels.length);
    const means = margins.map((margin) => 1 / (1 + Math.exp(-margin)));
    const curvature = means.map((mean) => mean * (1 - mean));
    const residuals = labels.map((label, row) => label - means[row]!);
    const deviance = 2 * lossOf(margins, labels);
    const factor = cholesky(information(columns, curvature), size, LEAST_OWN_SHARE);
    if ("dependent" in factor) return null;
    if (Math.abs(before - deviance) < CLOSE * (1 + deviance))
      return finished(size, { deviance, weights, residuals, curvature, lower: factor.lower });
    before = deviance;
    const gradient = gradientOf(columns, residuals);
    const move = solveTransposed(factor.lower, size, solveLower(factor.lower, size, gradient));
    for (let i = 0; i < size; i++) weights[i]! += move[i]!;
  }
  return null;
}

function linear(columns: readonly Float64Array[], labels: Float64Array): Fit | null {
  const [size, rows] = [columns.length + 1, labels.length];
  const factor = cholesky(information(columns, new Float64Array(rows).fill(1)), size, LEAST_OWN_SHARE);
  if ("dependent" in factor) return null;
  const weights = solveTransposed(factor.lower, size, solveLower(factor.lower, size, gradientOf(columns, labels)));
  const margins = marginsOf(columns, weights, labels.length);
  const residuals = labels.map((label, row) => label - margins[row]!);
  const squares = residuals.reduce((sum, residual) => sum + residual ** 2, 0);
  const spread = squares / (rows - size);
  if (!(spread > 0)) return null;
  const lower = factor.lower.map((entry) => entry / Math.sqrt(spread));
  const curvature = new Float64Array(rows).fill(1 / spread);
  const deviance = rows * Math.log(squares / rows);
  return finished(size, { deviance, weights, residuals: residuals.map((r) => r / spread), curvature, lower });
}

function finished(
  size: number,
  { lower, ...fit }: Omit<Fit, "statistics" | "covariance"> & { readonly lower: Float64Array },
): Fit {
  const covariance = inverse(lower, size);
  const statistics = fit.weights.slice(1).map((weight, i) => weight / Math.sqrt(covariance[(i + 1) * (size + 1)]!));
  return { ...fit, covariance, statistics };
}

/**
 * Of a column that is not in the fit, U / sqrt(V) of Rao's score test: what it would add. 0 where it follows from the others.
 * `residuals` and `curvature` are those of the fit.
 */
export function scoreOf(fit: Fit, columns: readonly Float64Array[], candidate: Float64Array): number {
  const size = columns.length + 1;
  let [gradient, own] = [0, 0];
  const cross = new Float64Array(size);
  for (let row = 0; row < candidate.length; row++) {
    const weighted = candidate[row]! * fit.curvature[row]!;
    gradient += candidate[row]! * fit.residuals[row]!;
    own += weighted * candidate[row]!;
    cross[0]! += weighted;
    for (let i = 1; i < size; i++) cross[i]! += weighted * columns[i - 1]![row]!;
  }
  let explained = 0;
  for (let i = 0; i < size; i++)
    for (let j = 0; j < size; j++) explained += cross[i]! * fit.covariance[i * size + j]! * cross[j]!;
  const left = own - explained;
  return left > LEAST_OWN_SHARE * own ? gradient / Math.sqrt(left) : 0;
}

function marginsOf(columns: readonly Float64Array[], weights: Float64Array, rows: number): Float64Array {
  const out = new Float64Array(rows).fill(weights[0]!);
  columns.forEach((values, i) => {
    const weight = weights[i + 1]!;
    for (let row = 0; row < out.length; row++) out[row]! += weight * values[row]!;
  });
  return out;
}

/** ln(1 + e^margin) - label·margin, without overflow. */
function lossOf(margins: Float64Array, labels: Float64Array): number {
  let loss = 0;
  for (let row = 0; row < labels.length; row++) {
    const margin = margins[row]!;
    loss += Math.max(0, margin) + Math.log1p(Math.exp(-Math.abs(margin))) - labels[row]! * margin;
  }
  return loss;
}

/** Σ w·x·xᵀ, the constant first. */
function information(columns: readonly Float64Array[], weights: Float64Array): Float64Array {
  const size = columns.length + 1;
  const out = new Float64Array(size ** 2);
  for (let i = 0; i < size; i++) {
    const weighted = i === 0 ? weights : weights.map((weight, row) => weight * columns[i - 1]![row]!);
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      if (j === 0) for (let row = 0; row < weighted.length; row++) sum += weighted[row]!;
      else for (let row = 0; row < weighted.length; row++) sum += weighted[row]! * columns[j - 1]![row]!;
      out[i * size + j] = out[j * size + i] = sum;
    }
  }
  return out;
}

function gradientOf(columns: readonly Float64Array[], residuals: Float64Array): Float64Array {
  const out = new Float64Array(columns.length + 1);
  for (let row = 0; row < residuals.length; row++) out[0]! += residuals[row]!;
  columns.forEach((values, i) => {
    for (let row = 0; row < residuals.length; row++) out[i + 1]! += values[row]! * residuals[row]!;
  });
  return out;
}
