import { z } from "zod";
import { makingParameters } from "../catalogue/making-parameters.ts";
import type { TaskContext } from "../component.ts";
import { field } from "../fields.ts";
import { got, rowsMax } from "../hidden/parameters.ts";

/** The host holds the table, its sealed entries and the index in memory while it makes them. */
export const ROWS_MAX_PREPARED = 4_000_000;

const hint = field(
  z.enum(["kept", "none"]).default("kept"),
  { en: "Hint", zh: "提示数据" },
  {
    en: "kept: the asking party takes a hint once, a fifth of the table, and a question takes a pass over the table. none: it keeps nothing; 5 MB of keys go with each session and, at a million rows, 3 MB with each key asked, which takes the owner longer. For who asks now and then.",
    zh: "kept：查询方一次性取得约为数据表五分之一的提示数据，每次查询遍历一遍数据表。none：查询方不保存任何数据；每个会话传送约 5 MB 密钥，百万行时每个键约 3 MB，所有方耗时更长，适合偶尔查询者。",
  },
);

export const parameters = z.strictObject({
  columns: got,
  hint,
  ...makingParameters,
  rowsMax: rowsMax(ROWS_MAX_PREPARED),
});
export type Parameters = z.output<typeof parameters>;
export type Context = TaskContext<Parameters, Record<string, never>>;
