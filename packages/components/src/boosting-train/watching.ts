/** What is watched on rows kept out of training: when to stop, and by which figure. */
import { CUSTOM_FIGURES, TERMS_MAX, TREES_MAX } from "@tombolo/federated/vertical/boosting";
import { z } from "zod";
import { field } from "../fields.ts";

const cost = z.number().min(0).max(1e9);

export const earlyStopping = z.strictObject({
  rounds: field(
    z.number().int().min(1).max(TREES_MAX).default(10),
    { en: "Patience", zh: "容忍轮数" },
    { en: "Trees without a better validation loss before it stops.", zh: "验证损失连续多少棵树未改善则停止。" },
  ),
  fraction: field(
    z.number().gt(0).lt(1).default(0.1),
    { en: "Validation share", zh: "验证集占比" },
    { en: "Share of the training rows kept out to watch the loss.", zh: "从训练集中留出的验证行占比。" },
  ),
});

const term = z.strictObject({
  figure: field(
    z.enum(CUSTOM_FIGURES),
    { en: "Figure", zh: "指标" },
    {
      en: "Of yes or no: log-loss, AUC, KS, cost or F1 at a threshold, share of positives captured. Of numbers: RMSE, MAE, pinball loss, share within a distance.",
      zh: "二分类：log-loss、AUC、KS、阈值下的代价或 F1、捕获的正例占比；数值：RMSE、MAE、分位数损失、误差在给定距离内的占比。",
    },
  ),
  weight: field(
    z.number().min(-1e9).max(1e9).default(1),
    { en: "Weight", zh: "权重" },
    { en: "In the sum; below 0 where the figure counts the other way.", zh: "在加权和中的权重，反向计入时为负。" },
  ),
  at: field(
    z.number().nullable().default(null),
    { en: "At", zh: "取值点" },
    { en: "Threshold, share, quantile or distance, as the figure needs.", zh: "按指标为阈值、占比、分位数或距离。" },
  ),
  falsePositive: field(
    cost.default(1),
    { en: "Cost of a false yes", zh: "误判为正的代价" },
    { en: "Of the cost at a threshold.", zh: "用于阈值下的代价。" },
  ),
  falseNegative: field(
    cost.default(1),
    { en: "Cost of a missed yes", zh: "漏判正例的代价" },
    { en: "Of the cost at a threshold.", zh: "用于阈值下的代价。" },
  ),
});

export const customMetric = z.strictObject({
  better: field(
    z.enum(["lower", "higher"]).default("lower"),
    { en: "Better when", zh: "优劣方向" },
    { en: "Whether early stopping wants it low or high.", zh: "早停希望该值更低或更高。" },
  ),
  terms: field(
    z.array(term).min(1).max(TERMS_MAX),
    { en: "Terms", zh: "各项" },
    { en: "Figures and their weights.", zh: "各指标及其权重。" },
  ),
});
