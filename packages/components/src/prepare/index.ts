/**
 * Each party makes features of its own columns: missing values, outliers, scales, powers, categories as numbers, expressions,
 * crosses, dates. Local: what is learnt stays a part of a model at its party, and `prepare-apply` does the same to other rows.
 * Which steps a party takes stands in the consent, expressions word for word.
 */
import { expressionText, fitSteps, STEPS_MAX, type StepSpec, stepSpec } from "@tombolo/federated/features";
import { z } from "zod";
import { aligned, anyNumber, component, model, report, type TaskContext, table } from "../component.ts";
import { earlyEnds } from "../disclosing.ts";
import { field } from "../fields.ts";
import { labelAsNumbers } from "../labels.ts";
import { fittedTransform, through } from "../pipeline/pipeline.ts";
import { storeTransform } from "../pipeline/stored.ts";
import { withFeatures } from "../pipeline/with-features.ts";
import { distinctRows, featureColumns } from "../tables.ts";
import { HOLDS } from "./part.ts";
import { preparationReport } from "./report.ts";
import { misfit, stepsTold } from "./steps-told.ts";

const partyParameters = z.strictObject({
  steps: field(
    z.array(stepSpec).max(STEPS_MAX).superRefine(requireReadable).default([]),
    { en: "Steps", zh: "步骤" },
    {
      en: "One after another: impute, clip, scale, power, encode, derive, cross, cast, date-parts, text-length, hash, rename, drop.",
      zh: "依次执行：缺失填补、截断、缩放、幂变换、编码、派生、交叉、类型转换、日期拆分、文本长度、哈希、重命名、删除。",
    },
  ),
});
type PartyParameters = z.output<typeof partyParameters>;

/** Before anybody is asked for consent. */
function requireReadable(steps: readonly StepSpec[], { addIssue }: Pick<z.RefinementCtx, "addIssue">): void {
  for (const [i, each] of steps.entries()) {
    const fault = each.kind === "derive" ? expressionText.safeParse(each.expression).error?.issues[0] : undefined;
    if (fault !== undefined) addIssue({ code: "custom", message: fault.message, path: [i, "expression"] });
  }
}

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
  outputs: { data: aligned(table(), "kept"), model: model(HOLDS), report: report() },
  protocol: null,
  use: "train",
  discloses: ({ participants, partyParameters: given }) => [
    ...stepsTold(participants, (party) => partyParameters.safeParse(given[party] ?? {}).data?.steps ?? []),
    ...earlyEnds(participants, misfit),
  ],
  run: { guest: learn, host: learn },
});

async function learn(context: TaskContext<Record<string, never>, PartyParameters>): Promise<void> {
  const { inputs, outputs, partyParameters: own, policy } = context;
  const data = await inputs.table("data");
  const rules = { minimumRows: distinctRows(policy.minimumRows, data), label: labelAsNumbers(data) };
  const { done, made } = withFeatures(data, (features) => fitSteps(features, own.steps, rules));
  const { steps, notes } = made;
  const fitted = fittedTransform("prepare", featureColumns(data, null), { steps });
  await outputs.table("data", { ...done, pipeline: through(data, fitted) });
  await storeTransform(context, "model", { holds: HOLDS, fitted, data, metrics: { steps: steps.length } });
  const kinds = own.steps.map(({ kind }) => kind);
  await outputs.report("report", preparationReport(data, done, { notes, steps: kinds }));
}
