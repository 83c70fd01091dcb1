/** Figures after each tree (of each class), for early stopping and live charts. The guest alone has the labels and so these figures. */
import { discard, TomboloError } from "@tombolo/base";
import { logLoss, regressionFigures, separation } from "../../evaluation/index.ts";
import { predictionsOf } from "./classes.ts";
import { customFigure } from "./custom-metric.ts";
import type { BoostingParameters, Metric } from "./parameters.ts";
import type { RowParts } from "./sample.ts";

/**
 * `loss` is the objective's own, a mean over rows that all count alike: log-loss, root mean squared error, absolute or
 * pseudo-Huber error, or minus the log-likelihood of Poisson or (but for what no prediction changes) Tweedie. The others
 * are there where they mean something: binary `auc` (absent where one class is missing), multi-class `accuracy`, and what
 * early stopping watches.
 */
export type PartEvaluation = { readonly loss: number } & { readonly [name in Exclude<Metric, "loss">]?: number };

export interface Evaluation {
  /** Trees so far. */
  readonly trees: number;
  readonly training: PartEvaluation;
  readonly validation?: PartEvaluation;
}

/** `margins` by output. */
export function evaluate(
  parameters: BoostingParameters,
  labels: Float64Array,
  margins: readonly Float64Array[],
  parts: RowParts,
  trees: number,
): Evaluation {
  const part = (rows: Int32Array): PartEvaluation => {
    const all = rows.length === labels.length;
    const of = (values: Float64Array): Float64Array => (all ? values : Float64Array.from(rows, (row) => values[row]!));
    const predicted = predictionsOf({ objective: parameters.objective }, margins.map(of));
    const figures = figuresOf(parameters, of(labels), predicted);
    discard(predicted);
    return figures;
  };
  const training = part(parts.training);
  return parts.validation.length === 0 ? { trees, training } : { trees, training, validation: part(parts.validation) };
}

/** `predicted` as `predictionsOf` gives them. */
export function figuresOf(
  parameters: BoostingParameters,
  actual: Float64Array,
  predicted: Float64Array,
): PartEvaluation {
  const { objective, metric, customMetric } = parameters;
  const custom = customMetric === null ? undefined : customFigure(customMetric, actual, predicted);
  const composed = custom === undefined ? {} : { custom };
  if (objective === "binary") return { ...binaryFigures(actual, predicted, metric), ...composed };
  if (objective === "multi-class") return classFigures(actual, predicted, parameters.classes!);
  const { rmse, mae } = regressionFigures(actual, predicted);
  const loss = numberLoss(parameters, actual, predicted, { rmse, mae });
  return { loss, ...(metric === "rmse" ? { rmse } : metric === "mae" ? { mae } : {}), ...composed };
}

function binaryFigures(labels: Float64Array, scores: Float64Array, metric: Metric): PartEvaluation {
  const apart = separation(labels, scores);
  const loss = logLoss(labels, scores);
  if (apart === null) return { loss };
  return { loss, auc: apart.auc, ...(metric === "ks" ? { ks: apart.ks } : {}) };
}

function classFigures(labels: Float64Array, shares: Float64Array, classes: number): PartEvaluation {
  let loss = 0;
  let right = 0;
  labels.forEach((label, row) => {
    const own = shares.subarray(row * classes, (row + 1) * classes);
    loss -= Math.log(Math.max(Number.EPSILON, own[label]!));
    if (own.every((share, c) => c === label || share < own[label]!)) right++;
  });
  return { loss: loss / labels.length, accuracy: right / labels.length };
}

function numberLoss(
  { objective, huberSlope, tweediePower: rho }: BoostingParameters,
  actual: Float64Array,
  predicted: Float64Array,
  { rmse, mae }: { rmse: number; mae: number },
): number {
  const meanOf = (of: (y: number, p: number) => number): number =>
    actual.reduce((sum, y, row) => sum + of(y, predicted[row]!), 0) / actual.length;
  if (objective === "absolute") return mae;
  if (objective === "huber") return meanOf((y, p) => huberSlope ** 2 * (Math.hypot(1, (p - y) / huberSlope) - 1));
  if (objective === "poisson") return meanOf((y, p) => p - y * Math.log(p) + logFactorial(y));
  if (objective === "tweedie") return meanOf((y, p) => p ** (2 - rho) / (2 - rho) - (y * p ** (1 - rho)) / (1 - rho));
  return rmse;
}

/** log Gamma(y + 1) by Stirling's series (Abramowitz, Stegun 6.1.41) from 9 on, stepped down to smaller arguments. */
function logFactorial(y: number): number {
  let x = y + 1;
  let product = 1;
  for (; x < 9; x++) product *= x;
  const [r, r2] = [1 / x, 1 / x ** 2];
  const series = r * (1 / 12 - r2 * (1 / 360 - r2 * (1 / 1260 - r2 / 1680)));
  return (x - 0.5) * Math.log(x) - x + Math.log(2 * Math.PI) / 2 + series - Math.log(product);
}

const HIGHER_IS_BETTER: readonly Metric[] = ["auc", "ks", "accuracy"];

/** How bad the validation part stands: what early stopping wants low. Throws `input.label` where it cannot be told. */
export function badness(
  { validation }: Evaluation,
  { metric, customMetric }: Pick<BoostingParameters, "metric" | "customMetric">,
): number {
  const figure = validation![metric];
  if (figure === undefined)
    throw new TomboloError("input.label", "the rows kept out have one class only", {
      remedy: "Keep more rows out for early stopping, or let it watch the loss.",
    });
  return HIGHER_IS_BETTER.includes(metric) || customMetric?.better === "higher" ? -figure : figure;
}
