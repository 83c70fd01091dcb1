/** What may run now, what never will, and what a rerun repeats. Pure functions of flow and states. */
import { TomboloError } from "@tombolo/base";
import { type Flow, participantsOf } from "./flow.ts";
import { downstream, predecessors, topologicalOrder } from "./graph.ts";
import { isFinalTask, type JobStatus, type TaskStatus } from "./states.ts";

export type TaskStates = Readonly<Record<string, TaskStatus>>;

const stateOf = (states: TaskStates, name: string): TaskStatus => states[name] ?? "PENDING";

/** Pending tasks whose inputs are all there, and those already marked ready; in the flow's order. */
export function readyTasks(flow: Flow, states: TaskStates): string[] {
  const before = predecessors(flow);
  return Object.keys(flow.tasks).filter((name) => {
    const state = stateOf(states, name);
    if (state !== "PENDING" && state !== "READY") return false;
    return [...before.get(name)!].every((from) => stateOf(states, from) === "SUCCESS");
  });
}

/** Tasks that can no longer run, since something before them failed, was cancelled or was skipped. */
export function blockedTasks(flow: Flow, states: TaskStates): string[] {
  const lost = (name: string): boolean => ["FAILED", "CANCELLED", "SKIPPED"].includes(stateOf(states, name));
  const blocked = new Set(
    topologicalOrder(flow)
      .filter(lost)
      .flatMap((name) => downstream(flow, name)),
  );
  return topologicalOrder(flow).filter((name) => blocked.has(name) && !isFinalTask(stateOf(states, name)));
}

/** Null while something is still to be done. */
export function jobOutcome(
  flow: Flow,
  states: TaskStates,
): Extract<JobStatus, "SUCCESS" | "FAILED" | "CANCELLED"> | null {
  const all = Object.keys(flow.tasks).map((name) => stateOf(states, name));
  if (!all.every(isFinalTask)) return null;
  if (all.includes("FAILED")) return "FAILED";
  return all.every((state) => state === "SUCCESS") ? "SUCCESS" : "CANCELLED";
}

/** A task with all it needs, and the parties that then still take part. Throws `input.task` when there is no such task. */
export function flowUpTo(flow: Flow, task: string): Flow {
  if (!Object.hasOwn(flow.tasks, task))
    throw new TomboloError("input.task", `the flow has no task "${task}"`, {
      remedy: `It has: ${Object.keys(flow.tasks).join(", ")}.`,
    });
  const before = predecessors(flow);
  const needed = new Set([task]);
  for (const name of needed) for (const from of before.get(name)!) needed.add(from);
  const tasks = Object.fromEntries(Object.entries(flow.tasks).filter(([name]) => needed.has(name)));
  const active = new Set(Object.values(tasks).flatMap((each) => participantsOf(flow, each).map(({ party }) => party)));
  return { ...flow, parties: flow.parties.filter(({ party }) => active.has(party)), tasks };
}

export interface RerunPlan {
  /** Run again: what did not succeed, and everything that depends on it. In topological order. */
  readonly repeat: readonly string[];
  /** Their outputs are taken over as they are. */
  readonly reuse: readonly string[];
}

/** `alsoRepeat`: tasks that succeeded but whose outputs are gone (deleted, or lost at a party). */
export function planRerun(flow: Flow, states: TaskStates, alsoRepeat: readonly string[] = []): RerunPlan {
  const order = topologicalOrder(flow);
  const first = order.filter((name) => stateOf(states, name) !== "SUCCESS" || alsoRepeat.includes(name));
  const repeat = new Set(first.flatMap((name) => [name, ...downstream(flow, name)]));
  return { repeat: order.filter((name) => repeat.has(name)), reuse: order.filter((name) => !repeat.has(name)) };
}
