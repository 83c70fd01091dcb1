/** What is being drawn: the flow file itself, and where its tasks stand. Every edit answers a new draft. */
import {
  draftFlowSchema,
  type Flow,
  type FlowParty,
  type FlowTask,
  freeName,
  parseInputRef,
  participantsOf,
} from "@tombolo/scheduler";
import type { Component } from "@tombolo/sdk";
import { z } from "zod";

const place = z.object({ x: z.number(), y: z.number() });
export type Place = Readonly<z.infer<typeof place>>;
export type Places = Readonly<Record<string, Place>>;

export interface Draft {
  readonly flow: Flow;
  /** By task; one without stands where the layout puts it. */
  readonly places: Places;
}

export const TASKS_SHAPE = /^[a-z][a-z0-9-]{0,47}$/;

/** One that is kept: a flow of the right shape, perhaps without a task. */
export const draftSchema = z.object({ flow: draftFlowSchema, places: z.record(z.string(), place) });

export const emptyDraft = (name: string, own: string): Draft => ({
  flow: { version: "1", name, description: "", parties: [{ party: own, role: "guest" }], seed: 7, tasks: {} },
  places: {},
});

/** The parties that a component has roles for, as many as it takes, in the flow's order. */
function fittingParties(parties: readonly FlowParty[], { roles }: Component): string[] {
  const taken = new Map<string, number>();
  return parties.flatMap(({ party, role }) => {
    const count = (taken.get(role) ?? 0) + 1;
    const most = roles[role]?.max;
    if (roles[role] === undefined || (most != null && count > most)) return [];
    taken.set(role, count);
    return [party];
  });
}

const SHORT: Readonly<Record<string, string>> = {
  "read-table": "read",
  psi: "match",
  "boosting-train": "train",
  "boosting-predict": "score",
  "regression-train": "train",
  "regression-train-arbiter": "train",
  "regression-predict": "score",
  evaluate: "judge",
};

/** Named after its component. */
export function addTask(draft: Draft, component: Component, at: Place): { draft: Draft; name: string } {
  const { flow } = draft;
  const name = freeName(Object.keys(flow.tasks), SHORT[component.name] ?? component.name);
  const parties = fittingParties(flow.parties, component);
  const some = parties.length > 0 && parties.length < flow.parties.length ? { parties } : {};
  const task: FlowTask = { component: component.name, ...some, inputs: {}, parameters: {}, partyParameters: {} };
  return {
    name,
    draft: {
      flow: { ...flow, tasks: { ...flow.tasks, [name]: task } },
      places: { ...draft.places, [name]: at },
    },
  };
}

const mapTasks = (flow: Flow, change: (task: FlowTask, name: string) => FlowTask): Flow => ({
  ...flow,
  tasks: Object.fromEntries(Object.entries(flow.tasks).map(([name, task]) => [name, change(task, name)])),
});

const without = <T>(record: Readonly<Record<string, T>>, names: ReadonlySet<string>): Record<string, T> =>
  Object.fromEntries(Object.entries(record).filter(([name]) => !names.has(name)));

/** Inputs that came from a task of `names` are gone with it. */
export function removeTasks({ flow, places }: Draft, names: ReadonlySet<string>): Draft {
  const kept = { ...flow, tasks: without(flow.tasks, names) };
  const cut = mapTasks(kept, (task) => ({
    ...task,
    inputs: Object.fromEntries(
      Object.entries(task.inputs).filter(([, text]) => {
        const ref = parseInputRef(text);
        return ref.kind === "model" || !names.has(ref.task);
      }),
    ),
  }));
  return { flow: cut, places: without(places, names) };
}

/** Keeps its place in the file; what read from it reads from it still. */
export function renameTask(draft: Draft, from: string, to: string): Draft {
  const { flow, places } = draft;
  if (from === to || !TASKS_SHAPE.test(to) || to in flow.tasks || !(from in flow.tasks)) return draft;
  const renamed = (name: string): string => (name === from ? to : name);
  const tasks = Object.fromEntries(Object.entries(flow.tasks).map(([name, task]) => [renamed(name), task]));
  return {
    flow: mapTasks({ ...flow, tasks }, (task) => ({ ...task, inputs: rewired(task.inputs, renamed) })),
    places: Object.fromEntries(Object.entries(places).map(([name, at]) => [renamed(name), at])),
  };
}

/** Inputs with the tasks they come from under other names. */
export const rewired = (inputs: FlowTask["inputs"], renamed: (name: string) => string): FlowTask["inputs"] =>
  Object.fromEntries(
    Object.entries(inputs).map(([port, text]) => {
      const ref = parseInputRef(text);
      return [port, ref.kind === "model" ? text : `${renamed(ref.task)}.${ref.port}`];
    }),
  );

export function changeTask(draft: Draft, name: string, change: Partial<FlowTask>): Draft {
  const task = draft.flow.tasks[name];
  if (task === undefined) return draft;
  return { ...draft, flow: { ...draft.flow, tasks: { ...draft.flow.tasks, [name]: { ...task, ...change } } } };
}

/** `source`: `<task>.<output>` or `model:<id>`; undefined takes the input away. */
export function setInput(draft: Draft, name: string, port: string, source: string | undefined): Draft {
  const inputs = { ...draft.flow.tasks[name]?.inputs };
  if (source === undefined) delete inputs[port];
  else inputs[port] = source;
  return changeTask(draft, name, { inputs });
}

/** All of the flow's parties: said by leaving the list out. */
export function setParticipants(draft: Draft, name: string, parties: readonly string[]): Draft {
  const task = draft.flow.tasks[name];
  if (task === undefined || parties.length === 0) return draft;
  const { parties: _, ...rest } = task;
  const all = draft.flow.parties.every(({ party }) => parties.includes(party));
  const partyParameters = Object.fromEntries(
    Object.entries(task.partyParameters).filter(([party]) => parties.includes(party)),
  );
  const next = { ...rest, partyParameters, ...(all ? {} : { parties: ordered(draft.flow.parties, parties) }) };
  return { ...draft, flow: { ...draft.flow, tasks: { ...draft.flow.tasks, [name]: next } } };
}

const ordered = (all: readonly FlowParty[], some: readonly string[]): string[] =>
  all.flatMap(({ party }) => (some.includes(party) ? [party] : []));

/** A party that leaves takes what was said of it along. Tasks that named all of those left name all. */
export function setParties(draft: Draft, parties: readonly FlowParty[], components: readonly Component[]): Draft {
  const named = parties.map(({ party }) => party);
  const flow = { ...draft.flow, parties: parties.map((each) => ({ ...each })) };
  return {
    ...draft,
    flow: mapTasks(flow, (task) => {
      const component = components.find(({ name }) => name === task.component);
      const before = participantsOf(draft.flow, task).map(({ party }) => party);
      const fitting = component === undefined ? named : fittingParties(parties, component);
      const joined = fitting.filter((party) => !draft.flow.parties.some((each) => each.party === party));
      const kept = ordered(parties, [...before.filter((party) => named.includes(party)), ...joined]);
      const { parties: _, ...rest } = task;
      return {
        ...rest,
        partyParameters: Object.fromEntries(
          Object.entries(task.partyParameters).filter(([party]) => named.includes(party)),
        ),
        ...(kept.length === named.length || kept.length === 0 ? {} : { parties: kept }),
      };
    }),
  };
}

export function moveTasks(draft: Draft, moved: Places): Draft {
  const known = Object.entries(moved).filter(([name]) => name in draft.flow.tasks);
  return known.length === 0 ? draft : { ...draft, places: { ...draft.places, ...Object.fromEntries(known) } };
}
