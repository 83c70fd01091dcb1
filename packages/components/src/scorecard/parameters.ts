import { DECIMALS_MAX, scaleShape } from "@tombolo/federated/scorecard";
import { z } from "zod";
import { field } from "../fields.ts";

const { baseScore, baseOdds, pointsToDouble } = scaleShape.shape;

export const parameters = z.strictObject({
  baseScore: field(
    baseScore.default(600),
    { en: "Base score", zh: "基准分" },
    { en: "The score at which the odds are the base odds.", zh: "好坏比等于基准好坏比时的分数。" },
  ),
  baseOdds: field(
    baseOdds.default(50),
    { en: "Base odds", zh: "基准好坏比" },
    {
      en: "How many rows of no there are for one of yes at the base score: 50 means 50 to 1.",
      zh: "基准分处标签为否与为是的行数之比，50 表示 50:1。",
    },
  ),
  pointsToDouble: field(
    pointsToDouble.default(20),
    { en: "Points to double the odds", zh: "翻倍分值（PDO）" },
    { en: "So many points more mean twice the odds of no.", zh: "分数每增加此值，好坏比翻倍。" },
  ),
  decimals: field(
    z.number().int().min(0).max(DECIMALS_MAX).default(0),
    { en: "Decimals of points", zh: "分值小数位" },
    { en: "0: whole points for every bin.", zh: "0 表示每个分箱取整数分值。" },
  ),
});
export type Parameters = z.output<typeof parameters>;
