/** What components that score a table row by row have in common. */
import { TomboloError } from "@tombolo/base";
import { z } from "zod";
import type { TableFile, TaskContext } from "./component.ts";
import { field } from "./fields.ts";
import { hostsOf } from "./tables.ts";

type Context = TaskContext<unknown, unknown>;

export const SCORE_COLUMN = "score";

export function requireHosts(
  context: TaskContext<unknown, unknown>,
  { hosts }: { readonly hosts: readonly string[] },
): void {
  const present = hostsOf(context).map(({ party }) => party);
  if (present.length === hosts.length && hosts.every((party) => present.includes(party))) return;
  throw new TomboloError("input.model", "the model was trained with other parties", {
    remedy: `Score with exactly these hosts: ${hosts.join(", ") || "none"}.`,
  });
}

/** Columns of the guest that stay beside the score. */
export function keptColumns(data: TableFile, keepColumns: boolean, added = SCORE_COLUMN): string[] {
  const own = [...data.keys, ...(data.label === null ? [] : [data.label])];
  const features = data.columns.map(({ name }) => name).filter((name) => !own.includes(name));
  const kept = keepColumns ? [...own, ...features] : own;
  if (!kept.includes(added)) return kept;
  throw new TomboloError("input.columns", `a column of the table is called "${added}" already`, {
    remedy: "Do not read that column.",
  });
}

export const telling =
  (context: Context) =>
  (done: number, total: number): void =>
    context.progress({ stage: "score", done, total, rows: done });

export const keepColumns = field(
  z.boolean().default(false),
  { en: "Keep columns", zh: "保留特征列" },
  { en: "The guest's own columns stay beside the score.", zh: "在分数旁保留发起方自己的列。" },
);

/** Names in place of scores. */
export const bandsOf = (most: number) =>
  field(
    z
      .array(z.strictObject({ name: z.string().min(1).max(60), below: z.number().nullable() }))
      .max(most)
      .default([]),
    { en: "Bands or decisions", zh: "分段或决策" },
    {
      en: "In order of the score; each holds the scores below its bound that the ones before leave, the last one (null) the rest.",
      zh: "按分数从低到高；每段包含低于其上界的其余分数，最后一段（null）包含剩余分数。",
    },
  );
