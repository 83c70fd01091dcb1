/** The same columns of other rows. */
import { z } from "zod";
import { aligned, anyNumber, component, model, report, type TaskContext, table } from "../component.ts";
import { earlyEnds } from "../disclosing.ts";
import { through } from "../pipeline/pipeline.ts";
import { storedTransform } from "../pipeline/stored.ts";
import { withFeatures } from "../pipeline/with-features.ts";
import { HOLDS, picked, selectionPart } from "./part.ts";

const why = {
  en: "that a selected column is not in its party's table",
  zh: "某方的表缺少筛选出的列",
};

export const selectApply = component({
  name: "select-apply",
  version: "1.0.0",
  title: { en: "Apply selection", zh: "应用筛选" },
  summary: {
    en: "Takes of other rows the columns that a select task kept.",
    zh: "对其他行保留筛选任务选出的列。",
  },
  roles: { guest: anyNumber, host: anyNumber },
  parameters: z.strictObject({}),
  partyParameters: z.strictObject({}),
  inputs: { data: table(), model: model(HOLDS) },
  outputs: { data: aligned(table(), "kept"), report: report() },
  protocol: null,
  use: "both",
  discloses: ({ participants }) => earlyEnds(participants, why),
  run: { guest: apply, host: apply },
});

async function apply({ inputs, outputs, self }: TaskContext<Record<string, never>, unknown>): Promise<void> {
  const data = await inputs.table("data");
  const fitted = storedTransform(await inputs.model("model"), HOLDS);
  const pipeline = through(data, fitted);
  const { columns } = selectionPart.parse(fitted.part);
  const { done } = withFeatures(data, (features) => ({ table: picked(features, columns) }));
  await outputs.table("data", { ...done, pipeline });
  const judged = columns.map((name) => ({ name, figures: {}, fell: null, spared: [] }));
  await outputs.report("report", {
    kind: "selection",
    title: { en: "Selection", zh: "特征筛选" },
    data: {
      ...{ party: self.party, rows: data.rowCount, kept: columns.length, columns: judged },
      ...{ partners: [], alike: [], steps: null },
    },
  });
}
