/** What preparing leaves at a party: its own steps with what they learnt, as stored and as applied again. */
import { z } from "zod";
import { openTransform } from "../pipeline/kinds.ts";
import { type FittedTransform, fittedTransform } from "../pipeline/pipeline.ts";
import { storedTransform } from "../pipeline/stored.ts";

export const HOLDS = "preparation";

/** Of a version before there were pipelines. */
const first = z.strictObject({
  kind: z.literal(HOLDS),
  version: z.literal(1),
  party: z.string(),
  steps: z.array(z.unknown()),
});

/** Throws `input.model` for what preparing did not leave. */
export function storedPreparation(value: unknown): FittedTransform {
  const { success, data } = first.safeParse(value);
  if (!success) return storedTransform(value, HOLDS);
  const fitted = fittedTransform("prepare", [], { steps: data.steps });
  openTransform(fitted.kind, fitted.part);
  return fitted;
}
