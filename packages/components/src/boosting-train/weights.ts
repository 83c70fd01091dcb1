/** The guest's column of weights, where rows have any. */
import { TomboloError } from "@tombolo/base";
import type { TaskTable } from "../component.ts";
import { columnNamed } from "../tables.ts";

/** By row; null where the flow weighs none. Throws `input.weights`. */
export function weightsIn(data: TaskTable, weight: string | null, weighted: boolean): Float64Array | null {
  if ((weight !== null) !== weighted)
    throw new TomboloError("input.weights", "the flow and the guest do not agree whether rows have weights", {
      remedy: "Set weighted and name the guest's weight column, or neither.",
    });
  if (weight === null) return null;
  const column = columnNamed(data, weight);
  if (column.kind === "number" && weight !== data.label) return column.values;
  throw new TomboloError("input.weights", "the weight column holds text, or is the label", {
    remedy: "Choose another column of numbers.",
  });
}
