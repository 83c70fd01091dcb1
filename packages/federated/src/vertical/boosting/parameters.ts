/**
 * What is agreed before training and bound by the consent. The names follow XGBoost where it has the same thing.
 */
import { TomboloError } from "@tombolo/base";

export type Objective = "binary" | "regression";
export type TextEncoding = "one-hot" | "category";

export interface BoostingParameters {
  readonly objective: Objective;
  readonly trees: number;
  readonly depth: number;
  readonly learningRate: number;
  /** L2 on leaf weights. */
  readonly lambda: number;
  /** L1 on leaf weights. */
  readonly alpha: number;
  /** Least gain of a split. */
  readonly gamma: number;
  /** Least sum of h in a child. */
  readonly minChildWeight: number;
  /** Share of the training rows each tree sees. */
  readonly subsample: number;
  /** Share of each party's columns each tree sees, at least one column per party. */
  readonly colsample: number;
  /** Prediction before the first tree: a probability or a value; `null` is the mean of the training labels. */
  readonly baseScore: number | null;
  /** Most bins of a column, the one for missing values not counted. */
  readonly bins: number;
  readonly textEncoding: TextEncoding;
  /** Bins, candidate sides and nodes below this many training rows are merged or suppressed, at every party alike. */
  readonly minimumRows: number;
  /** Keeps `fraction` of the rows out of training; ends after `rounds` trees without a better loss on them. */
  readonly earlyStopping: { readonly rounds: number; readonly fraction: number } | null;
  readonly scheme: "okamoto-uchiyama" | "paillier";
  readonly keyBits: 2048 | 3072;
}

export const defaultParameters: BoostingParameters = {
  objective: "binary",
  trees: 50,
  depth: 4,
  learningRate: 0.2,
  lambda: 1,
  alpha: 0,
  gamma: 0,
  minChildWeight: 1,
  subsample: 1,
  colsample: 1,
  baseScore: null,
  bins: 32,
  textEncoding: "one-hot",
  minimumRows: 5,
  earlyStopping: null,
  scheme: "okamoto-uchiyama",
  keyBits: 2048,
};

/** Nodes are numbered as in a heap, root 1; ids and counts of a level stay small enough for every message. */
export const DEPTH_MAX = 10;
export const TREES_MAX = 5000;
/** A bin code is one byte; the highest code in use is that of missing values. */
export const BINS_MAX = 254;
export const FEATURES_MAX = 8192;
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
  if (parameters.objective !== "binary" && parameters.objective !== "regression")
    refuse("objective", "binary or regression");
  whole("trees", 1, TREES_MAX);
  whole("depth", 1, DEPTH_MAX);
  whole("bins", 2, BINS_MAX);
  whole("minimumRows", 1, 1_000_000);
  real("learningRate", 0, 10, true);
  for (const name of ["lambda", "alpha", "gamma", "minChildWeight"] as const) real(name, 0, 1e9);
  for (const name of ["subsample", "colsample"] as const) real(name, 0, 1, true);
  if (parameters.textEncoding !== "one-hot" && parameters.textEncoding !== "category")
    refuse("textEncoding", "one-hot or category");
  if (parameters.scheme !== "okamoto-uchiyama" && parameters.scheme !== "paillier")
    refuse("scheme", "okamoto-uchiyama or paillier");
  if (parameters.keyBits !== 2048 && parameters.keyBits !== 3072) refuse("keyBits", "2048 or 3072");
  checkBaseScore(parameters);
  checkEarlyStopping(parameters);
  return parameters;
}

function checkBaseScore({ baseScore, objective }: BoostingParameters): void {
  if (baseScore === null) return;
  if (!Number.isFinite(baseScore)) refuse("baseScore", "a finite number");
  if (objective === "binary" && (baseScore <= 0 || baseScore >= 1))
    refuse("baseScore", "a probability above 0 and below 1");
}

function checkEarlyStopping({ earlyStopping }: BoostingParameters): void {
  if (earlyStopping === null) return;
  const { rounds, fraction } = earlyStopping;
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > TREES_MAX) refuse("earlyStopping", "rounds of 1 or more");
  if (!(fraction > 0 && fraction < 1)) refuse("earlyStopping", "a fraction above 0 and below 1");
}
