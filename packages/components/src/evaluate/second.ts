/** The scores of a second model on the same rows, found by their keys. */
import { type Column, TomboloError } from "@tombolo/base";
import type { TaskTable } from "../component.ts";
import { columnNamed } from "../tables.ts";
import { scoresOf } from "./scores.ts";

/** In the order of `data`. Throws `input.rows` where a row is not in `other`, or is there twice. */
export function secondScores(data: TaskTable, other: TaskTable, score: string): Float64Array {
  const scores = scoresOf(other, score);
  if (data.keys.length === 0 || other.keys.length !== data.keys.length) return inOrder(data, other, scores);
  const theirs = keysOf(other);
  const places = new Map(theirs.map((key, row) => [key, row]));
  if (places.size !== theirs.length) throw otherRows();
  return Float64Array.from(keysOf(data), (key) => {
    const row = places.get(key);
    if (row === undefined) throw otherRows();
    return scores[row]!;
  });
}

/** Without keys rows can only be taken as they come. */
function inOrder(data: TaskTable, other: TaskTable, scores: Float64Array): Float64Array {
  if (data.keys.length === 0 && other.keys.length === 0 && data.rowCount === other.rowCount) return scores;
  throw otherRows();
}

const otherRows = (): TomboloError =>
  new TomboloError("input.rows", "the two models did not score the same rows", {
    remedy: "Score the same table with both, and keep its id columns.",
  });

export function keysOf(table: TaskTable): string[] {
  const columns = table.keys.map((name) => columnNamed(table, name));
  return Array.from({ length: table.rowCount }, (_, row) => JSON.stringify(columns.map((each) => valueAt(each, row))));
}

const valueAt = (column: Column, row: number): string | number | null =>
  column.kind === "number" ? column.values[row]! : (column.categories[column.codes[row]!] ?? null);
