import { z } from "zod";
import { field } from "../fields.ts";
import { binSetsMin, hostColumnsMin } from "../regression-predict/parameters.ts";
import { parameters as shared } from "../score-service/parameters.ts";

const output = field(
  z.enum(["score", "band", "decision", "class"]).default("score"),
  { en: "Answer", zh: "返回形式" },
  {
    en: "What callers get: the score itself, the name of its band, or that of its decision; of a model of several classes the likeliest with the probability of each (score), or it alone (class). The guest's node sees scores in any case.",
    zh: "调用方得到：分数、分段名称或决策名称；多分类模型为概率最大的类别及各类概率（score），或仅类别（class）。发起方节点始终可见分数。",
  },
);

export const parameters = z.strictObject({ ...shared.shape, output, hostColumnsMin, binSetsMin });
export type Parameters = z.output<typeof parameters>;
