/** Labels of the guest's table. */
import { readColumns } from "@tombolo/datasets";

/** In the guest's table. */
export const LABEL = "label";

export async function labelsIn(path: string): Promise<Float64Array> {
  const [label] = (await readColumns(path, [LABEL])).columns;
  if (label?.kind !== "number") throw new Error("assertion failed: labels are numbers");
  return label.values;
}
