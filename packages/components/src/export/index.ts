/**
 * Marks a table as something to take away: the columns chosen, for their own party to download as CSV or Parquet. Local:
 * nothing goes to a partner. Whether a party's people may take its own table out is its node's business.
 */
import { z } from "zod";
import { anyNumber, component, report, type TaskContext, table } from "../component.ts";
import { columnNames, field } from "../fields.ts";
import { columnNamed } from "../tables.ts";

const parameters = z.strictObject({
  format: field(
    z.enum(["csv", "parquet"]).default("csv"),
    { en: "Format", zh: "格式" },
    { en: "Of the file to download. Values are not altered.", zh: "下载文件的格式，取值不作改动。" },
  ),
});
const partyParameters = z.strictObject({
  columns: field(
    columnNames.nullable().default(null),
    { en: "Columns", zh: "列" },
    { en: "In this order; none: all of them.", zh: "按此顺序导出；留空表示全部。" },
  ),
});
type Context = TaskContext<z.output<typeof parameters>, z.output<typeof partyParameters>>;

export const exportTable = component({
  name: "export",
  version: "1.0.0",
  title: { en: "Export", zh: "导出" },
  summary: { en: "Makes an own table available for download.", zh: "将本方的表提供下载。" },
  roles: { guest: anyNumber, host: anyNumber },
  parameters,
  partyParameters,
  inputs: { data: table() },
  outputs: { data: table(), report: report() },
  protocol: null,
  use: "both",
  discloses: () => [],
  run: { guest: run, host: run },
});

async function run(context: Context): Promise<void> {
  const data = await context.inputs.table("data");
  const columns = context.partyParameters.columns?.map((name) => columnNamed(data, name)) ?? data.columns;
  const names = columns.map(({ name }) => name);
  const { ids: _, ...rest } = data;
  await context.outputs.table("data", {
    ...rest,
    columns,
    keys: data.keys.filter((key) => names.includes(key)),
    label: data.label !== null && names.includes(data.label) ? data.label : null,
    aligned: false,
  });
  await context.outputs.report("report", {
    kind: "export",
    title: { en: "Export", zh: "导出" },
    data: { rows: data.rowCount, columns: names, format: context.parameters.format },
  });
}
