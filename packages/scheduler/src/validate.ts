/**
 * Everything that is wrong with a flow, at once, before anyone is asked for consent: components, ports and kinds,
 * cycles, roles, parties, parameters, datasets, models, and rows that are not aligned where they must be (SECURITY.md
 * rule 7: what was matched for one side only cannot feed a task that needs both).
 */
import { alignmentFaults } from "./alignment.ts";
import { type ComponentInfo, type ComponentLookup, type DatasetUse, outputsOf } from "./component-info.ts";
import { type Flow, type FlowParty, type FlowTask, parseInputRef, participantsOf } from "./flow.ts";
import { cycles } from "./graph.ts";
import type { Problem } from "./problem.ts";

export interface ValidationContext {
  /** Own party and everyone there is a contract with. */
  readonly knownParties: readonly string[];
  /** Columns of a dataset; null: it does not exist; undefined: not known here. */
  datasetColumns?(party: string, datasetId: string): readonly string[] | null | undefined;
  /** Parties that hold a part of a model; null: it does not exist. */
  modelParties?(modelId: string): readonly string[] | null;
}

/** Empty when the flow may be proposed. `flow` has passed `parseFlow`. */
export function validateFlow(flow: Flow, lookup: ComponentLookup, context: ValidationContext): Problem[] {
  const tasks = Object.entries(flow.tasks);
  return [
    ...partyFaults(flow, context),
    ...tasks.flatMap(([name, task]) => taskFaults({ flow, name, task, lookup, context })),
    ...cycles(flow).map((cycle) => ({
      path: `tasks.${cycle[0]}.inputs`,
      message: `the tasks ${[...cycle, cycle[0]].join(" → ")} wait for each other`,
      remedy: "Remove an input so that no task needs its own output.",
    })),
    ...alignmentFaults(flow, lookup),
  ];
}

interface Scope {
  readonly flow: Flow;
  readonly name: string;
  readonly task: FlowTask;
  readonly lookup: ComponentLookup;
  readonly context: ValidationContext;
}

function partyFaults(flow: Flow, context: ValidationContext): Problem[] {
  const active = new Set(Object.values(flow.tasks).flatMap((task) => participantsOf(flow, task).map((p) => p.party)));
  return flow.parties.flatMap(({ party }, i) => {
    const path = `parties.${i}.party`;
    if (flow.parties.findIndex((other) => other.party === party) !== i)
      return [{ path, message: `${party} is listed twice`, remedy: "List each party once, with one role." }];
    if (!context.knownParties.includes(party))
      return [{ path, message: `${party} is not a partner of this node`, remedy: "Sign a contract with it first." }];
    if (!active.has(party))
      return [{ path, message: `${party} takes part in no task`, remedy: "Take it out of the flow." }];
    return [];
  });
}

function taskFaults(scope: Scope): Problem[] {
  const { name, task, lookup } = scope;
  const component = lookup(task.component);
  if (component === undefined)
    return [
      {
        path: `tasks.${name}.component`,
        message: `there is no component "${task.component}" here`,
        remedy: "See the list of components.",
      },
      ...inputReferenceFaults(scope),
    ];
  return [
    ...taskPartyFaults(scope),
    ...roleFaults(scope, component),
    ...inputReferenceFaults(scope),
    ...portFaults(scope, component),
    ...parameterFaults(scope, component),
  ];
}

function taskPartyFaults({ flow, name, task }: Scope): Problem[] {
  const listed = task.parties ?? [];
  const path = `tasks.${name}.parties`;
  return listed.flatMap((party, i) => {
    if (listed.indexOf(party) !== i) return [{ path, message: `${party} is listed twice` }];
    if (flow.parties.some((each) => each.party === party)) return [];
    return [{ path, message: `${party} is not a party of this flow`, remedy: "Add it to the flow's parties." }];
  });
}

function roleFaults({ flow, name, task }: Scope, component: ComponentInfo): Problem[] {
  const participants = participantsOf(flow, task);
  const path = `tasks.${name}.parties`;
  const strangers = participants.filter(({ role }) => component.roles[role] === undefined);
  const counts = Object.entries(component.roles).flatMap(([role, { min, max }]) => {
    const count = participants.filter((each) => each.role === role).length;
    if (count >= min && (max === null || count <= max)) return [];
    const wanted = max === null ? `at least ${min}` : min === max ? `exactly ${min}` : `${min} to ${max}`;
    return [{ path, message: `${component.name} takes ${wanted} with the role ${role}, and ${count} take part` }];
  });
  return [
    ...strangers.map(({ party, role }) => ({
      path,
      message: `${component.name} has no role "${role}", which ${party} has`,
      remedy: `List under "parties" only those that take part (${Object.keys(component.roles).join(", ")}).`,
    })),
    ...counts,
  ];
}

/** Faults of references that can be told without knowing this task's component. */
function inputReferenceFaults({ flow, name, task, lookup, context }: Scope): Problem[] {
  return Object.entries(task.inputs).flatMap(([port, text]): Problem[] => {
    const path = `tasks.${name}.inputs.${port}`;
    const ref = parseInputRef(text);
    if (ref.kind === "model") {
      if (context.modelParties?.(ref.modelId) !== null) return [];
      return [{ path, message: `there is no model ${ref.modelId} here`, remedy: "See the list of models." }];
    }
    const source = flow.tasks[ref.task];
    if (source === undefined) return [{ path, message: `there is no task "${ref.task}"` }];
    const outputs = lookup(source.component)?.outputs;
    if (outputs === undefined || outputs[ref.port] !== undefined) return [];
    return [
      {
        path,
        message: `${ref.task} (${source.component}) has no output "${ref.port}"`,
        remedy: `It has: ${Object.keys(outputs).join(", ") || "none"}.`,
      },
    ];
  });
}

