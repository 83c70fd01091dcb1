/** What a kind of regression is: everything that solvers, shares, range proofs and scores need to know of it. */
import type { Engine, Fixed } from "@tombolo/protocols/secret-sharing/engine";

/** What the guest has for each row, in the clear; `weights` are 1 in the mean. */
export interface ClearRows {
  readonly labels: Float64Array;
  readonly weights: Float64Array | null;
  readonly offsets: Float64Array | null;
}

/** As the family computes with them. */
export interface PreparedRows extends ClearRows {
  /** Of several classes one for each class and row, as in classes.ts. */
  readonly labels: Float64Array;
  /** The linear predictor in units of the label is scale · predictor + centre. */
  readonly scale: number;
  readonly centre: number;
  /** Of labels with a log link: what the guest divided them by. */
  readonly unit?: number;
}

/** The same, shared. */
export interface RowValues {
  readonly labels: Fixed;
  /** Null: all alike. */
  readonly weights: Fixed | null;
  /** Added to the linear predictor; null: none. */
  readonly offsets: Fixed | null;
}

/** Of several classes a row's residual is as long as the vector of all its classes'. */
export interface ResidualBounds {
  /** Of each; infinite: only their mean square is bounded. */
  readonly each: number;
  /** Of the root of their mean square over all rows. */
  readonly rms: number;
}

export interface ResidualOptions {
  /** Of the sigmoid: `fast` is within 0.005, which is little against what a mini-batch leaves to chance. */
  readonly precision: "full" | "fast";
}

/** Of each row's loss by its linear predictor, expected at the fit: what standard errors are made of. */
export interface Curvature {
  /** No row's is larger; a power of two. */
  readonly most: number;
  /** Rows' are mostly far below it: the matrix is scaled by what is opened of its size. */
  readonly wide: boolean;
  /** The label is a count, whose variance is its mean: in units of its own, which the guest divided by. */
  readonly counted: boolean;
  /** Null: `most` for all rows. */
  rows(me: Engine, predictors: Fixed): Promise<Fixed | null>;
  /** The same of one row in the clear. */
  plainRow(predictor: number): number;
  /** Null: the label's variance is what its mean gives. */
  readonly dispersion: Dispersion | null;
}

/** What the label's variance is beside the family's function of the mean: the mean of squares over the rows, less a degree for each column. */
export interface Dispersion {
  /** It has the label's units, squared; a residual standard error then. */
  readonly inUnits: boolean;
  /** It goes with this power of what the guest divided labels by. */
  readonly unitPower: number;
  /** Of the mean of squares; null: what the values' bound says. */
  readonly most: number | null;
  /** Pearson's residuals. */
  residuals(me: Engine, predictors: Fixed, labels: Fixed): Promise<Fixed>;
  /** The same of one row in the clear. */
  plainResidual(predictor: number, label: number): number;
}

export interface PrepareOptions {
  readonly intercept: boolean;
  /** Of a class at least. */
  readonly minimumRows: number;
}

export interface FamilyRules {
  /** Linear predictors of a row. */
  readonly outputs: number;
  /** Null: no standard errors. */
  readonly curvature: Curvature | null;
  /** The label has units, and coefficients are in them. */
  readonly scaled: boolean;
  /** Inverse of the largest curvature of a row's loss at the start, times 2 for two whitened matrices. */
  readonly firstStep: number;
  /** How far weights may move at once: further, the curvature at hand means nothing. */
  readonly stepMax: number;
  /** Checks labels and brings them to what is shared. Throws `input.label`, `input.offset`. */
  prepare(rows: ClearRows, options: PrepareOptions): PreparedRows;
  /** Of a prepared label. */
  labelMax(rows: number): number;
  /** Without weights, where the root of the predictors' mean square is at most `spread`. */
  residualBounds(spread: number): ResidualBounds;
  /** Derivatives of each row's loss by its linear predictor (offsets included), without weights. */
  residuals(me: Engine, predictors: Fixed, labels: Fixed, options: ResidualOptions): Promise<Fixed>;
  /** The same of one row in the clear, a predictor, a label and a residual for each output. */
  plainResiduals(predictors: readonly number[], labels: readonly number[]): readonly number[];
  /** Arguments of e^x within the residuals: what is beyond EXPONENT_MAX counts as that. */
  exponents(me: Engine, predictors: Fixed, labels: Fixed): Promise<readonly Fixed[]>;
  plainExponents(predictor: number, label: number): readonly number[];
}

/** One linear predictor for each row. */
export interface ScalarRules extends FamilyRules {
  readonly outputs: 1;
  /** The expected label, of its linear predictor. */
  mean(predictor: number): number;
  /** The other way round; infinite where no row has such a mean. */
  predictor(mean: number): number;
}

/** Of rows with one predictor. */
export const rowByRow =
  (residual: (predictor: number, label: number) => number): FamilyRules["plainResiduals"] =>
  (predictors, labels) =>
    predictors.map((predictor, i) => residual(predictor, labels[i]!));

/** Whether residuals take powers of e, whose arguments are looked at once more at the end. */
export const hasExponents = ({ plainExponents }: Pick<FamilyRules, "plainExponents">): boolean =>
  plainExponents(0, 0).length > 0;

/** e^7 is 1,097: as far as a mean, or a label over its mean, may be from that of all rows. */
export const EXPONENT_MAX = 7;
