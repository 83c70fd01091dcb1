/**
 * The bins that a bin task fixed, on other rows: each party's own, with the weights that it knows. Local. What rows hold that
 * the bins were not fixed on is counted and reported.
 */
import { TomboloError } from "@tombolo/base";
import { storedBinning } from "@tombolo/federated/binning";
import type { StepNote } from "@tombolo/federated/features";
import { z } from "zod";
import { binnedNames, fittedBins } from "../bin/transform.ts";
import { aligned, anyNumber, component, model, report, type TaskContext, type TaskTable, table } from "../component.ts";
import { earlyEnds } from "../disclosing.ts";
import { openTransform } from "../pipeline/kinds.ts";
import { type FittedTransform, through } from "../pipeline/pipeline.ts";
import { withFeatures } from "../pipeline/with-features.ts";

const why = {
  en: "that a binned column of its party is missing or of another kind than when its bins were fixed, or that the rows are binned already",
  zh: "某方的分箱列缺失或类型与定箱时不同，或这些行已经分过箱",
};

export const binApply = component({
  name: "bin-apply",
  version: "1.0.0",
  title: { en: "Apply bins", zh: "应用分箱" },
  summary: {
    en: "Puts other rows into the bins that a bin task fixed, with the weights that each party knows.",
    zh: "把其他行归入分箱任务定下的箱，并换成各方已知的 WOE。",
  },
  roles: { guest: anyNumber, host: anyNumber },
  parameters: z.strictObject({}),
  partyParameters: z.strictObject({}),
  inputs: { data: table(), model: model("binning") },
  outputs: { data: aligned(table(), "kept"), report: report() },
  protocol: null,
  use: "both",
  discloses: ({ participants }) => earlyEnds(participants, why),
  run: { guest: apply, host: apply },
});

async function apply(context: TaskContext<Record<string, never>, Record<string, never>>): Promise<void> {
  const { inputs, outputs } = context;
  const data = await inputs.table("data");
  const fitted = fittedBins(storedBinning(await inputs.model("model")));
  const pipeline = through(data, fitted);
  requireUnbinned(data, fitted);
  const fit = openTransform(fitted.kind, fitted.part);
  const notes: StepNote[] = [];
  const { done } = withFeatures(data, (features) => ({ table: fit.apply(features, (note) => notes.push(note)) }));
  await outputs.table("data", { ...done, pipeline });
  await outputs.report("report", {
    kind: "replay",
    title: { en: "Bins applied", zh: "应用分箱" },
    data: {
      rows: data.rowCount,
      steps: [{ kind: fitted.kind, steps: fit.steps }],
      notes: notes.map((note) => ({ ...note, transform: 1 })),
    },
  });
}

/** Other versions of the bins count, too: a column of weights would go through edges of the values that they stand for. */
function requireUnbinned({ pipeline = [] }: TaskTable, fitted: FittedTransform): void {
  const names = new Set(binnedNames(fitted));
  const twice = pipeline.filter(({ kind }) => kind === fitted.kind).flatMap(binnedNames);
  const column = twice.find((name) => names.has(name));
  if (column === undefined) return;
  throw new TomboloError("input.pipeline", "a column is in bins already, by this or another version of them", {
    remedy: "Apply the bins to rows as they were before the bin task.",
    detail: { column },
  });
}
