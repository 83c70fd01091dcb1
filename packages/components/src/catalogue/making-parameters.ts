/** What every catalogue is made by, whatever stands in it. */
import type { CatalogueHeader } from "@tombolo/protocols/psi/unbalanced";
import { z } from "zod";
import type { ModelSummary } from "../component.ts";
import { field } from "../fields.ts";
import { duplicatesRule, emptyRule, parameters as matchParameters } from "../psi/parameters.ts";

const { normalise } = matchParameters.shape;

export const makingParameters = {
  normalise,
  duplicates: duplicatesRule,
  empty: emptyRule,
  idsMax: field(
    z.number().int().min(1).max(1e9).default(1_000_000),
    { en: "Ids asked in an epoch", zh: "每期可查询标识数" },
    { en: "After so many ids a new catalogue with a new key is needed.", zh: "查询数达到此值后须以新密钥重建目录。" },
  ),
  days: field(
    z.number().int().min(1).max(366).default(30),
    { en: "Days of an epoch", zh: "每期天数" },
    { en: "After so many days a new catalogue with a new key is needed.", zh: "超过此天数后须以新密钥重建目录。" },
  ),
  padTo: field(
    z.number().int().min(1).max(1e7).default(1000),
    { en: "Padding step", zh: "填充步长" },
    { en: "Sizes and changes are told in steps of this many rows.", zh: "规模与变更数量按此步长填充后才透露。" },
  ),
  rowsMax: field(
    z
      .number()
      .int()
      .min(1)
      .max(2 ** 28)
      .default(2 ** 27),
    { en: "Most rows", zh: "最多行数" },
    { en: "A larger catalogue is refused by who is to keep it.", zh: "目录超过此行数时存放方拒绝接收。" },
  ),
};
const whole = z.strictObject(makingParameters);
export type MakingParameters = z.output<typeof whole>;

/** What it answers: questions about columns and ids, from sealed entries or from a table that stays, or a model's. */
export type Objective = "lookup" | "retrieval" | "score";

export const summaryOf = ({ rows, version }: CatalogueHeader, objective: Objective): ModelSummary => ({
  kind: "catalogue",
  objective,
  metrics: { rows, version },
});
