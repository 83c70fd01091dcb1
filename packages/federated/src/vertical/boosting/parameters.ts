/**
 * What is agreed before training and bound by the consent. The names follow XGBoost where it has the same thing.
 */
import { TomboloError } from "@tombolo/base";
import {
  BINARY_FIGURES,
  type CustomFigure,
  type CustomMetric,
  customMetricFault,
  NUMBER_FIGURES,
} from "./custom-metric.ts";

/** What is predicted: a probability, a number by its squared, absolute or pseudo-Huber error, a count, a cost, a class. */
export const OBJECTIVES = ["binary", "regression", "absolute", "huber", "poisson", "tweedie", "multi-class"] as const;
export type Objective = (typeof OBJECTIVES)[number];
/** What early stopping watches; `loss` is the objective's own. */
export const METRICS = ["loss", "auc", "ks", "rmse", "mae", "accuracy", "custom"] as const;
export type Metric = (typeof METRICS)[number];
export const CALIBRATIONS = ["none", "platt", "isotonic"] as const;
export type CalibrationMethod = (typeof CALIBRATIONS)[number];
export type TextEncoding = "one-hot" | "category";

export const HOST_COLUMNS = ["masked", "named"] as const;
export const SCHEMES = ["lattice", "okamoto-uchiyama", "paillier"] as const;
export type Scheme = (typeof SCHEMES)[number];

export interface BoostingParameters {
  readonly objective: Objective;
  /** How many classes a multi-class label has, numbered from 0; null for every other objective. */
  readonly classes: number | null;
  /** Where pseudo-Huber turns from squared to absolute error, in the label's unit. */
  readonly huberSlope: number;
  /** Of Tweedie: variance = mean^power. */
  readonly tweediePower: number;
  /** With several classes: of each class. */
  readonly trees: number;
  readonly depth: number;
  /** Best splits first, until a tree has so many leaves; `null`: every node down to `depth`. */
  readonly maxLeaves: number | null;
  /** All trees for the first margins, averaged in place of `learningRate`: a random forest. */
  readonly forest: boolean;
  /** The first trees (of each class) are grown on the guest's columns alone: no host sees what the labels alone would say. */
  readonly guestOnlyTrees: number;
  /** Of trees that the guest grows alone: the share of rows with the largest |g|, and one drawn from the others. */
  readonly goss: { readonly top: number; readonly other: number } | null;
  readonly learningRate: number;
  /** L2 on leaf weights. */
  readonly lambda: number;
  /** L1 on leaf weights. */
  readonly alpha: number;
  /** Least gain of a split. */
  readonly gamma: number;
  /** Least sum of h in a child. */
  readonly minChildWeight: number;
  /** Most a leaf may weigh before the learning rate; 0: no bound; `null`: 0.7 for Poisson, no bound otherwise. */
  readonly maxDeltaStep: number | null;
  /** The guest gives each row a weight. */
  readonly weighted: boolean;
  /** What rows of label 1 count against those of label 0. */
  readonly scalePosWeight: number;
  /** Share of the training rows each tree sees. */
  readonly subsample: number;
  /** Share of each party's columns each tree sees, at least one column per party. */
  readonly colsample: number;
  /** Prediction before the first tree: a probability or a value; `null` is the mean (for absolute and Huber the median) of the training labels. */
  readonly baseScore: number | null;
  /** Most bins of a column, the one for missing values not counted. */
  readonly bins: number;
  readonly textEncoding: TextEncoding;
  /** Bins, candidate sides and nodes below this many training rows are merged or suppressed, at every party alike. */
  readonly minimumRows: number;
  /** g and h in so few bits, rounded up or down at random so that sums are right on average; `null`: as many as lose nothing. */
  readonly gradientBits: number | null;
  /** Keeps `fraction` of the rows out of training; ends after `rounds` trees (of each class) without a better figure on them. */
  readonly earlyStopping: { readonly rounds: number; readonly fraction: number } | null;
  /** What early stopping watches on them. */
  readonly metric: Metric;
  /** Of the metric "custom", else null. */
  readonly customMetric: CustomMetric | null;
  /** Fitted on the same rows: what turns margins into probabilities in the model; yes or no only. */
  readonly calibration: CalibrationMethod;
  /** Whether the guest is told, in the end, which columns of the hosts stand behind the numbers in its trees. */
  readonly hostColumns: (typeof HOST_COLUMNS)[number];
  /** How the hosts' sums are hidden: learning with errors, or additive encryption of each row's gradients. */
  readonly scheme: Scheme;
  /** Of additive encryption. */
  readonly keyBits: 2048 | 3072;
}

