import { z } from "zod";
import type { ParameterFault } from "../component.ts";
import { columnName, field } from "../fields.ts";

export const FOLDS_MAX = 10;

const fold = z.strictObject({
  number: field(
    z.number().int().min(1).max(FOLDS_MAX).default(1),
    { en: "Fold", zh: "第几折" },
    { en: "Which fold is for testing, from 1 on.", zh: "第几折用于测试，从 1 起。" },
  ),
  of: field(
    z.number().int().min(2).max(FOLDS_MAX).default(5),
    { en: "Of folds", zh: "总折数" },
    { en: "How many folds there are.", zh: "共分为几折。" },
  ),
  draw: field(
    z
      .number()
      .int()
      .min(0)
      .max(2 ** 32 - 1)
      .default(1),
    { en: "Draw", zh: "抽取编号" },
    {
      en: "Splits of one table and draw have folds that fit together: each row is for testing in one of them.",
      zh: "同一张表、同一编号的各次划分相互配套：每行恰在其中一折用于测试。",
    },
  ),
});

export const parameters = z.strictObject({
  testShare: field(
    z.number().min(0.01).max(0.99).default(0.3),
    { en: "Test share", zh: "测试集占比" },
    { en: "Share of the rows kept for testing.", zh: "留作测试的行占比。" },
  ),
  stratify: field(
    z.boolean().default(true),
    { en: "Keep label shares", zh: "按标签分层" },
    { en: "The same share of each label in both parts.", zh: "两部分中各标签占比相同。" },
  ),
  by: field(
    z.enum(["draw", "time", "group"]).default("draw"),
    { en: "By", zh: "划分方式" },
    {
      en: "A draw; time: the latest rows by a column of the guest's are for testing, and hosts then see which rows are later; group: rows alike in a column of the guest's stay together.",
      zh: "随机抽取；按发起方的时间列（较晚的行用于测试，数据方由此得知哪些行较晚）；或按发起方的分组列，同组的行不会分开。",
    },
  ),
  fold: field(
    fold.nullable().default(null),
    { en: "Fold of a cross-validation", zh: "交叉验证的折" },
    {
      en: "In place of a share: this fold is for testing, the others for training; by time the rows before it, and the rest is left out.",
      zh: "代替占比：该折用于测试，其余各折用于训练；按时间时仅用更早的行训练，其余不用。",
    },
  ),
});
export type Parameters = z.output<typeof parameters>;

export const partyParameters = z.strictObject({
  time: field(
    columnName.nullable().default(null),
    { en: "Time", zh: "时间列" },
    {
      en: "Of the guest, to divide by time: a column of dates or numbers.",
      zh: "发起方按时间划分所用的日期或数值列。",
    },
  ),
  group: field(
    columnName.nullable().default(null),
    { en: "Group", zh: "分组列" },
    {
      en: "Of the guest, to divide by group: such as a household, a shop or a customer with several rows.",
      zh: "发起方按组划分所用的列，例如家庭、门店或有多行的客户。",
    },
  ),
});
export type PartyParameters = z.output<typeof partyParameters>;

export function foldFaults({ fold: given }: Parameters): ParameterFault[] {
  if (given === null || given.number <= given.of) return [];
  return [
    {
      parameter: "fold",
      message: `there is no fold ${given.number} of ${given.of}`,
      remedy: "Number folds from 1 to how many there are.",
      zh: { message: `共 ${given.of} 折，没有第 ${given.number} 折`, remedy: "折的编号从 1 到总折数。" },
    },
  ];
}
