import type { Same } from "../same.ts";

export const en = {
  hint: "Each row is scored by a model that was made without it. Deviation: of the folds' figures (n − 1); folds share rows, so that it is no standard error.",
  before:
    "Own columns went through this before the folds: {{steps}}. Where it was fitted to held-out rows too, figures are a little too good.",
  stepOf: { prepare: "preparation", bin: "binning", select: "selection" },
  rows: "Held-out rows",
  folds: "Folds",
  fold: "Fold",
  all: "Mean",
  deviation: "Deviation",
  pooled: "All rows as one",
  plusMinus: "± {{deviation}}",
  byFold: "{{figure}} by fold",
  mean: "mean",
  above: "mean + deviation",
  below: "mean − deviation",
  figure: "Figure",
  f1: "F1 at the threshold",
};

export const zh: Same<typeof en> = {
  hint: "每行由未使用该行训练的模型打分。标准差为各折指标的样本标准差（n − 1）；各折共用训练行，因此它不是标准误。",
  before: "本方的列在分折之前已经过：{{steps}}。若拟合时用到了留出行，指标会略偏乐观。",
  stepOf: { prepare: "预处理", bin: "分箱", select: "特征选择" },
  rows: "留出行数",
  folds: "折数",
  fold: "折",
  all: "均值",
  deviation: "标准差",
  pooled: "全部行合并",
  plusMinus: "标准差 {{deviation}}",
  byFold: "各折的 {{figure}}",
  mean: "均值",
  above: "均值 + 标准差",
  below: "均值 − 标准差",
  figure: "指标",
  f1: "阈值处 F1",
};
