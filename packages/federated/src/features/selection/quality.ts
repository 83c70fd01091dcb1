/** What a column says for itself, without a label: how much is missing, how alike its values are, whether it is an id. */
import type { Column } from "@tombolo/base";
import { countCodes, moments } from "../figures.ts";

export interface ColumnQuality {
  /** Share of rows without a value. */
  readonly missing: number;
  /** Different values over rows that have one; 1: all differ, as in an identifier. 0 of a column without values. */
  readonly unique: number;
  /** Share of the commonest value among rows that have one; 1: constant, and of a column without values. */
  readonly commonest: number;
  /** Over all values, not one fewer; null of text. */
  readonly variance: number | null;
}

export function columnQuality(column: Column): ColumnQuality {
  if (column.kind === "text") {
    const counts = countCodes(column.codes, column.categories.length);
    return {
      ...sharesOf(
        counts.filter((count) => count > 0),
        column.codes.length,
      ),
      variance: null,
    };
  }
  const counts = runsOf(column.values.filter((value) => !Number.isNaN(value)).sort());
  const { deviation, count } = moments(column.values);
  return { ...sharesOf(counts, column.values.length), variance: count === 0 ? 0 : deviation ** 2 };
}

function sharesOf(counts: ArrayLike<number>, rows: number): Omit<ColumnQuality, "variance"> {
  let [present, most] = [0, 0];
  for (let i = 0; i < counts.length; i++) {
    present += counts[i]!;
    most = Math.max(most, counts[i]!);
  }
  const missing = rows === 0 ? 0 : 1 - present / rows;
  return present === 0
    ? { missing, unique: 0, commonest: 1 }
    : { missing, unique: counts.length / present, commonest: most / present };
}

/** How often each value of an ascending list occurs. */
function runsOf(sorted: Float64Array): number[] {
  const counts: number[] = [];
  for (let from = 0, to = 0; from < sorted.length; from = to) {
    while (to < sorted.length && sorted[to] === sorted[from]) to++;
    counts.push(to - from);
  }
  return counts;
}
