import { z } from "zod";
import { field } from "../fields.ts";
import { keepColumns } from "../scoring.ts";

export const parameters = z.strictObject({
  keepColumns,
  form: field(
    z.enum(["branches", "sum-only"]).default("branches"),
    { en: "What the guest is told", zh: "告知发起方的内容" },
    {
      en: "Each row's branches at the host's splits, which is fastest; or only each row's total, by oblivious transfer: with one host, at some hundred times the bytes.",
      zh: "各行在数据方分裂处的走向（最快）；或以不经意传输仅告知每行的合计：须只有一个数据方，传输量约为百倍。",
    },
  ),
  contributions: field(
    z.boolean().default(false),
    { en: "Contributions", zh: "特征贡献" },
    {
      en: "Beside each score, how far each of the guest's columns and each host as a whole moved it (Shapley values of the margin), and a chart over all rows.",
      zh: "在每个分数旁给出发起方各列及每个数据方整体对其的影响（边际值的 Shapley 值），并附全部行的汇总图。",
    },
  ),
});

export type Parameters = z.output<typeof parameters>;
