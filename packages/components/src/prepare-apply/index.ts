/** What a prepare task did, to other rows: with the figures that it learnt then, never with those of the rows at hand. */
import { applySteps } from "@tombolo/federated/features";
import { applying } from "../pipeline/applying.ts";
import { withFeatures } from "../pipeline/with-features.ts";
import { HOLDS, storedPreparation } from "../prepare/part.ts";
import { preparationReport } from "../prepare/report.ts";
import { misfit } from "../prepare/steps-told.ts";
import { learntSteps } from "../prepare/transform.ts";

export const prepareApply = applying({
  name: "prepare-apply",
  version: "2.0.0",
  title: { en: "Apply preparation", zh: "应用预处理" },
  summary: {
    en: "Does to other rows what a prepare task did to those it learnt from, with the figures it learnt there.",
    zh: "用预处理任务学到的参数，对其他行做完全相同的处理。",
  },
  holds: HOLDS,
  why: misfit,
  inOrder: true,
  stored: storedPreparation,
  apply(data, fitted) {
    const steps = learntSteps(fitted);
    const { done, made } = withFeatures(data, (features) => applySteps(features, steps));
    const kinds = steps.map(({ spec }) => spec.kind);
    return { done, report: preparationReport(data, done, { notes: made.notes, steps: kinds }) };
  },
});