function portFaults(scope: Scope, component: ComponentInfo): Problem[] {
  const { name, task } = scope;
  const missing = Object.entries(component.inputs).flatMap(([port, info]) =>
    info.optional || task.inputs[port] !== undefined
      ? []
      : [{ path: `tasks.${name}.inputs`, message: `${component.name} needs the input "${port}" (${info.kind})` }],
  );
  const given = Object.keys(task.inputs).flatMap((port) => {
    if (component.inputs[port] !== undefined) return inputFaults(scope, component, port);
    const known = Object.keys(component.inputs).join(", ") || "none";
    const message = `${component.name} has no input "${port}"`;
    return [{ path: `tasks.${name}.inputs.${port}`, message, remedy: `It has: ${known}.` }];
  });
  return [...missing, ...given];
}

function inputFaults(scope: Scope, reader: ComponentInfo, port: string): Problem[] {
  const { flow, name, task, lookup, context } = scope;
  const info = reader.inputs[port]!;
  const path = `tasks.${name}.inputs.${port}`;
  const text = task.inputs[port]!;
  const ref = parseInputRef(text);
  const readers = participantsOf(flow, task).filter(({ role }) => info.roles === null || info.roles.includes(role));
  if (ref.kind === "model") {
    if (info.kind !== "model") return [{ path, message: `a ${info.kind} is expected, and ${text} is a model` }];
    const holders = context.modelParties?.(ref.modelId) ?? null;
    return holders === null
      ? []
      : [...absentFaults(path, text, readers, holders), ...missingParts(path, text, readers, holders)];
  }
  const source = flow.tasks[ref.task];
  const component = source && lookup(source.component);
  const output = source && component && outputsOf(component, source)[ref.port];
  if (source === undefined || output === undefined) return [];
  if (output.kind !== info.kind)
    return [{ path, message: `a ${info.kind} is expected, and ${text} is a ${output.kind}` }];
  const holders = participantsOf(flow, source)
    .filter(({ role }) => output.roles === null || output.roles.includes(role))
    .map(({ party }) => party);
  const parts = info.kind === "model" ? missingParts(path, text, readers, holders) : [];
  return [...absentFaults(path, text, readers, holders), ...parts];
}

/** A model is of use only with all of its parts. */
const missingParts = (
  path: string,
  ref: string,
  readers: readonly FlowParty[],
  holders: readonly string[],
): Problem[] =>
  holders
    .filter((holder) => !readers.some(({ party }) => party === holder))
    .map((holder) => ({
      path,
      message: `${holder} holds a part of ${ref} and takes no part`,
      remedy: `Let ${holder} take part, or use a model that was trained without it.`,
    }));

const absentFaults = (
  path: string,
  ref: string,
  readers: readonly FlowParty[],
  holders: readonly string[],
): Problem[] =>
  readers
    .filter(({ party }) => !holders.includes(party))
    .map(({ party }) => ({
      path,
      message: `${party} takes part but has no ${ref}`,
      remedy: `List under "parties" only those that have it: ${holders.join(", ") || "nobody"}.`,
    }));

function parameterFaults({ flow, name, task, context }: Scope, component: ComponentInfo): Problem[] {
  const participants = participantsOf(flow, task);
  const shared = component.parameters.safeParse(task.parameters);
  const strangers = Object.keys(task.partyParameters)
    .filter((party) => !participants.some((each) => each.party === party))
    .map((party) => ({
      path: `tasks.${name}.partyParameters.${party}`,
      message: `${party} takes no part in this task`,
    }));
  const own = participants.flatMap(({ party }) => {
    const path = `tasks.${name}.partyParameters.${party}`;
    const parsed = component.partyParameters.safeParse(task.partyParameters[party] ?? {});
    if (!parsed.success) return zodProblems(path, parsed.error);
    const use = component.reads?.(parsed.data);
    return use === undefined ? [] : datasetFaults(path, party, use, context);
  });
  return [
    ...sharedFaults(`tasks.${name}.parameters`, shared, component, { participants, written: task.parameters }),
    ...strangers,
    ...own,
  ];
}

function sharedFaults(
  path: string,
  parsed: ReturnType<ComponentInfo["parameters"]["safeParse"]>,
  component: ComponentInfo,
  context: { readonly participants: readonly FlowParty[]; readonly written: Readonly<Record<string, unknown>> },
): Problem[] {
  if (!parsed.success) return zodProblems(path, parsed.error);
  const faults = component.faults?.({ parameters: parsed.data, ...context }) ?? [];
  return faults.map(({ parameter, message, remedy }) => ({ path: `${path}.${parameter}`, message, remedy }));
}

const zodProblems = (path: string, error: { issues: readonly { path: PropertyKey[]; message: string }[] }): Problem[] =>
  error.issues.map((issue) => ({ path: [path, ...issue.path.map(String)].join("."), message: issue.message }));

function datasetFaults(path: string, party: string, use: DatasetUse, context: ValidationContext): Problem[] {
  const columns = context.datasetColumns?.(party, use.datasetId);
  if (columns === undefined) return [];
  if (columns === null)
    return [
      { path: `${path}.dataset`, message: `${party} has no dataset ${use.datasetId}`, remedy: "Choose another." },
    ];
  return use.columns
    .filter((column) => !columns.includes(column))
    .map((column) => ({ path, message: `the dataset has no column "${column}"`, remedy: "See its data dictionary." }));
}
