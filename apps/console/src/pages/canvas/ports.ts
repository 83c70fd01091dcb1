/** Which outputs fit which inputs, and why one does not. What takes more than two ports to tell, the node's check says. */
import { cycles, type Flow, parseInputRef } from "@tombolo/scheduler";
import type { Component, Port } from "@tombolo/sdk";
import { type Draft, setInput } from "./draft.ts";

export type Components = ReadonlyMap<string, Component>;

/** A task's port. */
export interface PortName {
  readonly task: string;
  readonly port: string;
}

export type Misfit =
  | { readonly why: "unknown" }
  | { readonly why: "own" }
  | { readonly why: "cycle" }
  | { readonly why: "kind"; readonly wanted: Port["kind"]; readonly given: Port["kind"] }
  | { readonly why: "model"; readonly wanted: string; readonly given: string };

export const inputsOf = (flow: Flow, components: Components, task: string): Readonly<Record<string, Port>> =>
  components.get(flow.tasks[task]?.component ?? "")?.inputs ?? {};
export const outputsOf = (flow: Flow, components: Components, task: string): Readonly<Record<string, Port>> =>
  components.get(flow.tasks[task]?.component ?? "")?.outputs ?? {};

/** Undefined: it fits. */
export function misfit(draft: Draft, components: Components, from: PortName, to: PortName): Misfit | undefined {
  if (from.task === to.task) return { why: "own" };
  const given = outputsOf(draft.flow, components, from.task)[from.port];
  const wanted = inputsOf(draft.flow, components, to.task)[to.port];
  if (given === undefined || wanted === undefined) return { why: "unknown" };
  const other = otherPort(given, wanted);
  if (other !== undefined) return other;
  const wired = setInput(draft, to.task, to.port, `${from.task}.${from.port}`);
  return cycles(wired.flow).length > cycles(draft.flow).length ? { why: "cycle" } : undefined;
}

export function otherPort(given: Port, wanted: Port): Misfit | undefined {
  if (given.kind !== wanted.kind) return { why: "kind", wanted: wanted.kind, given: given.kind };
  if (given.holds !== null && wanted.holds !== null && given.holds !== wanted.holds)
    return { why: "model", wanted: wanted.holds, given: given.holds };
  return undefined;
}

/** The input that takes an output: the first that is free, else the first at all. */
export function inputFor(draft: Draft, components: Components, from: PortName, task: string): string | undefined {
  const fitting = Object.keys(inputsOf(draft.flow, components, task)).filter(
    (port) => misfit(draft, components, from, { task, port }) === undefined,
  );
  const taken = draft.flow.tasks[task]?.inputs ?? {};
  return fitting.find((port) => taken[port] === undefined) ?? fitting[0];
}

/** Everything that an input could take, of all tasks, in the flow's order. */
export function sourcesFor(draft: Draft, components: Components, to: PortName): PortName[] {
  return Object.keys(draft.flow.tasks).flatMap((task) =>
    Object.keys(outputsOf(draft.flow, components, task)).flatMap((port) =>
      misfit(draft, components, { task, port }, to) === undefined ? [{ task, port }] : [],
    ),
  );
}

/** Wires a new task's inputs to what `feed` gives, each output to one input. */
export function feedFrom(draft: Draft, components: Components, feed: string, task: string): Draft {
  let wired = draft;
  for (const [port, { optional }] of Object.entries(inputsOf(draft.flow, components, task))) {
    if (optional) continue;
    const taken = Object.values(wired.flow.tasks[task]!.inputs);
    const source = Object.keys(outputsOf(draft.flow, components, feed)).find(
      (output) =>
        !taken.includes(`${feed}.${output}`) &&
        misfit(wired, components, { task: feed, port: output }, { task, port }) === undefined,
    );
    if (source !== undefined) wired = setInput(wired, task, port, `${feed}.${source}`);
  }
  return wired;
}

export interface Wire {
  readonly from: PortName;
  readonly to: PortName;
}

/** Between tasks that are there; a model of an earlier job has no wire. */
export const wiresOf = (flow: Flow): Wire[] =>
  Object.entries(flow.tasks).flatMap(([task, { inputs }]) =>
    Object.entries(inputs).flatMap(([port, text]) => {
      const ref = parseInputRef(text);
      if (ref.kind === "model" || !(ref.task in flow.tasks)) return [];
      return [{ from: { task: ref.task, port: ref.port }, to: { task, port } }];
    }),
  );
