/** What the components that ask a table which stays with its owner have in common. */
import { layoutFor, rowsOf } from "@tombolo/protocols/pir/simple";
import { entryBytes, tagBytesFor } from "@tombolo/protocols/psi/unbalanced";
import { z } from "zod";
import { type Authorisation, authorisation } from "../authorisation.ts";
import { field } from "../fields.ts";
import { type Handed, handedColumns, labelWidth } from "../match-label/parameters.ts";
import { duplicatesRule, emptyRule, parameters as matchParameters } from "../psi/parameters.ts";
import { REASONS, type Reason, reasonText } from "./reasons.ts";

const { normalise } = matchParameters.shape;

export const got = field(
  handedColumns.default([]),
  { en: "Columns to get", zh: "获取的列" },
  {
    en: "Of the host's table, for the rows that are asked for; the host's grant has to list them. None: only which keys are there.",
    zh: "数据方表中的列：取得所查询行上的取值，数据方的授权须逐一列出。留空则只得知哪些键存在。",
  },
);

export const keysMax = (most: number) =>
  field(
    z.number().int().min(1).max(most).default(100),
    { en: "Most keys asked", zh: "最多查询键数" },
    {
      en: "Different keys in one run, padding included; more are refused before any is answered.",
      zh: "一次查询的不同键数（含填充）；超过时在作答前即拒绝。",
    },
  );

export const stepOf = (most: number, usual = 4) =>
  field(
    z.number().int().min(1).max(most).default(usual),
    { en: "Padding step of questions", zh: "提问填充步长" },
    {
      en: "The partner is told the number of keys in steps of this many; the keys that fill a step count against limits too, and cost as much.",
      zh: "向对方提问的键数按此步长填充；填充的键同样计入限额，开销也相同。",
    },
  );

export const rowsMax = (most: number) =>
  field(
    z.number().int().min(1).max(most).default(most),
    { en: "Most rows of the partner", zh: "对方最多行数" },
    { en: "A larger table is refused by the party that asks.", zh: "对方的表超过此行数时查询方拒绝。" },
  );

const reason = field(
  z.enum(REASONS).default("asked"),
  { en: "Why this form", zh: "采用此形式的原因" },
  {
    en: "Written by the form that chose it; shown in the result, and of no effect.",
    zh: "由选择该形式的表单写入；在结果中显示，不影响运行。",
  },
);

export const shared = { columns: got, normalise, duplicates: duplicatesRule, empty: emptyRule, reason, authorisation };

export interface Shared {
  readonly columns: readonly z.output<typeof handedColumns>[number][];
  readonly idsMax: number;
  readonly padTo: number;
  readonly reason: Reason;
  readonly authorisation: Authorisation | null;
}

/** Rows of the largest index that was agreed, of a table of so many. */
export function databaseRowsMax({
  rows,
  columns,
  idsMax,
}: Pick<Shared, "columns" | "idsMax"> & { readonly rows: number }): number {
  const tagBytes = tagBytesFor(rows, idsMax);
  const recordBytes = labelWidth(columns as Handed[]);
  return rowsOf(layoutFor(rows, entryBytes({ tagBytes, recordBytes }) - tagBytes));
}

export const namesIn = ({ columns }: Pick<Shared, "columns">): string[] => columns.map(({ column }) => column);
export { reasonText };
