import { TomboloError } from "@tombolo/base";
import type { TaskTable } from "../component.ts";
import { columnNamed } from "../tables.ts";

export function scoresOf(table: TaskTable, name: string): Float64Array {
  const column = columnNamed(table, name);
  if (column.kind === "number") return column.values;
  throw new TomboloError("input.columns", "the score column holds text", { remedy: "Choose a column of numbers." });
}
