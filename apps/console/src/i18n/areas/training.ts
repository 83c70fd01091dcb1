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
  metric: { auc: "AUC", ks: "KS", accuracy: "Accuracy", rmse: "RMSE", mae: "MAE" },
  training: "training rows",
  validation: "rows kept out",
  round: "Round",
  rounds: "Rounds",
  kept: "kept: {{round}}",
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
  metric: { auc: "AUC", ks: "KS", accuracy: "准确率", rmse: "RMSE", mae: "MAE" },
  training: "训练行",
  validation: "留出行",
  round: "轮",
  rounds: "轮数",
  kept: "保留至第 {{round}} 轮",
  live: "目前的指标",
  liveHint: "只有持有标签的本方知道这些指标；其他各方只看到训练进度。",
};
