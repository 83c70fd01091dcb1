/** Applies a split to raw columns: the only place where a trained model meets new values. */
import { type Column, TomboloError } from "@tombolo/base";
import type { Split } from "./split.ts";

/** Whether a row goes left. Throws `input.columns` if the column is not there or of another kind. */
export function columnEvaluator(split: Split, columns: readonly Column[]): (row: number) => boolean {
  const column = columns.find((candidate) => candidate.name === split.feature);
  const kind = split.kind === "numeric" ? "number" : "text";
  if (column === undefined || column.kind !== kind) {
    throw new TomboloError("input.columns", "a column the model uses is missing or of another kind", {
      remedy: "Give the columns the model was trained on.",
      detail: { column: split.feature, kind },
    });
  }
  if (split.kind === "numeric" && column.kind === "number") {
    const { values } = column;
    const threshold = split.threshold ?? Infinity;
    return (row) => (Number.isNaN(values[row]!) ? split.missingLeft : values[row]! < threshold);
  }
  const { codes, categories } = column as Column & { kind: "text" };
  const table = leftByCode(split as Split & { kind: "text" }, categories);
  return (row) => (codes[row]! < 0 ? split.missingLeft : table[codes[row]!] === 1);
}

function leftByCode(split: Split & { kind: "text" }, categories: readonly string[]): Uint8Array {
  const named = new Set(split.otherLeft ? split.right : split.left);
  return Uint8Array.from(categories, (category) => (named.has(category) === split.otherLeft ? 0 : 1));
}
