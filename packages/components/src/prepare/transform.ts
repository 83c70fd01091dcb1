/** Steps of preparation as a kind of transform. */
import { applySteps, type LearntStep, neededSteps, parseSteps } from "@tombolo/federated/features";
import { z } from "zod";
import type { Fit, TransformKind } from "../pipeline/transform.ts";
import { inWords } from "./steps-told.ts";

const part = z.strictObject({ steps: z.array(z.unknown()) });

export const preparation: TransformKind = {
  title: { en: "Prepare", zh: "特征预处理" },
  open: (value) => fitOf(stepsIn(value)),
};

const stepsIn = (value: unknown): LearntStep[] => parseSteps(part.parse(value).steps);
export const learntSteps = ({ part: value }: { readonly part: unknown }): LearntStep[] => stepsIn(value);

const fitOf = (steps: readonly LearntStep[]): Fit => ({
  apply(table, tell) {
    const { table: done, notes } = applySteps(table, steps);
    for (const note of notes) tell(note);
    return done;
  },
  narrow(wanted) {
    const { steps: needed, takes } = neededSteps(steps, wanted);
    return { fit: fitOf(needed), takes };
  },
  steps: steps.map(({ spec, step }, i) => `${step ?? i + 1}. ${inWords(spec)}`),
});
