import { z } from "zod";
import { field } from "../fields.ts";

export const hostColumnsMin = field(
  z.number().int().min(1).max(100).default(3),
  { en: "Fewest host columns", zh: "数据方最少列数" },
  {
    en: "The guest can compute each row's total of a host's columns; with fewer columns than this the host refuses.",
    zh: "发起方可算出数据方各列在每行的贡献之和；列数少于此值时数据方拒绝打分。",
  },
);

export const parameters = z.strictObject({
  keepColumns: field(
    z.boolean().default(false),
    { en: "Keep columns", zh: "保留特征列" },
    { en: "The guest's own columns stay beside the score.", zh: "在分数旁保留发起方自己的列。" },
  ),
  hostColumnsMin,
});
export type Parameters = z.output<typeof parameters>;
