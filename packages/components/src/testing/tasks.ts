/** Single tasks on small tables, for the components' tests. */
import { TomboloError } from "@tombolo/base";
import { expect } from "vitest";
import type { TaskTable } from "../component.ts";
import type { FlowDraft, TaskDraft } from "../flows.ts";
import { numbers, tableOf, texts } from "./examples.ts";
import { emptyKept, type Kept, runTask, type Setting } from "./run-flow.ts";

export const PARTIES = [
  { party: "bank", role: "guest" },
  { party: "telco", role: "host" },
  { party: "insurer", role: "host" },
];
export const flowOf = (tasks: Record<string, TaskDraft>, count = 2): FlowDraft => ({
  version: "1",
  name: "test",
  parties: PARTIES.slice(0, count),
  seed: 7,
  tasks,
});

/** Runs one task on tables given as the outputs "in.data", and so on, of each party. */
export async function runOne(
  task: TaskDraft,
  tables: Readonly<Record<string, Readonly<Record<string, TaskTable>>>>,
  setting: Setting = { datasets: {} },
): Promise<Readonly<Record<string, Kept>>> {
  const kept = Object.fromEntries(
    Object.entries(tables).map(([party, own]) => [party, { ...emptyKept(), tables: { ...own } }]),
  );
  await runTask(flowOf({ task }, Object.keys(tables).length), "task", kept, setting);
  return kept;
}

export const failureOf = async (run: Promise<unknown>): Promise<TomboloError> => {
  try {
    await run;
  } catch (error) {
    const cause = (error as Error).cause;
    if (cause instanceof TomboloError) return cause;
    throw error;
  }
  return expect.unreachable("it succeeded");
};

export const keyed = (table: TaskTable, label: string | null = null): TaskTable => ({
  ...table,
  keys: ["id"],
  label,
  aligned: true,
});
export const idsOf = (table: TaskTable): (string | null)[] => {
  const column = table.columns.find(({ name }) => name === "id")!;
  return column.kind === "text" ? Array.from(column.codes, (code) => column.categories[code] ?? null) : [];
};

/** `count` made-up rows; y depends on the guest's g and the host's h. */
export function madeUp(count: number): { guest: TaskTable; host: TaskTable } {
  const ids = texts(
    "id",
    Array.from({ length: count }, (_, i) => `id-${i}`),
  );
  const g = Array.from({ length: count }, (_, i) => (i * 37) % 101);
  const h = Array.from({ length: count }, (_, i) => (i * 53) % 97);
  const y = g.map((value, i) => (value / 101 + h[i]! / 97 > 1 ? 1 : 0));
  return {
    guest: keyed(tableOf(ids, numbers("y", y), numbers("g", g)), "y"),
    host: keyed(tableOf(ids, numbers("h", h))),
  };
}
