/** Scores of yes or no. Points that fall as yes gets likelier are turned over for the figures, and thresholds turned back. */
import {
  aucEstimate,
  type BinaryReport,
  binaryReport,
  binarySegments,
  compareAuc,
  fairness,
  ks,
  rank,
  rocCurve,
  type Segment,
  type ThresholdRow,
  thresholdTable,
} from "@tombolo/federated/evaluation";
import type { Parameters } from "./parameters.ts";
import type { Segments } from "./segments.ts";

export interface Asked {
  readonly labels: Float64Array;
  readonly scores: Float64Array;
  /** Of a second model; null: there is none. */
  readonly second: Float64Array | null;
  /** What periods are compared with; null: the first of them. */
  readonly reference: Float64Array | null;
  readonly groups: Segments | null;
  readonly periods: Segments | null;
}

export function ofBinary(asked: Asked, parameters: Parameters) {
  const { labels, second, groups, periods } = asked;
  const { meaning, secondMeaning, slices, group, time } = parameters;
  const turned = turnedBy(meaning);
  const secondTurned = secondMeaning === "same" ? turned : turnedBy(secondMeaning);
  const scores = turned.of(asked.scores);
  const threshold = turned.sign * parameters.threshold;
  const costs = { falsePositive: parameters.falsePositiveCost, falseNegative: parameters.falseNegativeCost };
  return {
    ...turnedBack(binaryReport(labels, scores, { threshold, slices }), turned),
    meaning,
    interval: aucEstimate(labels, scores),
    costs: costsOf(thresholdTable(rank(labels, scores), costs), turned),
    ...(second === null ? {} : { second: secondOf(labels, scores, secondTurned.of(second)) }),
    ...(groups === null ? {} : { groups: { column: group, ...groupsOf(asked, scores, groups, threshold, turned) } }),
    ...(periods === null ? {} : { periods: { column: time, ...periodsOf(asked, scores, periods, turned) } }),
  };
}

interface Turned {
  readonly sign: 1 | -1;
  readonly of: (scores: Float64Array) => Float64Array;
}
const turnedBy = (meaning: "yes" | "no"): Turned =>
  meaning === "no" ? { sign: -1, of: (scores) => scores.map((x) => 0 - x) } : { sign: 1, of: (scores) => scores };

function turnedBack(report: BinaryReport, { sign }: Turned): BinaryReport {
  const back = <T extends { readonly threshold: number }>(found: T): T => ({
    ...found,
    threshold: sign * found.threshold,
  });
  return {
    ...report,
    ks: report.ks && back(report.ks),
    atThreshold: back(report.atThreshold),
    bestF1: report.bestF1 && back(report.bestF1),
  };
}

function costsOf(table: ReturnType<typeof thresholdTable>, { sign }: Turned) {
  const back = (row: ThresholdRow): ThresholdRow => ({
    ...row,
    threshold: row.threshold === null ? null : sign * row.threshold,
  });
  return { ...table, rows: table.rows.map(back), best: back(table.best) };
}

function secondOf(labels: Float64Array, scores: Float64Array, second: Float64Array) {
  const ranking = rank(labels, second);
  return { ks: ks(ranking)?.value ?? null, roc: rocCurve(ranking), auc: compareAuc(labels, scores, second) };
}

function groupsOf(asked: Asked, scores: Float64Array, { shown, small }: Segments, threshold: number, turned: Turned) {
  const fair = shown.length < 2 ? null : fairness(asked.labels, scores, threshold, shown);
  return {
    segments: segmentsOf(asked, scores, shown, null, turned),
    small,
    fairness: fair && { ...fair, threshold: turned.sign * threshold },
  };
}

function periodsOf(asked: Asked, scores: Float64Array, { shown, small }: Segments, turned: Turned) {
  const first = Float64Array.from(shown[0]!.rows, (row) => scores[row]!);
  const against = asked.reference === null ? first : turned.of(asked.reference);
  return { segments: segmentsOf(asked, scores, shown, against, turned), small };
}

const segmentsOf = (
  { labels }: Asked,
  scores: Float64Array,
  shown: readonly Segment[],
  against: Float64Array | null,
  { sign }: Turned,
) =>
  binarySegments(labels, scores, shown, against).map((segment) => ({
    ...segment,
    meanScore: sign * segment.meanScore,
  }));
