/** What a flow discloses and which code runs it, from this node's own components (SECURITY.md rule 4). */
import { toHex } from "@tombolo/base";
import { tableHash } from "@tombolo/channel";
import type { Component } from "@tombolo/components";
import { type Flow, type FlowTask, parseInputRef, participantsOf, topologicalOrder } from "@tombolo/scheduler";
import type { ConsentComponent, ConsentDisclosure } from "./document.ts";

/**
 * Tasks in an order that every node derives alike: JSON keeps no order of names (a database may sort them), so it is
 * that of the graph, and by name where the graph says nothing.
 */
export function orderedTasks(flow: Flow): [string, FlowTask][] {
  const byName = Object.entries(flow.tasks).sort(([a], [b]) => (a < b ? -1 : 1));
  return topologicalOrder({ ...flow, tasks: Object.fromEntries(byName) }).map((name) => [name, flow.tasks[name]!]);
}

export type FindComponent = (name: string) => Component | undefined;

export function flowDisclosure(flow: Flow, find: FindComponent): ConsentDisclosure[] {
  return orderedTasks(flow).flatMap(([task, definition]) => {
    const component = find(definition.component);
    if (component === undefined) return [];
    const items = component.discloses({
      parameters: component.parameters.parse(definition.parameters),
      partyParameters: definition.partyParameters,
      participants: participantsOf(flow, definition),
    });
    return items.map(({ recipient, about, kind, text }) => ({
      task,
      component: definition.component,
      recipient,
      about,
      kind,
      text: { en: text.en, zh: text.zh },
    }));
  });
}

export const flowComponents = (flow: Flow, find: FindComponent): ConsentComponent[] =>
  orderedTasks(flow).map(([task, { component: name }]) => {
    const component = find(name);
    return {
      task,
      component: name,
      version: component?.version ?? "",
      protocol: component?.protocol?.name ?? null,
      messages: component?.protocol == null ? null : toHex(tableHash(component.protocol.messages)),
    };
  });

/** One party's use of one of its datasets in the flow, and what its rows flow into. */
export interface FlowDataset {
  readonly party: string;
  readonly task: string;
  readonly datasetId: string;
  readonly columns: readonly string[];
  readonly components: readonly string[];
  readonly uses: readonly ("train" | "score")[];
}

export function flowDatasets(flow: Flow, find: FindComponent): FlowDataset[] {
  return orderedTasks(flow).flatMap(([task, definition]) =>
    participantsOf(flow, definition).flatMap(({ party }): FlowDataset[] => {
      const component = find(definition.component);
      const use = component?.reads?.(component.partyParameters.parse(definition.partyParameters[party] ?? {}));
      if (use == null) return [];
      const reached = reachedFrom(flow, task, party);
      const components = [...new Set(reached.map((each) => each.component))];
      return [{ party, task, ...use, components, uses: usesOf(reached, find) }];
    }),
  );
}

/** The task and everything downstream of it in which the party takes part. */
function reachedFrom(flow: Flow, start: string, party: string): FlowTask[] {
  const reached = new Set([start]);
  for (let size = 0; size !== reached.size; ) {
    size = reached.size;
    for (const [name, task] of Object.entries(flow.tasks)) {
      const feeds = Object.values(task.inputs).map(parseInputRef);
      if (feeds.some((ref) => ref.kind === "task" && reached.has(ref.task))) reached.add(name);
    }
  }
  return [...reached]
    .map((name) => flow.tasks[name]!)
    .filter((task) => participantsOf(flow, task).some((each) => each.party === party));
}

/**
 * Trying a model on rows held out is part of its training. Rows that meet a model of an earlier job are scored, also
 * when the same job trains something else beside.
 */
function usesOf(tasks: readonly FlowTask[], find: FindComponent): ("train" | "score")[] {
  const forUse = (use: "train" | "score"): FlowTask[] => tasks.filter(({ component }) => find(component)?.use === use);
  const trains = forUse("train").length > 0;
  const scores = forUse("score").some(
    ({ inputs }) => !trains || Object.values(inputs).some((text) => parseInputRef(text).kind === "model"),
  );
  return [...(trains ? (["train"] as const) : []), ...(scores ? (["score"] as const) : [])];
}
