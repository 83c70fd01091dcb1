import { z } from "zod";
import type { ParameterFault } from "../component.ts";
import { parameters as evaluating } from "../evaluate/parameters.ts";
import { columnName, field } from "../fields.ts";

export const METHODS = ["accepted", "parcelling", "cutoff", "fuzzy", "reweighting"] as const;

export const parameters = z.strictObject({
  method: field(
    z.enum(METHODS).default("parcelling"),
    { en: "Method", zh: "方法" },
    {
      en: "Accepted: the rejected weigh nothing, for a first model whose scores the others take. Parcelling: in each band of scores as many rejected are yes as the accepted's rate says, drawn. Cutoff: those beyond a score. Fuzzy: each in part, by its probability; every row then stands twice. Reweighting: the accepted of a band stand for its rejected too.",
      zh: "仅通过者（accepted）：被拒者权重为零，用于训练首个模型，其分数供其他方法使用；打包法（parcelling）：在每个分数段内按通过者的比例随机判定被拒者；硬截断（cutoff）：按分数线判定；模糊增强（fuzzy）：按概率部分计入，每行出现两次；重加权（reweighting）：通过者同时代表同段的被拒者。",
    },
  ),
  score: evaluating.shape.score,
  meaning: evaluating.shape.meaning,
  cutoff: field(
    z.number().default(0.5),
    { en: "Cutoff", zh: "分数线" },
    {
      en: "Of the method cutoff: rejected with a score at least this are yes, of points that fall those at most.",
      zh: "用于硬截断：分数不低于此值的被拒者判为是；高分表示否时为不高于此值者。",
    },
  ),
  bands: field(
    z.number().int().min(2).max(50).default(10),
    { en: "Bands", zh: "分数段数" },
    { en: "Of scores, with as many accepted rows each.", zh: "分数段的数量，各段通过者行数大致相等。" },
  ),
  factor: field(
    z.number().min(1).max(10).default(1),
    { en: "Worse than accepted", zh: "风险倍数" },
    {
      en: "How many times likelier yes a rejected row is than an accepted one of the same score; for parcelling and fuzzy. A judgement: nothing in the data says it.",
      zh: "同分数下被拒者为是的可能性是通过者的几倍，用于打包法与模糊增强；属业务判断，数据本身无法给出。",
    },
  ),
  weight: field(
    columnName.default("weight"),
    { en: "Weight column", zh: "权重列名" },
    {
      en: "What the column of weights is called; name it as such where a model is trained.",
      zh: "新增权重列的名称；训练模型时须指定它为权重列。",
    },
  ),
});
export type Parameters = z.output<typeof parameters>;

export function methodFaults({ method, meaning }: Parameters): ParameterFault[] {
  if (method !== "fuzzy" || meaning === "yes") return [];
  return [
    {
      parameter: "method",
      message: "fuzzy augmentation takes probabilities, and high scores mean no here",
      remedy: "Score with the model itself and not its card, or choose parcelling.",
      zh: { message: "模糊增强需要概率，而此处高分表示否", remedy: "请用模型本身而非评分卡打分，或选择打包法。" },
    },
  ];
}
