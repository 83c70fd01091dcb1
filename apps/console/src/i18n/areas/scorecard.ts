import type { Same } from "../same.ts";

export const en = {
  hint: "Own columns only: partners' points stay with them, and a score is the sum of all. More points: less likely yes.",
  base: "Base points",
  scale: "Base score",
  scaleSub: "at {{odds}} : 1, twice the odds every {{points}} points",
  points: "Points",
  columns: "Own columns",
  share: "Rows",
  woe: "WOE",
  title: "Scorecard",
  none: "No own column is in the card.",
  exports: "The own part for other software; partners' totals are to be added.",
};

export const zh: Same<typeof en> = {
  hint: "仅列出本方的列：合作方的分值由其自己持有，总分为各方之和。分数越高，越不可能为是。",
  base: "基础分",
  scale: "基准分",
  scaleSub: "好坏比 {{odds}}:1，每增加 {{points}} 分好坏比翻倍",
  points: "分值",
  columns: "本方列数",
  share: "行数占比",
  woe: "WOE 值",
  title: "评分卡",
  none: "评分卡中没有本方的列。",
  exports: "导出本方部分供其他软件使用，需另加合作方的合计分值。",
};
