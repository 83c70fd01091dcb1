/** All figures of one evaluation as a JSON-able value for charts and result files. */
import { TomboloError } from "@tombolo/base";
import { checkBinary } from "./checks.ts";
import {
  auc,
  averagePrecision,
  gainCurve,
  ks,
  ksCurves,
  liftCurve,
  type Point,
  precisionRecallCurve,
  rocCurve,
} from "./curves.ts";
import { type DevianceFigures, devianceFigures } from "./deviance.ts";
import { type GainRow, gainTable } from "./gains.ts";
import { areProbabilities, brier, type Calibration, calibration, logLoss } from "./probability.ts";
import { type Ranking, rank } from "./ranking.ts";
import { type FitBin, fitBins, type RegressionFigures, regressionFigures } from "./regression.ts";
import {
  bestF1,
  type Confusion,
  confusionAt,
  suppressed,
  type ThresholdFigures,
  thresholdFigures,
} from "./threshold.ts";

export interface ReportOptions {
  /** Default 0.5. */
  readonly threshold?: number;
  /** Slices of the gain table and bins of the calibration; default 10. */
  readonly slices?: number;
  /** Points of a curve at most; default 200. */
  readonly pointsMax?: number;
  /** Slices, bins and curve steps have at least this many rows, matrix cells none or this many; default 1, no limit. */
  readonly minimumRows?: number;
  /** Of a regression: the deviance of the distribution whose variance goes with this power of the mean; default null, none. */
  readonly power?: number | null;
}

export interface BinaryReport {
  readonly kind: "binary";
  readonly rows: number;
  readonly positives: number;
  readonly auc: number | null;
  /** 2·AUC - 1 */
  readonly gini: number | null;
  readonly ks: { readonly value: number; readonly threshold: number } | null;
  readonly averagePrecision: number | null;
  /** null when scores are not probabilities. */
  readonly logLoss: number | null;
  readonly brier: number | null;
  /** `confusion` and `figures` are null when withheld for their small cells. */
  readonly atThreshold: {
    readonly threshold: number;
    readonly confusion: Confusion | null;
    readonly figures: ThresholdFigures | null;
  };
  readonly bestF1: { readonly threshold: number; readonly f1: number } | null;
  readonly gains: readonly GainRow[];
  readonly calibration: Calibration | null;
  readonly curves: {
    readonly roc: readonly Point[];
    readonly ks: { readonly tpr: readonly Point[]; readonly fpr: readonly Point[] };
    readonly precisionRecall: readonly Point[];
    readonly gain: readonly Point[];
    readonly lift: readonly Point[];
  };
}

export interface RegressionReport extends RegressionFigures {
  readonly kind: "regression";
  readonly rows: number;
  /** Null: not asked for. */
  readonly deviance: DevianceFigures | null;
  readonly fit: readonly FitBin[];
}

const defaults = { threshold: 0.5, slices: 10, pointsMax: 200, minimumRows: 1, power: null };

export function binaryReport(labels: Float64Array, scores: Float64Array, given: ReportOptions = {}): BinaryReport {
  const options = checked({ ...defaults, ...given });
  checkBinary(labels, scores);
  const ranking = rank(labels, scores);
  const area = auc(ranking);
  const probable = areProbabilities(scores);
  const { slices, minimumRows } = options;
  return {
    kind: "binary",
    rows: ranking.rows,
    positives: ranking.positives,
    auc: area,
    gini: area === null ? null : 2 * area - 1,
    ks: ks(ranking),
    averagePrecision: averagePrecision(ranking),
    logLoss: probable ? logLoss(labels, scores) : null,
    brier: probable ? brier(labels, scores) : null,
    atThreshold: atThreshold(labels, scores, options),
    bestF1: bestF1(ranking),
    gains: gainTable(ranking, slices, minimumRows),
    calibration: probable ? calibration(labels, scores, slices, minimumRows) : null,
    curves: curvesOf(ranking, options),
  };
}

export function regressionReport(
  actual: Float64Array,
  predicted: Float64Array,
  given: ReportOptions = {},
): RegressionReport {
  const { slices, minimumRows, power } = checked({ ...defaults, ...given });
  const figures = regressionFigures(actual, predicted);
  const deviance = power === null ? null : devianceFigures(actual, predicted, power);
  const fit = fitBins(actual, predicted, slices, minimumRows);
  return { kind: "regression", rows: actual.length, ...figures, deviance, fit };
}

function checked(options: Required<ReportOptions>): Required<ReportOptions> {
  if (!(options.pointsMax >= 3 && options.pointsMax <= 10_000))
    throw new TomboloError("input.points", "a curve has 3 to 10000 points");
  if (!(options.minimumRows >= 0)) throw new TomboloError("input.minimum-rows", "a minimum is at least 0");
  return options;
}

function atThreshold(
  labels: Float64Array,
  scores: Float64Array,
  { threshold, minimumRows }: Required<ReportOptions>,
): BinaryReport["atThreshold"] {
  const confusion = confusionAt(labels, scores, threshold);
  if (suppressed(confusion, minimumRows)) return { threshold, confusion: null, figures: null };
  return { threshold, confusion, figures: thresholdFigures(confusion) };
}

function curvesOf(ranking: Ranking, options: Required<ReportOptions>): BinaryReport["curves"] {
  return {
    roc: rocCurve(ranking, options),
    ks: ksCurves(ranking, options),
    precisionRecall: precisionRecallCurve(ranking, options),
    gain: gainCurve(ranking, options),
    lift: liftCurve(ranking, options),
  };
}
