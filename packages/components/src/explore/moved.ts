/** How far a column has moved since another table. */
import { type Column, columnLength, type TextColumn, TomboloError } from "@tombolo/base";
import { categoryStability, populationStability } from "@tombolo/federated/evaluation";
import type { TaskTable } from "../component.ts";
import { digestsOf } from "../pipeline/pipeline.ts";

/** Weights of bins say nothing of raw values. Throws `input.pipeline`. */
export function requireComparable(data: TaskTable, reference: TaskTable): void {
  if (digestsOf(data).join() === digestsOf(reference).join()) return;
  throw new TomboloError("input.pipeline", "the reference table went through other steps than the table", {
    remedy: "Compare both as they were read, or apply to the reference what the table went through.",
  });
}

export function movedSince(reference: TaskTable, column: Column): number | null {
  const before = reference.columns.find(({ name }) => name === column.name);
  return before === undefined ? null : moved(before, column);
}

/**
 * Population stability index; null where there is nothing to compare. Missing values are left out of numbers, and a category of
 * their own in text.
 */
export function moved(before: Column, column: Column): number | null {
  if (columnLength(before) === 0 || columnLength(column) === 0) return null;
  if (before.kind === "text" && column.kind === "text") return categoryStability(rowsOf(before), rowsOf(column));
  if (before.kind === "text" || column.kind === "text") return null;
  const [earlier, later] = [before, column].map(({ values }) => values.filter(Number.isFinite));
  if (earlier!.length === 0 || later!.length === 0) return null;
  return populationStability(earlier!, later!).index;
}

function rowsOf({ codes, categories }: TextColumn): Map<string | null, number> {
  const counts = new Map<string | null, number>();
  for (const code of codes) {
    const category = categories[code] ?? null;
    counts.set(category, (counts.get(category) ?? 0) + 1);
  }
  return counts;
}
