/** One party's part of a scorecard as a table for people, comma-separated. */
import { toCsv } from "@tombolo/base";
import type { Scorecard } from "./card.ts";

export const scorecardCsv = ({ base, columns }: Scorecard): string =>
  toCsv([
    ["column", "bin", "rows", "woe", "points"],
    ...(base === null ? [] : [["", "base", "", "", base]]),
    ...columns.flatMap(({ name, bins }) => bins.map((bin) => [name, bin.name, bin.rows, bin.woe, bin.points])),
  ]);
