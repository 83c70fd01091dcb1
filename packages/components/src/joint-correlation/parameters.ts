import { DECIMALS_MAX } from "@tombolo/federated/vertical/correlation";
import { z } from "zod";
import { columnNames, field } from "../fields.ts";

export const parameters = z.strictObject({
  method: field(
    z.enum(["pearson", "spearman"]).default("pearson"),
    { en: "Method", zh: "相关系数" },
    {
      en: "pearson: how close to a straight line. spearman: of the ranks, which each party makes of its own columns (equal values share theirs).",
      zh: "pearson：线性相关；spearman：秩相关，各方在本地对自己的列求秩（相同取值取平均秩）。",
    },
  ),
  receivers: field(
    z.enum(["guest", "all"]).default("guest"),
    { en: "Who receives", zh: "结果接收方" },
    { en: "The guest alone, or both parties.", zh: "仅发起方，或双方。" },
  ),
  decimals: field(
    z.number().int().min(2).max(DECIMALS_MAX).default(4),
    { en: "Decimals", zh: "小数位数" },
    {
      en: "Figures are rounded to so many before anybody sees them; fewer tell less.",
      zh: "数值在任何一方看到之前即舍入到此位数；位数越少，透露越少。",
    },
  ),
  missing: field(
    z.enum(["refuse", "drop"]).default("refuse"),
    { en: "Missing values", zh: "缺失值" },
    {
      en: "refuse: with the row numbers, at their owner. drop: rows without a value at either party are left out, and each party learns which of the other's lack one.",
      zh: "refuse：拒绝，并向所属方指出行号；drop：任一方缺值的行均不参与，双方由此得知对方哪些行有缺失。",
    },
  ),
  constant: field(
    z.enum(["refuse", "leave-out"]).default("refuse"),
    { en: "Constant columns", zh: "常数列" },
    {
      en: "Columns with one value in all rows have no correlation: refuse, or leave them out.",
      zh: "所有行取值相同的列没有相关系数：拒绝，或不参与。",
    },
  ),
  minimumRows: field(
    z.number().int().min(20).max(1_000_000).default(50),
    { en: "Fewest rows", zh: "最少行数" },
    {
      en: "With fewer rows there is no result for anyone; a party may insist on more.",
      zh: "行数少于此值时任何一方都得不到结果；各方可要求更高。",
    },
  ),
  rowsPerColumn: field(
    z.number().int().min(10).max(10_000).default(30),
    { en: "Fewest rows for each column", zh: "每列最少行数" },
    {
      en: "Of all columns of both parties: many figures over few rows would tell the rows.",
      zh: "按双方全部列计；行少而数值多会透露具体的行。",
    },
  ),
});

export const partyParameters = z.strictObject({
  columns: field(
    columnNames.nullable().default(null),
    { en: "Columns", zh: "参与列" },
    {
      en: "Columns of numbers; the label too, if it is named. None: all columns of numbers that were read as features.",
      zh: "数值列；写明时也可包括标签。留空表示作为特征读取的全部数值列。",
    },
  ),
});

export type Parameters = z.output<typeof parameters>;
export type PartyParameters = z.output<typeof partyParameters>;
