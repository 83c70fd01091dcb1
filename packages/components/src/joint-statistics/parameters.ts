import { CELLS_MAX, Grid, QUANTILES_MAX } from "@tombolo/federated/horizontal/statistics";
import { z } from "zod";
import type { ParameterFault } from "../component.ts";
import { columnName, eachOnce, field } from "../fields.ts";

const GROUPS_MAX = 256;
const bound = z
  .number()
  .min(-(2 ** 50))
  .max(2 ** 50);

const value = z
  .strictObject({
    column: field(
      columnName,
      { en: "Column", zh: "列" },
      { en: "A column of numbers that every party has under this name.", zh: "各方以同一列名持有的数值列。" },
    ),
    lower: field(
      bound,
      { en: "Least value", zh: "最小值" },
      { en: "Smaller values count as this.", zh: "更小的取值按此计。" },
    ),
    upper: field(
      bound,
      { en: "Greatest value", zh: "最大值" },
      { en: "Greater values count as this.", zh: "更大的取值按此计。" },
    ),
    decimals: field(
      z.number().int().min(-6).max(9).default(0),
      { en: "Decimals", zh: "小数位数" },
      {
        en: "Values are rounded to so many before they count; -2: to hundreds.",
        zh: "参与计算前四舍五入保留的小数位数；-2 表示取整到百。",
      },
    ),
  })
  .refine(
    ({ lower, upper, decimals }) => upper > lower && (upper - lower) * 10 ** decimals <= 2 ** 50,
    "the bounds are equal, or too far apart for so many decimals",
  );

const groupBy = z.strictObject({
  column: field(
    columnName,
    { en: "Column of groups", zh: "分组列" },
    { en: "Every party has it under this name.", zh: "各方以同一列名持有。" },
  ),
  categories: field(
    eachOnce(z.array(z.string().min(1).max(200)).min(1).max(GROUPS_MAX), "a category"),
    { en: "Groups", zh: "分组取值" },
    {
      en: "Its values that make a group each; rows with others do not count. All parties see the list, and no other value shows.",
      zh: "每个取值为一组；其他取值的行不参与。各方都会看到此列表，其他取值不会透露。",
    },
  ),
});

export const parameters = z.strictObject({
  values: field(
    eachOnce(z.array(value).min(1).max(32), "a column", ({ column }) => column),
    { en: "Values", zh: "统计列" },
    { en: "Columns that are counted and added up over all parties' rows.", zh: "在各方全部行上统计的列。" },
  ),
  groupBy: field(
    groupBy.nullable().default(null),
    { en: "Group by", zh: "分组" },
    { en: "None: all rows together.", zh: "留空则不分组。" },
  ),
  variance: field(
    z.boolean().default(true),
    { en: "Variance", zh: "方差" },
    { en: "The sum of squares is opened too.", zh: "同时公开平方和。" },
  ),
  quantiles: field(
    eachOnce(z.array(z.number().min(0.001).max(0.999).multipleOf(0.001)).max(QUANTILES_MAX), "a quantile").default([]),
    { en: "Quantiles", zh: "分位数" },
    {
      en: "0.5 is the median. Every party learns them: all have to count towards the same thresholds.",
      zh: "0.5 为中位数。各方都会得知，因为各方须按相同的阈值计数。",
    },
  ),
  minimumRows: field(
    z.number().int().min(3).max(1_000_000).default(10),
    { en: "Fewest rows of a group", zh: "每组最少行数" },
    {
      en: "A group with fewer rows in all, or of which a party has some but fewer, is not shown; a party may insist on more.",
      zh: "总行数少于此值、或有一方持有但少于此值的组不公开；各方可要求更高。",
    },
  ),
  rowsMax: field(
    z
      .number()
      .int()
      .min(100)
      .max(2 ** 30)
      .default(1_000_000),
    { en: "Most rows in all", zh: "总行数上限" },
    {
      en: "Each party has at most its part of it. The greater, the fewer decimals fit.",
      zh: "各方行数不超过其平均份额。上限越大，可用的小数位数越少。",
    },
  ),
  missing: field(
    z.enum(["refuse", "skip"]).default("refuse"),
    { en: "Missing values", zh: "缺失值" },
    { en: "Refuse with the row numbers, or leave out of that column.", zh: "拒绝并指出行号，或不计入该列。" },
  ),
  receivers: field(
    z.enum(["guest", "all"]).default("guest"),
    { en: "Who receives", zh: "结果接收方" },
    { en: "The guest alone, or every party.", zh: "仅发起方，或各方。" },
  ),
});
export type Parameters = z.output<typeof parameters>;

/** What would not fit words, or is too much. */
export function faultsOf({ values, groupBy: groups, rowsMax, variance }: Parameters): ParameterFault[] {
  const faults: ParameterFault[] = [];
  if (values.length * (groups?.categories.length ?? 1) > CELLS_MAX)
    faults.push({
      parameter: "groupBy",
      message: `groups times columns are more than ${CELLS_MAX}`,
      remedy: "Ask for fewer groups or columns.",
      zh: { message: `分组数与列数之积超过 ${CELLS_MAX}`, remedy: "减少分组或统计列。" },
    });
  for (const range of values) {
    const over = new Grid(range).decimalsOver(rowsMax, variance);
    if (over > 0)
      faults.push({
        parameter: "values",
        message: `sums of ${range.column} over so many rows would not fit`,
        remedy: `Count in ${over} decimals less, declare narrower bounds, or fewer rows at most.`,
        zh: {
          message: `${range.column} 在如此多行上的总和超出可计算范围`,
          remedy: `减少 ${over} 位小数、缩小取值范围，或降低总行数上限。`,
        },
      });
  }
  return faults;
}
