/** What each threshold costs: rows called yes, who is right among them, and the price of both kinds of mistakes. */
import { TomboloError } from "@tombolo/base";
import { ratio } from "./checks.ts";
import type { Ranking } from "./ranking.ts";

/** At least 0, in any unit; not both 0. */
export interface Costs {
  readonly falsePositive: number;
  readonly falseNegative: number;
}

export interface ThresholdRow {
  /** Rows with this score or a higher one are called yes; null: none is. */
  readonly threshold: number | null;
  readonly called: number;
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly precision: number | null;
  readonly recall: number | null;
  readonly falsePositiveRate: number | null;
  /** Of all rows together. */
  readonly cost: number;
}

export interface ThresholdTable {
  readonly costs: Costs;
  /** From the highest threshold down, the best one among them. */
  readonly rows: readonly ThresholdRow[];
  /** Of all thresholds the one that costs least, the highest of several; with no row called, if nothing costs less. */
  readonly best: ThresholdRow;
  /** Where calibrated probabilities would have it: falsePositive / (falsePositive + falseNegative) (Elkan, IJCAI 2001). */
  readonly calibrated: number;
}

/** `rowsMax`: of the table, at about equal steps of rows called. */
export function thresholdTable(ranking: Ranking, costs: Costs, rowsMax = 20): ThresholdTable {
  const { falsePositive, falseNegative } = costs;
  if (!(falsePositive >= 0 && falseNegative >= 0 && falsePositive + falseNegative > 0))
    throw new TomboloError("input.costs", "a mistake costs 0 or more, and one kind of them more than 0");
  const steps = ranking.thresholds.length;
  let best = rowAt(ranking, -1, costs);
  for (let i = 0; i < steps; i++) {
    const row = rowAt(ranking, i, costs);
    if (row.cost < best.cost) best = row;
  }
  const shown = shownSteps(ranking, rowsMax).map((i) => rowAt(ranking, i, costs));
  const rows = [...shown.filter(({ called }) => called !== best.called), best].sort((a, b) => a.called - b.called);
  return { costs, rows, best, calibrated: falsePositive / (falsePositive + falseNegative) };
}

/** -1: before the first step. */
function rowAt({ rows, positives, thresholds, ...found }: Ranking, i: number, costs: Costs): ThresholdRow {
  const truePositives = i < 0 ? 0 : found.truePositives[i]!;
  const falsePositives = i < 0 ? 0 : found.falsePositives[i]!;
  const called = truePositives + falsePositives;
  return {
    threshold: i < 0 ? null : thresholds[i]!,
    called,
    truePositives,
    falsePositives,
    precision: ratio(truePositives, called),
    recall: ratio(truePositives, positives),
    falsePositiveRate: ratio(falsePositives, rows - positives),
    cost: falsePositives * costs.falsePositive + (positives - truePositives) * costs.falseNegative,
  };
}

/** The last step that takes no more than each part of the rows. */
function shownSteps({ rows, thresholds, truePositives, falsePositives }: Ranking, rowsMax: number): number[] {
  const kept: number[] = [];
  let part = 1;
  for (let i = 0; i < thresholds.length; i++) {
    const next = i + 1 < thresholds.length ? truePositives[i + 1]! + falsePositives[i + 1]! : Number.POSITIVE_INFINITY;
    if (next <= (rows * part) / rowsMax) continue;
    kept.push(i);
    while (next > (rows * part) / rowsMax && part <= rowsMax) part++;
  }
  return kept;
}
