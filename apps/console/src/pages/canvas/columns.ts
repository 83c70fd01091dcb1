/** Which columns a party has at a task, as far as the flow tells: those it reads, and those that steps before it name. */
import { type Flow, parseInputRef } from "@tombolo/scheduler";

const strings = (value: unknown): string[] =>
  typeof value === "string" ? [value] : Array.isArray(value) ? value.flatMap(strings) : [];

/** Columns that the steps of a preparation make under a name of their own. */
const madeBy = (steps: unknown): string[] =>
  Array.isArray(steps)
    ? steps.flatMap((step: unknown) => {
        const { name, to, kind } = (step ?? {}) as Readonly<Record<string, unknown>>;
        return [...strings(name), ...(kind === "rename" ? strings(to) : [])];
      })
    : [];

/** In the order in which they come into being; of all parties when none is named. */
export function columnsAt(flow: Flow, task: string, party?: string): string[] {
  const found = new Set<string>();
  const seen = new Set<string>();
  const walk = (name: string): void => {
    const own = flow.tasks[name];
    if (own === undefined || seen.has(name)) return;
    seen.add(name);
    for (const text of Object.values(own.inputs)) {
      const ref = parseInputRef(text);
      if (ref.kind === "task") walk(ref.task);
    }
    for (const [each, { keys, label, columns, steps }] of Object.entries(own.partyParameters))
      if (party === undefined || each === party)
        for (const column of [...strings(keys), ...strings(label), ...strings(columns), ...madeBy(steps)])
          found.add(column);
  };
  walk(task);
  return [...found];
}
