/** The order of a flow's tasks. References to tasks that do not exist are left out: `validateFlow` reports them. */
import { TomboloError } from "@tombolo/base";
import { type Flow, flowEdges } from "./flow.ts";

/** Tasks by the tasks they wait for. */
export function predecessors(flow: Flow): Map<string, Set<string>> {
  const before = new Map(Object.keys(flow.tasks).map((name) => [name, new Set<string>()]));
  for (const { from, to } of flowEdges(flow)) if (before.has(from)) before.get(to)!.add(from);
  return before;
}

/** Each task after all it waits for; among equals the order of the flow. Throws `input.flow` on a cycle. */
export function topologicalOrder(flow: Flow): string[] {
  const { order, rest } = peel(predecessors(flow));
  if (rest.size > 0)
    throw new TomboloError("input.flow", `the tasks ${[...rest.keys()].join(", ")} wait for each other`, {
      remedy: "Remove an input so that no task needs its own output.",
    });
  return order;
}

/** `task` excluded: everything that needs its outputs, directly or not, in topological order. */
export function downstream(flow: Flow, task: string): string[] {
  const before = predecessors(flow);
  const reached = new Set([task]);
  const order = topologicalOrder(flow);
  for (const name of order) if ([...before.get(name)!].some((from) => reached.has(from))) reached.add(name);
  return order.filter((name) => name !== task && reached.has(name));
}

/** Disjoint cycles, each in running order; empty for a DAG. */
export function cycles(flow: Flow): string[][] {
  const found: string[][] = [];
  let { rest } = peel(predecessors(flow));
  while (rest.size > 0) {
    const cycle = walkBack(rest);
    found.push(cycle);
    const left = [...rest].filter(([name]) => !cycle.includes(name));
    rest = peel(new Map(left.map(([name, from]) => [name, new Set([...from].filter((f) => !cycle.includes(f)))]))).rest;
  }
  return found;
}

type Before = ReadonlyMap<string, ReadonlySet<string>>;

/** Kahn's algorithm: `rest` are the tasks on a cycle or behind one. */
function peel(before: Before): { order: string[]; rest: Before } {
  const order: string[] = [];
  const done = new Set<string>();
  for (let progress = true; progress; ) {
    progress = false;
    for (const [name, from] of before) {
      if (done.has(name) || ![...from].every((each) => done.has(each))) continue;
      done.add(name);
      order.push(name);
      progress = true;
    }
  }
  const left = [...before].filter(([name]) => !done.has(name));
  return { order, rest: new Map(left.map(([name, from]) => [name, new Set([...from].filter((f) => !done.has(f)))])) };
}

/** Every task left by `peel` waits for another one left, so walking back must come round. */
function walkBack(rest: Before): string[] {
  const path: string[] = [];
  let at = rest.keys().next().value!;
  while (!path.includes(at)) {
    path.push(at);
    at = [...rest.get(at)!].find((from) => rest.has(from))!;
  }
  return path.slice(path.indexOf(at)).reverse();
}
