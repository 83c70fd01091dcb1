/**
 * Rows of two tables of the same columns, the second's below the first's: two months, two regions. Local: each party does so with its own,
 * and rows in a joint order stay in one. Columns have the same names and hold the same; what went through a pipeline goes with what went
 * through the same.
 */
import { z } from "zod";
import { aligned, anyNumber, component, report, type TaskContext, table } from "../component.ts";
import { earlyEnds } from "../disclosing.ts";
import { rowsByLabel } from "../row-choice/by-label.ts";
import { below } from "./rows.ts";

export const union = component({
  name: "union",
  version: "1.1.0",
  title: { en: "Union", zh: "合并行" },
  summary: {
    en: "Rows of two tables of the same columns, one below the other; joint orders stay joint.",
    zh: "将列相同的两张表上下合并；各方已对齐的行保持对齐。",
  },
  roles: { guest: anyNumber, host: anyNumber },
  parameters: z.strictObject({}),
  partyParameters: z.strictObject({}),
  inputs: { data: table(), more: table() },
  outputs: { data: aligned(table(), "kept"), report: report() },
  protocol: null,
  use: "both",
  discloses: ({ participants }) =>
    earlyEnds(participants, {
      en: "that its two tables do not have the same columns, ids and label, or went through different preparations",
      zh: "其两张表的列、标识或标签不一致，或经过的预处理不同",
    }),
  run: { guest: run, host: run },
});

async function run(context: TaskContext<Record<string, never>, Record<string, never>>): Promise<void> {
  const [data, more] = [await context.inputs.table("data"), await context.inputs.table("more")];
  const joined = below(data, more);
  const { rowCount } = joined;
  await context.outputs.table("data", joined);
  const isMore = Uint8Array.from({ length: rowCount }, (_, row) => Number(row >= data.rowCount));
  await context.outputs.report("report", {
    kind: "union",
    title: { en: "Union", zh: "合并行" },
    data: { rows: rowCount, more: more.rowCount, label: joined.label, byLabel: rowsByLabel(joined, isMore) },
  });
  context.progress({ stage: "union", done: 1, total: 1, rows: rowCount });
}
