/** What preparing leaves at a party: its own steps with what they learnt, as stored and as applied again. */
import { type ColumnTable, TomboloError } from "@tombolo/base";
import { type LearntStep, parseSteps } from "@tombolo/federated/features";
import { z } from "zod";
import type { TaskTable } from "../component.ts";

export interface PreparationPart {
  readonly kind: "preparation";
  readonly version: 1;
  readonly party: string;
  readonly steps: readonly LearntStep[];
}

const stored = z.strictObject({
  kind: z.literal("preparation"),
  version: z.literal(1),
  party: z.string(),
  steps: z.array(z.unknown()),
});

/** Throws `input.model` for what preparing did not leave. */
export function storedPreparation(value: unknown): PreparationPart {
  const parsed = stored.safeParse(value);
  try {
    if (parsed.success) return { ...parsed.data, steps: parseSteps(parsed.data.steps) };
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error;
  }
  throw new TomboloError("input.model", "this is not what a prepare task learnt", {
    remedy: "Choose the model of a prepare task.",
  });
}

/** Ids and label take no part and stay as they are, in front. */
export function prepareTable<P extends { readonly table: ColumnTable }>(
  data: TaskTable,
  prepare: (features: ColumnTable) => P,
): { readonly done: TaskTable; readonly prepared: P } {
  const isKept = (name: string): boolean => data.keys.includes(name) || name === data.label;
  const kept = data.columns.filter(({ name }) => isKept(name));
  const features = data.columns.filter(({ name }) => !isKept(name));
  const prepared = prepare({ rowCount: data.rowCount, columns: features });
  const { columns } = prepared.table;
  const taken = columns.find(({ name }) => isKept(name));
  if (taken === undefined) return { done: { ...data, columns: [...kept, ...columns] }, prepared };
  throw new TomboloError("input.columns", "a step of preparation makes a column with the name of an id or the label", {
    remedy: "Choose another name for the new column.",
    detail: { column: taken.name },
  });
}
