import type { Same } from "../same.ts";

/** Curves of a training, its trees, and what its columns count. */
export const en = {
  loss: "Loss",
  lossOf: {
    "log-loss": "log loss",
    rmse: "root mean squared error",
    mae: "mean absolute error",
    "pseudo-huber": "pseudo-Huber error",
    "poisson-nll": "Poisson, negative log-likelihood",
    "tweedie-nll": "Tweedie, negative log-likelihood",
  },
  lossOn: "Loss, {{part}}",
  metric: { auc: "AUC", ks: "KS", accuracy: "Accuracy", rmse: "RMSE", mae: "MAE", custom: "Own figure" },
  before: "Before calibration",
  after: "After calibration",
  calibrated: "{{name}} · error {{error}}, log loss {{loss}}",
  training: "training rows",
  validation: "rows kept out",
  round: "Round",
  rounds: "Rounds",
  kept: "kept: {{round}}",
  measure: "Measure",
  measureOf: { gain: "Gain", perSplit: "Gain per split", cover: "Cover", splits: "Splits" },
  measureHint: {
    gain: "How much all splits on the column lowered the loss.",
    perSplit: "How much one split on the column lowered the loss, in the mean.",
    cover:
      "Sum of second derivatives of the rows at its splits: how many rows it decides about, the uncertain ones most.",
    splits: "How many splits there are on the column.",
  },
  live: "Figures so far",
  liveHint: "Only this party, which has the labels, knows these figures. The others see how far the training is.",
};

export const zh: Same<typeof en> = {
  loss: "损失",
  lossOf: {
    "log-loss": "对数损失",
    rmse: "均方根误差",
    mae: "平均绝对误差",
    "pseudo-huber": "伪 Huber 误差",
    "poisson-nll": "泊松负对数似然",
    "tweedie-nll": "Tweedie 负对数似然",
  },
  lossOn: "损失（{{part}}）",
  metric: { auc: "AUC", ks: "KS", accuracy: "准确率", rmse: "RMSE", mae: "MAE", custom: "自定义指标" },
  before: "校准前",
  after: "校准后",
  calibrated: "{{name}} · 误差 {{error}}，对数损失 {{loss}}",
  training: "训练行",
  validation: "留出行",
  round: "轮",
  rounds: "轮数",
  kept: "保留至第 {{round}} 轮",
  measure: "度量",
  measureOf: { gain: "增益", perSplit: "单次增益", cover: "覆盖度", splits: "分裂次数" },
  measureHint: {
    gain: "该列的全部分裂使损失下降的总量。",
    perSplit: "该列每次分裂平均使损失下降多少。",
    cover: "该列各分裂处的行的二阶导之和：决定了多少行，越不确定的行权重越大。",
    splits: "以该列分裂的次数。",
  },
  live: "目前的指标",
  liveHint: "只有持有标签的本方知道这些指标；其他各方只看到训练进度。",
};
