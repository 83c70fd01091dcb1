import type { Same } from "../same.ts";

/** Values of parameters that are chosen from a list, by their names in the flow. */
export const en = {
  refuse: "Refuse",
  fallback: "Score with your own model alone",
  default: "Answer a default score",
  score: "Score",
  band: "Band",
  decision: "Decision",
  none: "None",
  keep: "As it is",
  lower: "Lower case",
  upper: "Upper case",
  remove: "Leave out",
};

export const zh: Same<typeof en> = {
  refuse: "拒绝",
  fallback: "仅用本方模型评分",
  default: "返回默认分",
  score: "分数",
  band: "分档",
  decision: "决策",
  none: "无",
  keep: "保持不变",
  lower: "小写",
  upper: "大写",
  remove: "不参与",
};
