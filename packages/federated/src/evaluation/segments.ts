/** The same figures for parts of the rows: groups of customers, months. Each part is looked at by itself. */
import { mean } from "./checks.ts";
import { auc, ks } from "./curves.ts";
import { rank } from "./ranking.ts";
import { regressionFigures } from "./regression.ts";
import { populationStability } from "./stability.ts";

export interface Segment {
  /** Null: rows without a value. */
  readonly name: string | null;
  readonly rows: Uint32Array;
}

interface SegmentCommon {
  readonly name: string | null;
  readonly rows: number;
  readonly meanScore: number;
  /** Population stability index of the scores against those of `against`; null without them. */
  readonly stability: number | null;
}

export interface BinarySegment extends SegmentCommon {
  readonly positives: number;
  readonly auc: number | null;
  readonly ks: number | null;
}

export interface RegressionSegment extends SegmentCommon {
  readonly meanLabel: number;
  readonly rmse: number;
  readonly mae: number;
  readonly bias: number;
  readonly r2: number | null;
}

/** `against`: scores that the parts' are compared with. Every part has rows. */
export function binarySegments(
  labels: Float64Array,
  scores: Float64Array,
  segments: readonly Segment[],
  against: Float64Array | null,
): BinarySegment[] {
  return segments.map((segment) => {
    const own = { labels: at(labels, segment), scores: at(scores, segment) };
    const ranking = rank(own.labels, own.scores);
    return {
      ...commonOf(segment, own.scores, against),
      positives: ranking.positives,
      auc: auc(ranking),
      ks: ks(ranking)?.value ?? null,
    };
  });
}

export function regressionSegments(
  actual: Float64Array,
  predicted: Float64Array,
  segments: readonly Segment[],
  against: Float64Array | null,
): RegressionSegment[] {
  return segments.map((segment) => {
    const own = { actual: at(actual, segment), predicted: at(predicted, segment) };
    return {
      ...commonOf(segment, own.predicted, against),
      meanLabel: mean(own.actual),
      ...regressionFigures(own.actual, own.predicted),
    };
  });
}

const at = (values: Float64Array, { rows }: Segment): Float64Array => Float64Array.from(rows, (row) => values[row]!);

const commonOf = ({ name, rows }: Segment, scores: Float64Array, against: Float64Array | null): SegmentCommon => ({
  name,
  rows: rows.length,
  meanScore: mean(scores),
  stability: against === null ? null : populationStability(against, scores).index,
});
