import { z } from "zod";
import { columnName, eachOnce, field } from "../fields.ts";
import { aggregateFields } from "../matching/aggregates.ts";

const value = z
  .strictObject({
    column: field(
      columnName,
      { en: "Column", zh: "列" },
      { en: "A column of numbers at the host.", zh: "数据方的数值列。" },
    ),
    lower: field(
      z
        .number()
        .min(-(2 ** 50))
        .max(0)
        .default(0),
      { en: "Least value", zh: "最小值" },
      { en: "Smaller values count as this; zero or below.", zh: "更小的取值按此计；不大于零。" },
    ),
    upper: field(
      z
        .number()
        .min(0)
        .max(2 ** 50),
      { en: "Greatest value", zh: "最大值" },
      { en: "Greater values count as this; zero or above.", zh: "更大的取值按此计；不小于零。" },
    ),
    decimals: field(
      z.number().int().min(0).max(9).default(0),
      { en: "Decimals", zh: "小数位数" },
      { en: "Values are rounded to so many decimals before they are added.", zh: "求和前四舍五入保留的小数位数。" },
    ),
  })
  .refine(
    ({ lower, upper, decimals }) => (upper - lower) * 10 ** decimals <= 2 ** 52 && upper > lower,
    "the bounds are equal, or too far apart for so many decimals",
  );

export const parameters = z.strictObject({
  values: field(
    eachOnce(z.array(value).min(1).max(32), "a column", ({ column }) => column),
    { en: "Values", zh: "求和列" },
    { en: "The host's columns that are added up over the common rows.", zh: "在共有行上求和的数据方列。" },
  ),
  missing: field(
    z.enum(["refuse", "zero"]).default("refuse"),
    { en: "Missing values", zh: "缺失值" },
    { en: "Refuse with the row numbers, or count as zero.", zh: "拒绝并指出行号，或按零计。" },
  ),
  revealCount: field(
    z.boolean().default(true),
    { en: "Tell the count", zh: "告知匹配数" },
    { en: "The guest also gets the count, and so averages.", zh: "发起方同时得到匹配数，从而可得平均值。" },
  ),
  ...aggregateFields,
});
export type Parameters = z.output<typeof parameters>;
export type ValueSetting = Parameters["values"][number];
