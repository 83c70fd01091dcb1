/** Tasks as text and back: what is copied is a flow file, so that it may be pasted in another tab or a text editor. */
import {
  checkFlowShape,
  type Flow,
  type FlowTask,
  flowToYaml,
  freeName,
  type Problem,
  parseInputRef,
} from "@tombolo/scheduler";
import { type Draft, type Places, rewired } from "./draft.ts";

export type Read =
  | { readonly ok: true; readonly flow: Flow }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** The whole flow as the file that `tombolo job run` takes. */
export const asText = ({ flow }: Draft): string => flowToYaml(flow);

/** A flow of these tasks alone; what they read from others stays named. */
export function copied({ flow }: Draft, names: ReadonlySet<string>): string {
  const tasks = Object.fromEntries(Object.entries(flow.tasks).filter(([name]) => names.has(name)));
  return flowToYaml({ ...flow, tasks });
}

export const read = (text: string): Read => checkFlowShape(text);

/**
 * Another flow's tasks among this one's: under free names, wired among themselves as they were, and to tasks of this flow
 * where these have the names they were wired to. Parties that this flow does not have are left out.
 */
export function paste(draft: Draft, pasted: Flow, places: Places): { draft: Draft; names: readonly string[] } {
  const { flow } = draft;
  const taken = Object.keys(flow.tasks);
  const renamed = new Map<string, string>();
  for (const name of Object.keys(pasted.tasks)) renamed.set(name, freeName([...taken, ...renamed.values()], name));
  const names = (name: string): string => renamed.get(name) ?? name;
  const known = new Set([...taken, ...renamed.values()]);
  const parties = new Set(flow.parties.map(({ party }) => party));
  const tasks = Object.entries(pasted.tasks).map(([name, task]) => [
    names(name),
    fitted(task, { names, known, parties }),
  ]);
  return {
    names: [...renamed.values()],
    draft: {
      flow: { ...flow, tasks: { ...flow.tasks, ...Object.fromEntries(tasks) } },
      places: {
        ...draft.places,
        ...Object.fromEntries(Object.entries(places).map(([name, at]) => [names(name), at])),
      },
    },
  };
}

interface Fitting {
  names(name: string): string;
  readonly known: ReadonlySet<string>;
  readonly parties: ReadonlySet<string>;
}

function fitted({ parties, ...task }: FlowTask, { names, known, parties: here }: Fitting): FlowTask {
  const inputs = Object.entries(rewired(task.inputs, names)).filter(([, text]) => {
    const ref = parseInputRef(text);
    return ref.kind === "model" || known.has(ref.task);
  });
  const some = parties?.filter((party) => here.has(party)) ?? [];
  return {
    ...task,
    inputs: Object.fromEntries(inputs),
    partyParameters: Object.fromEntries(Object.entries(task.partyParameters).filter(([party]) => here.has(party))),
    ...(some.length === 0 || some.length === here.size ? {} : { parties: some }),
  };
}
