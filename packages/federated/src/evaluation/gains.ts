/** Lift and gain by slices of the ranking, tenths by default: what campaign planners read. */
import { TomboloError } from "@tombolo/base";
import type { Ranking } from "./ranking.ts";

export interface GainRow {
  /** Share of rows taken up to and with this slice, best scores first. */
  readonly depth: number;
  readonly rows: number;
  /** Expected positives in the slice: rows of one score on both sides of its edge are shared out evenly. */
  readonly positives: number;
  readonly rate: number;
  readonly lift: number | null;
  readonly cumulativeLift: number | null;
  /** Share of all positives found so far. */
  readonly gain: number | null;
}

const SLICES_MAX = 100;

/** Fewer slices where `slices` of them would have less than `minimumRows` rows each. */
export function gainTable(ranking: Ranking, slices = 10, minimumRows = 1): GainRow[] {
  if (!Number.isInteger(slices) || slices < 1 || slices > SLICES_MAX)
    throw new TomboloError("input.slices", `a gain table has 1 to ${SLICES_MAX} slices`);
  const count = Math.max(1, Math.min(slices, Math.floor(ranking.rows / Math.max(1, minimumRows))));
  const base = ranking.positives / ranking.rows;
  const edge = (i: number): number => Math.round((ranking.rows * i) / count);
  return Array.from({ length: count }, (_, i) => {
    const [from, to] = [edge(i), edge(i + 1)];
    const before = positivesAmong(ranking, from);
    const until = positivesAmong(ranking, to);
    const rate = (until - before) / (to - from);
    return {
      depth: to / ranking.rows,
      rows: to - from,
      positives: until - before,
      rate,
      lift: base === 0 ? null : rate / base,
      cumulativeLift: base === 0 ? null : until / to / base,
      gain: base === 0 ? null : until / ranking.positives,
    };
  });
}

/** Expected positives among the best `count` rows when rows of one score come in random order. */
function positivesAmong({ truePositives, falsePositives }: Ranking, count: number): number {
  let [positives, rows] = [0, 0];
  for (let i = 0; i < truePositives.length; i++) {
    const until = truePositives[i]! + falsePositives[i]!;
    if (until >= count) return positives + ((truePositives[i]! - positives) * (count - rows)) / (until - rows);
    [positives, rows] = [truePositives[i]!, until];
  }
  return positives;
}
