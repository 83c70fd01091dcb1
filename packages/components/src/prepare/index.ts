/**
 * Each party makes features of its own columns: missing values, outliers, scales, powers, categories as numbers, expressions,
 * crosses, dates. Local: what is learnt stays a part of a model at its party, and `prepare-apply` does the same to other rows.
 * Which steps a party takes stands in the consent, expressions word for word.
 */
import {
  applySteps,
  describeColumns,
  fitSteps,
  STEPS_MAX,
  type StepNote,
  type StepSpec,
  stepSpec,
} from "@tombolo/federated/features";
import { z } from "zod";
import { aligned, anyNumber, component, model, report, type TaskContext, type TaskTable, table } from "../component.ts";
import { earlyEnds } from "../disclosing.ts";
import { field } from "../fields.ts";
import { labelAsNumbers } from "../labels.ts";
import { fittedTransform, through } from "../pipeline/pipeline.ts";
import { storeTransform } from "../pipeline/stored.ts";
import { withFeatures } from "../pipeline/with-features.ts";
import { featureColumns } from "../tables.ts";
import { HOLDS, storedPreparation } from "./part.ts";
import { stepsTold } from "./steps-told.ts";
import { learntSteps } from "./transform.ts";

const partyParameters = z.strictObject({
  steps: field(
    z.array(stepSpec).max(STEPS_MAX).default([]),
    { en: "Steps", zh: "步骤" },
    {
      en: "One after another: impute, clip, scale, power, encode, derive, cross, cast, date-parts, text-length, hash, rename, drop.",
      zh: "依次执行：缺失填补、截断、缩放、幂变换、编码、派生、交叉、类型转换、日期拆分、文本长度、哈希、重命名、删除。",
    },
  ),
});
type PartyParameters = z.output<typeof partyParameters>;

const why = {
  en: "that a step does not fit its party's columns: one is missing, of the other kind, has one value only, or leaves what it asks for undefined",
  zh: "某一步骤与该方的列不符：列不存在、类型不符、取值全部相同，或结果无定义",
};

export const prepare = component({
  name: "prepare",
  version: "2.0.0",
  title: { en: "Prepare", zh: "特征预处理" },
  summary: {
    en: "Each party makes features of its own columns, and keeps what was learnt for the rows to be scored.",
    zh: "各方对自己的列做特征处理，并保存学到的参数，供打分时原样重放。",
  },
  roles: { guest: anyNumber, host: anyNumber },
  parameters: z.strictObject({}),
  partyParameters,
  inputs: { data: table() },
  outputs: { data: aligned(table(), "kept"), model: model("preparation"), report: report() },
  protocol: null,
  use: "train",
  discloses: ({ participants, partyParameters: given }) => [
    ...stepsTold(participants, (party) => partyParameters.safeParse(given[party] ?? {}).data?.steps ?? []),
    ...earlyEnds(participants, why),
  ],
  run: { guest: learn, host: learn },
});

async function learn(context: TaskContext<Record<string, never>, PartyParameters>): Promise<void> {
  const { inputs, outputs, partyParameters: own, policy } = context;
  const data = await inputs.table("data");
  const rules = { minimumRows: policy.minimumRows, label: labelAsNumbers(data) };
  const { done, made } = withFeatures(data, (features) => fitSteps(features, own.steps, rules));
  const { steps, notes } = made;
  const fitted = fittedTransform("prepare", featureColumns(data, null), { steps });
  await outputs.table("data", { ...done, pipeline: through(data, fitted) });
  await storeTransform(context, "model", { holds: HOLDS, fitted, metrics: { steps: steps.length } });
  await tell(context, data, done, { notes, steps: own.steps.map(({ kind }) => kind) });
}

export const prepareApply = component({
  name: "prepare-apply",
  version: "2.0.0",
  title: { en: "Apply preparation", zh: "应用预处理" },
  summary: {
    en: "Does to other rows what a prepare task did to those it learnt from, with the figures it learnt there.",
    zh: "用预处理任务学到的参数，对其他行做完全相同的处理。",
  },
  roles: { guest: anyNumber, host: anyNumber },
  parameters: z.strictObject({}),
  partyParameters: z.strictObject({}),
  inputs: { data: table(), model: model("preparation") },
  outputs: { data: aligned(table(), "kept"), report: report() },
  protocol: null,
  use: "both",
  discloses: ({ participants }) => earlyEnds(participants, why),
  run: { guest: apply, host: apply },
});

async function apply(context: TaskContext<Record<string, never>, Record<string, never>>): Promise<void> {
  const data = await context.inputs.table("data");
  const fitted = storedPreparation(await context.inputs.model("model"));
  const pipeline = through(data, fitted);
  const steps = learntSteps(fitted);
  const { done, made } = withFeatures(data, (features) => applySteps(features, steps));
  await context.outputs.table("data", { ...done, pipeline });
  await tell(context, data, done, { notes: made.notes, steps: steps.map(({ spec }) => spec.kind) });
}

/** What was done, what rows held that no step had seen, and the columns as they are now. */
async function tell(
  { outputs }: TaskContext<Record<string, never>, unknown>,
  before: TaskTable,
  after: TaskTable,
  what: { readonly steps: readonly StepSpec["kind"][]; readonly notes: readonly StepNote[] },
): Promise<void> {
  const features = featureColumns(after, null);
  const were = new Set(before.columns.map(({ name }) => name));
  const are = new Set(after.columns.map(({ name }) => name));
  await outputs.report("report", {
    kind: "preparation",
    title: { en: "Preparation", zh: "特征预处理" },
    data: {
      rows: after.rowCount,
      ...what,
      gone: [...were].filter((name) => !are.has(name)),
      made: [...are].filter((name) => !were.has(name)),
      columns: describeColumns({ rowCount: after.rowCount, columns: features }, null),
    },
  });
}
