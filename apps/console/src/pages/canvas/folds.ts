/** A training step judged by cross-validation: for each fold a split, a copy of the step and of what prepares its columns, and scores of the rows held out. */
import { type Flow, type FlowTask, parseInputRef, TASKS_MAX } from "@tombolo/scheduler";
import { type Draft, freeName } from "./draft.ts";

export const FOLDS = 5;
const TRAINS = /^(boosting|regression)-train(-arbiter)?$/;

export const isTraining = ({ flow }: Draft, name: string): boolean => TRAINS.test(flow.tasks[name]?.component ?? "");

/** The draft with the folds added, and the step that tells; undefined where the step reads no rows yet, or the flow would get too long. */
export function crossValidated(draft: Draft, name: string): { draft: Draft; name: string } | undefined {
  const { flow } = draft;
  const guest = flow.parties.find(({ role }) => role === "guest")?.party;
  const chain = chainOf(flow, name);
  const rows = flow.tasks[chain[0]!]?.inputs.data;
  const added = FOLDS * (chain.length + 2) + 1;
  if (!isTraining(draft, name) || rows === undefined || guest === undefined) return undefined;
  if (Object.keys(flow.tasks).length + added > TASKS_MAX) return undefined;
  const tasks: Record<string, FlowTask> = { ...flow.tasks };
  const add = (wanted: string, task: FlowTask): string => {
    const free = freeName(Object.keys(tasks), wanted);
    tasks[free] = task;
    return free;
  };
  const step = (component: string, inputs: FlowTask["inputs"], parameters: FlowTask["parameters"]): FlowTask => ({
    ...{ component, inputs, parameters, partyParameters: {} },
    ...playersOf(flow, flow.tasks[name]!),
  });
  const scores: Record<string, string> = {};
  for (let number = 1; number <= FOLDS; number++) {
    const fold = add(`fold-${number}`, step("split", { data: rows }, { fold: { number, of: FOLDS } }));
    let last = `${fold}.train`;
    for (const each of chain.slice(0, -1))
      last = `${add(`${each}-${number}`, { ...flow.tasks[each]!, inputs: { data: last } })}.data`;
    const train = add(`${name}-${number}`, { ...flow.tasks[name]!, inputs: { data: last } });
    const { component, parameters } = scoringOf(flow, name);
    const inputs = { model: `${train}.model`, data: `${fold}.test` };
    scores[`fold${number}`] = `${add(`score-${number}`, step(component, inputs, parameters))}.data`;
  }
  const objective = objectiveOf(flow.tasks[name]!);
  const told = add("cross-validate", {
    component: "cross-validate",
    ...(flow.parties.length > 1 ? { parties: [guest] } : {}),
    inputs: scores,
    parameters: objective === "binary" ? {} : { objective },
    partyParameters: {},
  });
  return { draft: { ...draft, flow: { ...flow, tasks } }, name: told };
}

/** The step last, before it those that prepare its columns from nothing but the rows: they are fitted anew in each fold. */
function chainOf(flow: Flow, name: string): string[] {
  const chain = [name];
  for (;;) {
    const text = flow.tasks[chain[0]!]?.inputs.data;
    const ref = text === undefined ? undefined : parseInputRef(text);
    if (ref?.kind !== "task" || chain.includes(ref.task)) return chain;
    if (flow.tasks[ref.task]?.component !== "prepare") return chain;
    chain.unshift(ref.task);
  }
}

/** As the flow scores with that model already. */
function scoringOf(flow: Flow, name: string): Pick<FlowTask, "component" | "parameters"> {
  const { component, parameters } = flow.tasks[name]!;
  const predict = component.replace(TRAINS, "$1-predict");
  const there = Object.values(flow.tasks).find(
    (task) => task.component === predict && task.inputs.model === `${name}.model`,
  );
  // Of a model on shares nothing but the score can be told.
  return {
    component: predict,
    parameters: there?.parameters ?? (parameters.level === "shared" ? { form: "sum-only" } : {}),
  };
}

/** Who trains, but for who brings no rows. */
function playersOf({ parties }: Flow, task: FlowTask): Pick<FlowTask, "parties"> {
  const rows = parties.flatMap(({ party, role }) =>
    (role === "guest" || role === "host") && (task.parties ?? [party]).includes(party) ? [party] : [],
  );
  return rows.length === parties.length ? {} : { parties: rows };
}

function objectiveOf({ parameters: { objective = "binary", family }, component }: FlowTask): string {
  if (component === "boosting-train")
    return objective === "binary" || objective === "multi-class" ? objective : "regression";
  if (family === undefined || family === "logistic") return "binary";
  return family === "multinomial" || family === "one-vs-rest" ? "multi-class" : "regression";
}
