import { POWER_LEAST, POWER_MOST } from "@tombolo/federated/vertical/regression";
import { z } from "zod";
import { columnName, field } from "../fields.ts";

const cost = z.number().min(0).max(1e12).default(1);

export const parameters = z.strictObject({
  objective: field(
    z.enum(["binary", "regression", "multi-class"]).default("binary"),
    { en: "Objective", zh: "目标" },
    {
      en: "A probability of yes, a number, or one of several classes: from columns named by the score column and each class, or from a column of the class alone.",
      zh: "二分类概率、数值回归或多分类；多分类读取以“分数列名_类别”命名的各列，或仅含类别的列。",
    },
  ),
  deviance: field(
    z.enum(["none", "poisson", "gamma", "tweedie"]).default("none"),
    { en: "Deviance", zh: "偏差" },
    {
      en: "Of a regression for counts or amounts: mean deviance of this distribution, and the share of it that the scores explain (D²).",
      zh: "用于计数或金额的回归：该分布下的平均偏差，以及分数所解释的比例（D²）。",
    },
  ),
  power: field(
    z.number().min(POWER_LEAST).max(POWER_MOST).default(1.5),
    { en: "Tweedie power", zh: "Tweedie 幂次" },
    { en: "Of the Tweedie deviance: that of the model.", zh: "用于 Tweedie 偏差：与模型所用的幂次相同。" },
  ),
  score: field(
    columnName.default("score"),
    { en: "Score column", zh: "分数列" },
    { en: "The column that holds the prediction.", zh: "存放预测值的列。" },
  ),
  meaning: field(
    z.enum(["yes", "no"]).default("yes"),
    { en: "A high score means", zh: "高分含义" },
    {
      en: "yes: the higher, the more likely yes, as with probabilities. no: the higher, the less likely, as with points of a scorecard; then scores up to the threshold count as yes.",
      zh: "yes：分数越高越可能为是（如概率）；no：分数越高越不可能（如评分卡分数），此时不高于阈值者视为正例。",
    },
  ),
  secondMeaning: field(
    z.enum(["same", "yes", "no"]).default("same"),
    { en: "A high second score means", zh: "第二组高分含义" },
    {
      en: "Of the second model, where a card stands beside a model of probabilities; same: as of the first.",
      zh: "第二个模型的高分含义，用于将评分卡与输出概率的模型对比；same 表示与第一个相同。",
    },
  ),
  threshold: field(
    z.number().default(0.5),
    { en: "Threshold", zh: "阈值" },
    {
      en: "Scores from here on count as yes in the confusion matrix and by groups.",
      zh: "混淆矩阵与分组比较中，不低于此分数视为正例。",
    },
  ),
  slices: field(
    z.number().int().min(2).max(100).default(10),
    { en: "Slices", zh: "分段数" },
    { en: "Of the gain table and the calibration.", zh: "增益表与校准的分段数。" },
  ),
  falsePositiveCost: field(
    cost,
    { en: "Cost of a false yes", zh: "误判为是的代价" },
    { en: "Of a row called yes that is no, in any unit.", zh: "实际为否却判为是的一行的代价，单位任意。" },
  ),
  falseNegativeCost: field(
    cost,
    { en: "Cost of a missed yes", zh: "漏判的代价" },
    {
      en: "Of a row called no that is yes, in the same unit. The threshold that costs least is told.",
      zh: "实际为是却判为否的一行的代价，单位相同；报告给出代价最小的阈值。",
    },
  ),
  group: field(
    columnName.nullable().default(null),
    { en: "By group", zh: "分组列" },
    {
      en: "Figures for each value of this column of the guest, and how far the threshold treats them alike. Score with keepColumns, so that it is there.",
      zh: "按发起方此列的每个取值给出指标，并比较阈值对各组是否一致；打分时须保留特征列。",
    },
  ),
  time: field(
    columnName.nullable().default(null),
    { en: "Over time", zh: "时间列" },
    {
      en: "Figures for each period of this column of the guest: ISO dates, or numbers that stand for periods.",
      zh: "按发起方此列的时间段给出指标：ISO 日期，或代表期次的数字。",
    },
  ),
  period: field(
    z.enum(["day", "month", "quarter", "year"]).default("month"),
    { en: "Period", zh: "时间粒度" },
    { en: "Into which dates are put together.", zh: "日期按此粒度合并。" },
  ),
  minimumGroup: field(
    z.number().int().min(1).max(1_000_000).default(50),
    { en: "Smallest group", zh: "最小组" },
    {
      en: "Groups and periods of fewer rows are left out, since their figures say little.",
      zh: "行数更少的组与时间段不列出，其指标意义有限。",
    },
  ),
});
export type Parameters = z.output<typeof parameters>;
