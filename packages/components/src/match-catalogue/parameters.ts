import { z } from "zod";
import type { TaskContext } from "../component.ts";
import { field } from "../fields.ts";
import { handedColumns } from "../match-label/parameters.ts";
import { duplicatesRule, emptyRule, parameters as matchParameters } from "../psi/parameters.ts";

const { normalise } = matchParameters.shape;

export const parameters = z.strictObject({
  columns: field(
    handedColumns.default([]),
    { en: "Columns in the records", zh: "记录中的列" },
    {
      en: "Of the host's table: sealed beside each id, for queries by keyword. The host's grant has to list them. None: ids alone, for look-ups and verification.",
      zh: "数据方表中的列：加密存放在各标识旁，供关键字查询取用，数据方的授权须逐一列出这些列。留空则仅有标识，用于匿踪查询与核验。",
    },
  ),
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
});
export type Parameters = z.output<typeof parameters>;
export type Context = TaskContext<Parameters, Record<string, never>>;

export const summaryOf = (rows: number, version: number) => ({
  kind: "catalogue",
  objective: "lookup",
  metrics: { rows, version },
});
