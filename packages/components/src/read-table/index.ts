/**
 * Brings one own dataset into the flow: its id columns, its label if it has one, and the columns named. Local: each
 * party reads its own rows, and no one learns anything from it unless it fails. What may be read is bounded by the consent: a column,
 * row filter or dataset that is not in it is refused by the runner.
 */
import { TomboloError } from "@tombolo/base";
import { z } from "zod";
import { anyNumber, component, type TaskContext, table } from "../component.ts";
import { earlyEnds } from "../disclosing.ts";
import { columnName, columnNames, field, KEYS_MAX } from "../fields.ts";

const parameters = z.strictObject({
  missingLabel: field(
    z.enum(["leave-out", "refuse", "keep"]).default("leave-out"),
    { en: "Rows without a label", zh: "缺少标签的行" },
    {
      en: "Left out before anything else happens, refused, or kept, as rejected applicants are for reject inference: training takes no such rows.",
      zh: "在所有步骤之前剔除、直接拒绝，或保留（如拒绝推断中的被拒申请）；训练不接受此类行。",
    },
  ),
});

const partyParameters = z.strictObject({
  dataset: field(
    z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,95}$/, "not a dataset id"),
    { en: "Dataset", zh: "数据资产" },
    { en: "One of the party's own registered datasets.", zh: "本方已登记的数据资产。" },
  ),
  keys: field(
    z.array(columnName).min(1).max(KEYS_MAX),
    { en: "Id columns", zh: "标识列" },
    {
      en: "What rows are matched by; the same number, in the same order, at every party.",
      zh: "用于匹配的列；各方数量与次序须一致。",
    },
  ),
  label: field(
    columnName.nullable().default(null),
    { en: "Label", zh: "标签列" },
    { en: "What the model is to predict; at the guest only.", zh: "模型要预测的列，仅发起方填写。" },
  ),
  columns: field(
    columnNames.default([]),
    { en: "Columns", zh: "特征列" },
    { en: "Read as features, beside ids and label.", zh: "除标识与标签外作为特征读取的列。" },
  ),
});
type Parameters = z.output<typeof parameters>;
type Own = z.output<typeof partyParameters>;

export const readTable = component({
  name: "read-table",
  version: "1.2.0",
  title: { en: "Read table", zh: "读取数据" },
  summary: { en: "Each party reads its own granted dataset.", zh: "各方读取自己已授权的数据资产。" },
  roles: { guest: anyNumber, host: anyNumber },
  parameters,
  partyParameters,
  inputs: {},
  outputs: { data: table() },
  protocol: null,
  use: "both",
  reads: (own) => ({ datasetId: own.dataset, columns: columnsOf(own) }),
  discloses: ({ participants }) =>
    earlyEnds(participants, {
      en: "that the dataset has no usable rows, or rows without a label",
      zh: "数据资产没有可用的行，或存在缺少标签的行",
    }),
  run: { guest: read, host: read },
});

const columnsOf = ({ keys, label, columns }: Own): string[] => [
  ...new Set([...keys, ...(label === null ? [] : [label]), ...columns]),
];

async function read(context: TaskContext<Parameters, Own>): Promise<void> {
  const own = context.partyParameters;
  context.progress({ stage: "read", done: 0, total: 1 });
  const { kept, leftOut } = await context.copyDataset(own.dataset, columnsOf(own), {
    port: "data",
    complete: context.parameters.missingLabel === "keep" ? null : own.label,
    keys: own.keys,
    label: own.label,
    aligned: false,
  });
  if (kept + leftOut === 0)
    throw new TomboloError("input.rows", "the dataset has no rows that may be used", {
      remedy: "Check the row filter of the grant.",
    });
  if (leftOut > 0) missingLabels(context, leftOut, kept);
  context.progress({ stage: "read", done: 1, total: 1, rows: kept });
}

function missingLabels(context: TaskContext<Parameters, Own>, rows: number, kept: number): void {
  if (context.parameters.missingLabel === "refuse" || kept === 0)
    throw new TomboloError("input.label", "some rows have no label", {
      remedy: "Fill the label in, or let rows without one be left out.",
      detail: { rows },
    });
  context.log("warn", `${rows} rows without a label are left out`);
}