export const defaultParameters: BoostingParameters = {
  objective: "binary",
  classes: null,
  huberSlope: 1,
  tweediePower: 1.5,
  trees: 50,
  depth: 4,
  maxLeaves: null,
  forest: false,
  guestOnlyTrees: 0,
  goss: null,
  learningRate: 0.2,
  lambda: 1,
  alpha: 0,
  gamma: 0,
  minChildWeight: 1,
  maxDeltaStep: null,
  weighted: false,
  scalePosWeight: 1,
  subsample: 1,
  colsample: 1,
  baseScore: null,
  bins: 32,
  textEncoding: "one-hot",
  minimumRows: 5,
  gradientBits: null,
  earlyStopping: null,
  metric: "loss",
  customMetric: null,
  calibration: "none",
  hostColumns: "masked",
  scheme: "lattice",
  keyBits: 2048,
};

/** Nodes are numbered as in a heap, root 1; ids and counts of a level stay small enough for every message. */
export const DEPTH_MAX = 10;
export const TREES_MAX = 5000;
export const CLASSES_MAX = 32;
/** A bin code is one byte; the highest code in use is that of missing values. */
export const BINS_MAX = 254;
export const FEATURES_MAX = 8192;
export const GRADIENT_BITS_MIN = 2;
export const GRADIENT_BITS_MAX = 12;
/** So that a level's branch bits fit one message; sums of quantised gradients stay exact in a double up to 2^31 rows. */
export const ROWS_MAX = 100_000_000;

function refuse(name: keyof BoostingParameters, expected: string): never {
  throw new TomboloError("input.parameter", `boosting parameter ${name} must be ${expected}`, {
    remedy: `Set ${name} to ${expected}.`,
  });
}

/** Throws `input.parameter` for the first parameter out of its range. */
export function checkParameters(parameters: BoostingParameters): BoostingParameters {
  const whole = (name: keyof BoostingParameters, least: number, most: number): void => {
    const value = parameters[name] as number;
    if (!Number.isInteger(value) || value < least || value > most)
      refuse(name, `a whole number from ${least} to ${most}`);
  };
  const real = (name: keyof BoostingParameters, least: number, most: number, aboveLeast = false): void => {
    const value = parameters[name] as number;
    const low = aboveLeast ? value <= least : value < least;
    if (!Number.isFinite(value) || low || value > most)
      refuse(name, `${aboveLeast ? "above" : "from"} ${least} to ${most}`);
  };
  if (!OBJECTIVES.includes(parameters.objective)) refuse("objective", `one of ${OBJECTIVES.join(", ")}`);
  whole("trees", 1, TREES_MAX);
  whole("depth", 1, DEPTH_MAX);
  whole("bins", 2, BINS_MAX);
  whole("guestOnlyTrees", 0, parameters.trees);
  if (parameters.maxLeaves !== null) whole("maxLeaves", 2, 2 ** DEPTH_MAX);
  whole("minimumRows", 1, 1_000_000);
  if (parameters.gradientBits !== null) whole("gradientBits", GRADIENT_BITS_MIN, GRADIENT_BITS_MAX);
  if (parameters.gradientBits !== null && parameters.objective === "absolute")
    refuse("gradientBits", "null by absolute error, whose gradients are -1, 0 and 1");
  real("learningRate", 0, 10, true);
  real("huberSlope", 0, 1e9, true);
  real("scalePosWeight", 0, 1e6, true);
  for (const name of ["lambda", "alpha", "gamma", "minChildWeight"] as const) real(name, 0, 1e9);
  for (const name of ["subsample", "colsample"] as const) real(name, 0, 1, true);
  if (parameters.textEncoding !== "one-hot" && parameters.textEncoding !== "category")
    refuse("textEncoding", "one-hot or category");
  if (!SCHEMES.includes(parameters.scheme)) refuse("scheme", SCHEMES.join(" or "));
  if (parameters.keyBits !== 2048 && parameters.keyBits !== 3072) refuse("keyBits", "2048 or 3072");
  checkObjective(parameters);
  checkSampling(parameters);
  checkBaseScore(parameters);
  checkEarlyStopping(parameters);
  return parameters;
}

