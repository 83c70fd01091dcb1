import { BOUNDS_MAX } from "@tombolo/federated/vertical/regression";
import { z } from "zod";
import { field } from "../fields.ts";
import { bandsOf, keepColumns } from "../scoring.ts";

export const hostColumnsMin = field(
  z.number().int().min(1).max(100).default(3),
  { en: "Fewest host columns", zh: "数据方最少列数" },
  {
    en: "The guest can compute each row's total of a host's columns; with fewer columns than this, not counting those whose coefficients are 0, the host refuses to let it have scores.",
    zh: "发起方可算出数据方各列在每行的贡献之和；列数（不计系数为 0 的列）少于此值时数据方拒绝给出分数。",
  },
);

export const binSetsMin = field(
  z
    .number()
    .int()
    .min(1)
    .max(2 ** 40)
    .default(2 ** 16),
  { en: "Fewest sets of bins", zh: "最少分箱组合数" },
  {
    en: "Of a model on shared bins: how many sets of bins there are over the data provider's columns (the product of their numbers of bins). Where there are fewer it refuses to let the guest have scores, since the guest knows what each bin adds.",
    zh: "用于共享分箱的模型：数据方各列分箱的组合数（各列分箱数之积）。组合数少于此值时数据方拒绝给出分数，因为发起方知道每个分箱的贡献。",
  },
);

export const parameters = z.strictObject({
  keepColumns,
  output: field(
    z.enum(["score", "band", "decision", "class"]).default("score"),
    { en: "Result", zh: "结果形式" },
    {
      en: "The score of each row, of several classes the probability of each; or only the name of its band or decision, of several classes the likeliest: then scores are compared on shares, and the guest learns no total.",
      zh: "每行的分数（多分类为每类的概率）；或仅给出分段、决策名称，多分类则仅给出概率最大的类别：此时以秘密分享比较，发起方不会得知数据方的贡献之和。",
    },
  ),
  bands: bandsOf(BOUNDS_MAX + 1),
  hostColumnsMin,
  binSetsMin,
  contributions: field(
    z.boolean().default(false),
    { en: "Contributions", zh: "特征贡献" },
    {
      en: "Beside each score, how far each of the guest's columns and all hosts' columns together moved it (of the linear predictor), and a chart over all rows. From what scoring shows anyway.",
      zh: "在每个分数旁给出发起方各列及数据方全部列合计对线性预测值的影响，并附全部行的汇总图；均来自打分本身已披露的内容。",
    },
  ),
});
export type Parameters = z.output<typeof parameters>;
