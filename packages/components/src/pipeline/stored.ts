/** What fitting leaves at a party as a model of its own: one transform, for rows that are looked at before any model is trained. */
import { TomboloError } from "@tombolo/base";
import { z } from "zod";
import type { TableNote, TaskContext } from "../component.ts";
import { openTransform } from "./kinds.ts";
import { digestsOf, type FittedTransform, fittedSchema } from "./pipeline.ts";

const stored = z.strictObject({
  /** As the port's `holds` names it. */
  kind: z.string(),
  version: z.literal(2),
  party: z.string(),
  fitted: fittedSchema,
});

interface Learnt {
  readonly holds: string;
  readonly fitted: FittedTransform;
  /** The table that it was learnt on. */
  readonly data: Pick<TableNote, "pipeline">;
  readonly metrics: Readonly<Record<string, number>>;
}

export async function storeTransform(
  { outputs, self }: TaskContext<unknown, unknown>,
  port: string,
  { holds, fitted, data, metrics }: Learnt,
): Promise<void> {
  const value = { kind: holds, version: 2, party: self.party, fitted: { ...fitted, after: digestsOf(data) } };
  await outputs.model(port, value, { kind: holds, objective: "none", metrics });
}

/** Throws `input.model` for what such a task did not leave. */
export function storedTransform(value: unknown, holds: string): FittedTransform {
  const parsed = stored.safeParse(value);
  if (parsed.success && parsed.data.kind === holds) {
    const { fitted } = parsed.data;
    openTransform(fitted.kind, fitted.part);
    return fitted;
  }
  throw new TomboloError("input.model", "this is not what such a task learnt", {
    remedy: `Choose a model of the kind ${holds}.`,
  });
}
