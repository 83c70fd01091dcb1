import { z } from "zod";
import { makingParameters } from "../catalogue/making-parameters.ts";
import type { TaskContext } from "../component.ts";
import { field } from "../fields.ts";
import { handedColumns } from "../match-label/parameters.ts";

export const parameters = z.strictObject({
  columns: field(
    handedColumns.default([]),
    { en: "Columns in the records", zh: "记录中的列" },
    {
      en: "Of the host's table: sealed beside each id, for queries by keyword. The host's grant has to list them. None: ids alone, for look-ups and verification.",
      zh: "数据方表中的列：加密存放在各标识旁，供关键字查询取用，数据方的授权须逐一列出这些列。留空则仅有标识，用于匿踪查询与核验。",
    },
  ),
  ...makingParameters,
});
export type Parameters = z.output<typeof parameters>;
export type Context = TaskContext<Parameters, Record<string, never>>;
