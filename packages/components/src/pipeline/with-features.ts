/** A table with other features. */
import { type ColumnTable, TomboloError } from "@tombolo/base";
import type { TaskTable } from "../component.ts";
import { featureColumns } from "../tables.ts";

/** Ids and label take no part and stay as they are, in front. Throws `input.columns` where one of them would be there twice. */
export function withFeatures<M extends { readonly table: ColumnTable }>(
  data: TaskTable,
  make: (features: ColumnTable) => M,
): { readonly done: TaskTable; readonly made: M } {
  const features = featureColumns(data, null);
  const kept = data.columns.filter((column) => !features.includes(column));
  const made = make({ rowCount: data.rowCount, columns: features });
  const { columns } = made.table;
  const taken = columns.find(({ name }) => kept.some((each) => each.name === name));
  if (taken === undefined) return { done: { ...data, columns: [...kept, ...columns] }, made };
  throw new TomboloError("input.columns", "a step makes a column with the name of an id or the label", {
    remedy: "Choose another name for the new column.",
    detail: { column: taken.name },
  });
}