function checkObjective({
  objective,
  classes,
  trees,
  tweediePower,
  maxDeltaStep,
  scalePosWeight,
}: BoostingParameters): void {
  if (objective === "multi-class") {
    if (classes === null || !Number.isInteger(classes) || classes < 2 || classes > CLASSES_MAX)
      refuse("classes", `a whole number from 2 to ${CLASSES_MAX} for several classes`);
    if (trees * classes > TREES_MAX) refuse("trees", `at most ${TREES_MAX} over all classes`);
  } else if (classes !== null) refuse("classes", "null unless the objective is multi-class");
  if (!(tweediePower > 1 && tweediePower < 2)) refuse("tweediePower", "above 1 and below 2");
  if (maxDeltaStep !== null && !(maxDeltaStep >= 0 && maxDeltaStep <= 1e9)) refuse("maxDeltaStep", "from 0 to 1e9");
  if (scalePosWeight !== 1 && objective !== "binary") refuse("scalePosWeight", "1 unless the objective is binary");
}

function checkSampling({
  forest,
  subsample,
  colsample,
  earlyStopping,
  goss,
  guestOnlyTrees,
}: BoostingParameters): void {
  if (forest && subsample === 1 && colsample === 1) refuse("subsample", "below 1 for a forest, or colsample");
  if (forest && earlyStopping !== null)
    refuse("earlyStopping", "null for a forest, whose trees do not follow one another");
  if (forest && guestOnlyTrees > 0)
    refuse("guestOnlyTrees", "0 for a forest, whose first tree is as telling as its last");
  if (goss === null) return;
  if (!(goss.top > 0 && goss.other > 0 && goss.top + goss.other < 1))
    refuse("goss", "two shares above 0 that leave some rows out");
  if (subsample !== 1) refuse("subsample", "1 where rows are drawn by gradient");
}

const POSITIVE_ONLY: readonly Objective[] = ["poisson", "tweedie"];

function checkBaseScore({ baseScore, objective }: BoostingParameters): void {
  if (baseScore === null) return;
  if (!Number.isFinite(baseScore)) refuse("baseScore", "a finite number");
  if (objective === "binary" && (baseScore <= 0 || baseScore >= 1))
    refuse("baseScore", "a probability above 0 and below 1");
  if (objective === "multi-class") refuse("baseScore", "null for several classes, which all start alike");
  if (POSITIVE_ONLY.includes(objective) && baseScore <= 0) refuse("baseScore", "above 0 for a count or a cost");
}

/** What early stopping may watch. */
export const METRICS_OF: Readonly<Record<Objective, readonly Metric[]>> = {
  binary: ["loss", "auc", "ks", "custom"],
  "multi-class": ["loss", "accuracy"],
  ...{
    regression: ["loss", "rmse", "mae", "custom"],
    absolute: ["loss", "rmse", "mae", "custom"],
    huber: ["loss", "rmse", "mae", "custom"],
  },
  ...{ poisson: ["loss", "rmse", "mae", "custom"], tweedie: ["loss", "rmse", "mae", "custom"] },
};

/** What a custom metric may be made of. */
export const customFiguresOf = (objective: Objective): readonly CustomFigure[] =>
  objective === "binary" ? BINARY_FIGURES : NUMBER_FIGURES;

function checkEarlyStopping(parameters: BoostingParameters): void {
  const { earlyStopping, metric, customMetric, calibration, objective } = parameters;
  const known = METRICS_OF[objective];
  if (!known.includes(metric)) refuse("metric", `one of ${known.join(", ")} for this objective`);
  if ((metric === "custom") !== (customMetric !== null)) refuse("customMetric", 'given for the metric "custom" alone');
  const fault = customMetric === null ? null : customMetricFault(customMetric, customFiguresOf(objective));
  if (fault !== null) refuse("customMetric", fault);
  if (!CALIBRATIONS.includes(calibration)) refuse("calibration", `one of ${CALIBRATIONS.join(", ")}`);
  if (calibration !== "none" && objective !== "binary") refuse("calibration", "none unless the objective is binary");
  if (calibration !== "none" && earlyStopping === null)
    refuse("calibration", "none without early stopping, whose validation rows it is fitted on");
  if (earlyStopping === null) return;
  const { rounds, fraction } = earlyStopping;
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > TREES_MAX) refuse("earlyStopping", "rounds of 1 or more");
  if (!(fraction > 0 && fraction < 1)) refuse("earlyStopping", "a fraction above 0 and below 1");
}
