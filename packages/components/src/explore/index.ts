/**
 * What is in a party's own columns, before anything is made of them: figures, histograms, missing values, outliers, commonest
 * categories; with the own label how it runs along each column; against another table of the same columns how far they have
 * moved, or how they move over a column of dates. Local: each party sees its own report, and nobody learns anything.
 */
import { type ColumnDescription, describeColumns } from "@tombolo/federated/features";
import { z } from "zod";
import { anyNumber, component, optional, report, type TaskContext, table } from "../component.ts";
import { columnName, columnNames, field } from "../fields.ts";
import { labelAsNumbers } from "../labels.ts";
import { columnNamed, featureColumns } from "../tables.ts";
import { movedSince } from "./moved.ts";
import { periodsOf } from "./periods.ts";

const partyParameters = z.strictObject({
  columns: field(
    columnNames.nullable().default(null),
    { en: "Columns", zh: "列" },
    { en: "To look at; none: all but ids and label.", zh: "要查看的列；留空表示除标识与标签外的全部列。" },
  ),
  time: field(
    columnName.nullable().default(null),
    { en: "Time", zh: "时间列" },
    {
      en: "A column of dates or numbers: how columns and label move over it, in up to six parts of as many rows.",
      zh: "日期或数值列：按其先后将行分为至多六段，查看各列与标签随时间的变化。",
    },
  ),
});
type Context = TaskContext<Record<string, never>, z.output<typeof partyParameters>>;

export const explore = component({
  name: "explore",
  version: "1.1.0",
  title: { en: "Explore", zh: "数据探索" },
  summary: {
    en: "Each party looks at its own columns: figures, histograms, missing values, outliers, the label along each, and what has moved since another table or over time.",
    zh: "各方查看自己的列：统计量、直方图、缺失、离群值、标签随各列的变化，以及相对另一张表或随时间的分布漂移。",
  },
  roles: { guest: anyNumber, host: anyNumber },
  parameters: z.strictObject({}),
  partyParameters,
  inputs: { data: table(), reference: optional(table()) },
  outputs: { report: report() },
  protocol: null,
  use: "both",
  discloses: () => [],
  run: { guest: run, host: run },
});

/** A column as the report shows it; `stability` against the reference, null: there is none, or nothing to compare. */
type ExploredColumn = ColumnDescription & { readonly stability: number | null };

async function run(context: Context): Promise<void> {
  const { inputs, outputs, partyParameters: own } = context;
  const data = await inputs.table("data");
  const reference = inputs.has("reference") ? await inputs.table("reference") : null;
  const label = labelAsNumbers(data);
  const columns: ExploredColumn[] = [];
  const chosen = featureColumns(data, own.columns);
  for (const [i, column] of chosen.entries()) {
    const [described] = describeColumns({ rowCount: data.rowCount, columns: [column] }, label);
    columns.push({ ...described!, stability: reference === null ? null : movedSince(reference, column) });
    context.progress({ stage: "explore", done: i + 1, total: chosen.length, rows: data.rowCount });
  }
  await outputs.report("report", {
    kind: "exploration",
    title: { en: "Exploration", zh: "数据探索" },
    data: {
      ...{ rows: data.rowCount, label: data.label, referenceRows: reference?.rowCount ?? null, columns },
      periods: own.time === null ? null : periodsOf(columnNamed(data, own.time), chosen, label),
    },
  });
}
