/**
 * Rows of two tables of the same columns, the second's below the first's: two months, two regions. Local: each party does so with its own,
 * and rows in a joint order stay in one. Columns have the same names and hold the same; what went through a pipeline goes with what went
 * through the same.
 */
import { type Column, TomboloError } from "@tombolo/base";
import { z } from "zod";
import { aligned, anyNumber, component, type TaskContext, type TaskTable, table } from "../component.ts";
import { earlyEnds } from "../disclosing.ts";

export const union = component({
  name: "union",
  version: "1.0.0",
  title: { en: "Union", zh: "合并行" },
  summary: {
    en: "Rows of two tables of the same columns, one below the other; joint orders stay joint.",
    zh: "将列相同的两张表上下合并；各方已对齐的行保持对齐。",
  },
  roles: { guest: anyNumber, host: anyNumber },
  parameters: z.strictObject({}),
  partyParameters: z.strictObject({}),
  inputs: { data: table(), more: table() },
  outputs: { data: aligned(table(), "kept") },
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
  requireAlike(data, more);
  const rowCount = data.rowCount + more.rowCount;
  const { ids: first, ...rest } = data;
  await context.outputs.table("data", {
    ...rest,
    rowCount,
    ...(first === undefined || more.ids === undefined ? {} : { ids: [...first, ...more.ids] }),
    columns: data.columns.map((column) => joined(column, more.columns.find(({ name }) => name === column.name)!)),
    aligned: data.aligned && more.aligned,
  });
  context.progress({ stage: "union", done: 1, total: 1, rows: rowCount });
}

function requireAlike(data: TaskTable, more: TaskTable): void {
  const kinds = new Map(more.columns.map(({ name, kind }) => [name, kind]));
  const odd =
    data.columns.find(({ name, kind }) => kinds.get(name) !== kind)?.name ??
    more.columns.find(({ name }) => !data.columns.some((each) => each.name === name))?.name;
  if (odd !== undefined)
    throw new TomboloError("input.columns", "the two tables do not have the same columns", {
      remedy: "Read the same columns in both, or rename and cast them first.",
      detail: { column: odd },
    });
  if (data.keys.join("\n") !== more.keys.join("\n") || data.label !== more.label)
    throw new TomboloError("input.columns", "the two tables do not have the same id columns and label", {
      remedy: "Read both with the same ids and label.",
    });
  const went = ({ pipeline = [] }: TaskTable): string => pipeline.map(({ digest }) => digest).join();
  if (went(data) !== went(more))
    throw new TomboloError("input.pipeline", "the two tables went through different steps", {
      remedy: "Join them first, or apply the same preparation to both.",
    });
}

function joined(first: Column, second: Column): Column {
  if (first.kind === "number" && second.kind === "number") {
    const values = new Float64Array(first.values.length + second.values.length);
    values.set(first.values);
    values.set(second.values, first.values.length);
    return { ...first, values };
  }
  if (first.kind === "text" && second.kind === "text") {
    const places = new Map(first.categories.map((category, code) => [category, code]));
    for (const category of second.categories) if (!places.has(category)) places.set(category, places.size);
    const codes = new Int32Array(first.codes.length + second.codes.length);
    codes.set(first.codes);
    codes.set(
      second.codes.map((code) => (code < 0 ? -1 : places.get(second.categories[code]!)!)),
      first.codes.length,
    );
    return { ...first, codes, categories: [...places.keys()] };
  }
  throw new Error("assertion failed: columns of the same name hold the same");
}
