/** What a selection leaves at a party: the names of its own columns that stay. */
import { type ColumnTable, TomboloError } from "@tombolo/base";
import { z } from "zod";
import { columnNames } from "../fields.ts";

export const HOLDS = "selection";

export const selectionPart = z.strictObject({ columns: columnNames });

/** Those columns, in their order. Throws `input.columns` for one that is gone. */
export function picked(table: ColumnTable, columns: readonly string[]): ColumnTable {
  return {
    ...table,
    columns: columns.map((name) => {
      const column = table.columns.find((each) => each.name === name);
      if (column !== undefined) return column;
      throw new TomboloError("input.columns", "a selected column is not in the table", {
        remedy: "Read the column, under the name it had when it was selected.",
        detail: { column: name },
      });
    }),
  };
}
