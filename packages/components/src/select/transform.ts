/** A selection as a kind of transform: it changes no value, so of what is wanted nothing is needed but that. */
import type { Fit, TransformKind } from "../pipeline/transform.ts";
import { picked, selectionPart } from "./part.ts";

export const selection: TransformKind = {
  title: { en: "Select", zh: "特征筛选" },
  open: (value) => fitOf(selectionPart.parse(value).columns),
};

const fitOf = (columns: readonly string[]): Fit => ({
  apply: (table) => picked(table, columns),
  narrow: (wanted) => ({ fit: fitOf(columns.filter((name) => wanted.has(name))), takes: wanted }),
  steps: [columns.join(", ")],
});
