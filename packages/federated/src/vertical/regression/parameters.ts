/** What is agreed before training and bound by the consent. */
import { TomboloError } from "@tombolo/base";
import type { Link } from "@tombolo/protocols/secret-sharing/two-party";
import { type Missing, TERMS_MAX } from "./design.ts";
import type { EarlyStopping } from "./early-stopping.ts";
import { type Family, isOfClasses } from "./families/index.ts";
import { partsOf } from "./parts.ts";

export type { Family } from "./families/index.ts";
export type Solver = "quasi-newton" | "sgd";
export type Optimizer = "momentum" | "adam";

export interface RegressionParameters {
  readonly family: Family;
  /** tweedie: the variance goes with this power of the mean, between 1 and 2. */
  readonly power: number;
  /** multinomial and one-vs-rest: how many there are; of others null. */
  readonly classes: number | null;
  readonly solver: Solver;
  readonly intercept: boolean;
  readonly missing: Missing;
  /** L2 penalty: half of this times the sum of squares of the standardised coefficients, beside the sum of losses. */
  readonly l2: number;
  /** L1 penalty: this times the sum of the standardised coefficients' sizes. */
  readonly l1: number;
  /** quasi-newton: steps at most. */
  readonly iterations: number;
  /** quasi-newton: ends when the mean gradient is shorter. */
  readonly tolerance: number;
  /** sgd: passes over the rows. */
  readonly epochs: number;
  readonly batchRows: number;
  readonly optimizer: Optimizer;
  readonly learningRate: number;
  /** Of Adam: how much of its running mean each step keeps. */
  readonly momentum: number;
  /** sgd: rows kept out tell when to end, and which epoch's weights are taken. */
  readonly earlyStopping: EarlyStopping | null;
  /** Rows at least for each term of both parties, and one more: fewer would let coefficients tell single rows. */
  readonly rowsPerTerm: number;
  /** Rows at least in which a term differs from its commonest value; rarer categories are merged. */
  readonly minimumRows: number;
  /** Terms at least of the host: of fewer the opened sums tell too much. */
  readonly hostTermsMin: number;
  /** Standard errors of own coefficients. */
  readonly inference: boolean;
  /** The guest is told how residuals lie at the fit. */
  readonly residuals: boolean;
  /** The host's columns are in bins whose weights the guest alone has (shared-bins/); coefficients of these are the guest's. */
  readonly sharedBins: boolean;
  /** slow: transfers that send a tenth of the bytes at several times the processor time. */
  readonly link: Link;
}

/** As a flow gives them. */
export interface GivenParameters extends Omit<RegressionParameters, "epochs" | "learningRate"> {
  /** Null: EPOCH_STEPS steps, within EPOCHS_FEWEST and EPOCHS_MOST. */
  readonly epochs: number | null;
  /** Null: RATES. */
  readonly learningRate: number | null;
}

const EPOCH_STEPS = 100;
const EPOCHS_FEWEST = 10;
const EPOCHS_MOST = 100;
const RATES: Readonly<Record<Optimizer, number>> = { momentum: 0.1, adam: 0.02 };

/** What was left open follows from the number of rows; batches are so small that there is one to keep out. */
export function settled(given: GivenParameters, rows: number): RegressionParameters {
  const { earlyStopping, optimizer } = given;
  const partsLeast = earlyStopping === null ? 1 : Math.ceil(1 / earlyStopping.fraction);
  const batchRows = Math.max(1, Math.min(given.batchRows, Math.floor(rows / partsLeast)));
  const steps = Math.ceil(EPOCH_STEPS / partsOf(rows, batchRows));
  return {
    ...given,
    batchRows: earlyStopping === null ? given.batchRows : batchRows,
    epochs: given.epochs ?? Math.max(EPOCHS_FEWEST, Math.min(EPOCHS_MOST, steps)),
    learningRate: given.learningRate ?? RATES[optimizer],
  };
}

export const defaultParameters: RegressionParameters = {
  family: "logistic",
  power: 1.5,
  classes: null,
  solver: "quasi-newton",
  intercept: true,
  missing: "refuse",
  l2: 0,
  l1: 0,
  iterations: 100,
  tolerance: 1e-5,
  epochs: 10,
  batchRows: 4096,
  optimizer: "momentum",
  learningRate: 0.1,
  momentum: 0.9,
  earlyStopping: null,
  rowsPerTerm: 10,
  minimumRows: 20,
  hostTermsMin: 3,
  inference: false,
  residuals: false,
  sharedBins: false,
  link: "fast",
};

export const ROWS_MAX = 2 ** 24;
/** Guest and hosts. */
export const PARTIES_MAX = 16;
export const ITERATIONS_MAX = 10_000;
/** Of `power`. */
export const POWER_LEAST = 1.05;
export const POWER_MOST = 1.95;
/** Of `classes`. */
export const CLASSES_LEAST = 3;
export const CLASSES_MOST = 32;
/** Of `rowsPerTerm` and `minimumRows`. */
export const ROWS_LEAST = 5;
/** Of `earlyStopping.fraction`. */
export const HELD_OUT_LEAST = 0.05;
export const HELD_OUT_MOST = 0.5;

export function checkParameters(parameters: RegressionParameters): void {
  const { l2, l1, iterations, tolerance, epochs, batchRows, learningRate, momentum } = parameters;
  const { rowsPerTerm, minimumRows, hostTermsMin } = parameters;
  const whole = (value: number, most: number): boolean => Number.isInteger(value) && value >= 1 && value <= most;
  const { family, classes } = parameters;
  const named = isOfClasses(family)
    ? classes !== null && whole(classes, CLASSES_MOST) && classes >= CLASSES_LEAST
    : classes === null;
  const good =
    named &&
    parameters.power >= POWER_LEAST &&
    parameters.power <= POWER_MOST &&
    l2 >= 0 &&
    l2 <= 1e9 &&
    l1 >= 0 &&
    l1 <= 1e9 &&
    whole(iterations, ITERATIONS_MAX) &&
    whole(epochs, ITERATIONS_MAX) &&
    whole(batchRows, 2 ** 20) &&
    tolerance >= 1e-7 &&
    tolerance <= 1 &&
    learningRate > 0 &&
    learningRate <= 10 &&
    momentum >= 0 &&
    momentum < 1 &&
    (parameters.optimizer === "momentum" || parameters.solver !== "sgd" || l1 === 0) &&
    (parameters.earlyStopping === null || (parameters.solver === "sgd" && isStopping(parameters.earlyStopping))) &&
    !(parameters.sharedBins && (!takesSharedBins(family) || parameters.inference)) &&
    whole(rowsPerTerm, ROWS_MAX) &&
    rowsPerTerm >= ROWS_LEAST &&
    whole(minimumRows, ROWS_MAX) &&
    minimumRows >= ROWS_LEAST &&
    whole(hostTermsMin, TERMS_MAX);
  if (!good) throw new TomboloError("input.parameters", "a parameter of the regression is out of its range");
}

/** Weights of evidence are of a label of 0 and 1. */
export const takesSharedBins = (family: Family): boolean => family === "logistic" || family === "linear";

const isStopping = ({ rounds, fraction }: EarlyStopping): boolean =>
  Number.isInteger(rounds) &&
  rounds >= 1 &&
  rounds <= ITERATIONS_MAX &&
  fraction >= HELD_OUT_LEAST &&
  fraction <= HELD_OUT_MOST;
