/** What the node finds wrong with a flow, by task and field. */
import type { Problem } from "@tombolo/sdk";

export interface Faults {
  readonly all: readonly Problem[];
  /** Not of one task. */
  readonly ofFlow: readonly Problem[];
  ofTask(name: string): readonly Problem[];
}

const PATH = /^tasks\.([a-z][a-z0-9-]*)(?:\.|$)/;

const taskOf = ({ path }: Problem): string | undefined => PATH.exec(path)?.[1];

export function faultsOf(problems: readonly Problem[]): Faults {
  const byTask = Map.groupBy(problems, taskOf);
  return {
    all: problems,
    ofFlow: byTask.get(undefined) ?? [],
    ofTask: (name) => byTask.get(name) ?? [],
  };
}

/** Of one field, by its path in the task: "parameters.trees", "partyParameters.bank.keys". */
export const at = (problems: readonly Problem[], name: string, path: string): readonly Problem[] =>
  problems.filter((problem) => problem.path === `tasks.${name}.${path}`);

/** Of a field or anything in it. */
export const within = (problems: readonly Problem[], name: string, path: string): readonly Problem[] =>
  problems.filter(({ path: full }) => full === `tasks.${name}.${path}` || full.startsWith(`tasks.${name}.${path}.`));
