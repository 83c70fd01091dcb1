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
  /** The linear predictor in units of the label is scale · predictor + centre. */
  readonly scale: number;
  readonly centre: number;
}

/** The same, shared. */
export interface RowValues {
  readonly labels: Fixed;
  /** Null: all alike. */
  readonly weights: Fixed | null;
  /** Added to the linear predictor; null: none. */
  readonly offsets: Fixed | null;
}

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

/** Of each row's loss by its linear predictor, at the fit: what standard errors are made of. */
export interface Curvature {
  /** No row's is larger; a power of two. */
  readonly most: number;
  /** The label has errors of one size, which residuals tell; else it has those that its mean gives. */
  readonly residual: boolean;
  /** Null: `most` for all rows. */
  rows(me: Engine, predictors: Fixed): Promise<Fixed | null>;
}

export interface FamilyRules {
  /** Null: no standard errors. */
  readonly curvature: Curvature | null;
  /** The label has units, and coefficients are in them. */
  readonly scaled: boolean;
  /** Inverse of the largest curvature of a row's loss at the start, times 2 for two whitened matrices. */
  readonly firstStep: number;
  /** How far weights may move at once: further, the curvature at hand means nothing. */
  readonly stepMax: number;
  /** The expected label, of its linear predictor. */
  mean(predictor: number): number;
  /** The other way round; infinite where no row has such a mean. */
  predictor(mean: number): number;
  /** Checks labels and brings them to what is shared. Throws `input.label`, `input.offset`. */
  prepare(rows: ClearRows, intercept: boolean): PreparedRows;
  /** Of a prepared label. */
  labelMax(rows: number): number;
  /** Without weights, where the root of the predictors' mean square is at most `spread`. */
  residualBounds(spread: number): ResidualBounds;
  /** Derivatives of each row's loss by its linear predictor (offsets included), without weights. */
  residuals(me: Engine, predictors: Fixed, labels: Fixed, options: ResidualOptions): Promise<Fixed>;
  /** The same in the clear. */
  residual(predictor: number, label: number): number;
  /** Arguments of e^x within the residuals: what is beyond EXPONENT_MAX counts as that. */
  exponents(me: Engine, predictors: Fixed, labels: Fixed): Promise<readonly Fixed[]>;
  plainExponents(predictor: number, label: number): readonly number[];
}

/** Whether residuals take powers of e, whose arguments are looked at once more at the end. */
export const hasExponents = ({ plainExponents }: Pick<FamilyRules, "plainExponents">): boolean =>
  plainExponents(0, 0).length > 0;

/** e^7 is 1,097: as far as a mean, or a label over its mean, may be from that of all rows. */
export const EXPONENT_MAX = 7;
