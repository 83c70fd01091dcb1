/**
 * A training task judged by cross-validation (decision 0169): for each fold a split, a copy of the task and of what prepares
 * its columns, and scores of the rows held out; then the task that puts the folds together.
 */
import { type Flow, type FlowTask, parseInputRef, TASKS_MAX } from "./flow.ts";

export const FOLDS = 5;
/** As many as `cross-validate` has inputs. */
export const FOLDS_MAX = 10;
const TRAINS = /^(boosting|regression)-train(-arbiter)?$/;

/** Why a task cannot be cross-validated. */
export type NotFolded = "no-training" | "no-rows" | "no-guest" | "too-long";

export type Folded =
  | { readonly ok: true; readonly flow: Flow; readonly task: string }
  | { readonly ok: false; readonly why: NotFolded };

export const isTraining = (flow: Flow, task: string): boolean =>
  Object.hasOwn(flow.tasks, task) && TRAINS.test(flow.tasks[task]!.component);

/** Named as wanted; numbered when there is one of that name. */
export function freeName(taken: readonly string[], wanted: string): string {
  if (!taken.includes(wanted)) return wanted;
  const stem = wanted.replace(/-\d+$/, "").slice(0, 44);
  for (let n = 2; ; n++) if (!taken.includes(`${stem}-${n}`)) return `${stem}-${n}`;
}

/** The flow with the folds of `name` added, and the task that tells how it went. `folds`: 2 to FOLDS_MAX. */
export function crossValidated(flow: Flow, name: string, folds = FOLDS): Folded {
  if (!isTraining(flow, name)) return { ok: false, why: "no-training" };
  const guest = flow.parties.find(({ role }) => role === "guest")?.party;
  const chain = chainOf(flow, name);
  const rows = flow.tasks[chain[0]!]?.inputs.data;
  if (rows === undefined) return { ok: false, why: "no-rows" };
  if (guest === undefined) return { ok: false, why: "no-guest" };
  const added = folds * (chain.length + 2) + 1;
  if (Object.keys(flow.tasks).length + added > TASKS_MAX) return { ok: false, why: "too-long" };
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
  for (let number = 1; number <= folds; number++) {
    const fold = add(`fold-${number}`, step("split", { data: rows }, { fold: { number, of: folds } }));
    let last = `${fold}.train`;
    for (const each of chain.slice(0, -1))
      last = `${add(`${each}-${number}`, { ...flow.tasks[each]!, inputs: { data: last } })}.data`;
    const train = add(`${name}-${number}`, { ...flow.tasks[name]!, inputs: { data: last } });
    const { component, parameters } = scoringOf(flow, name);
    const inputs = { model: `${train}.model`, data: `${fold}.test` };
    scores[`fold${number}`] = `${add(`score-${number}`, step(component, inputs, parameters))}.data`;
  }
  const objective = objectiveOf(flow.tasks[name]!);
  const task = add("cross-validate", {
    component: "cross-validate",
    ...(flow.parties.length > 1 ? { parties: [guest] } : {}),
    inputs: scores,
    parameters: objective === "binary" ? {} : { objective },
    partyParameters: {},
  });
  return { ok: true, flow: { ...flow, tasks }, task };
}

/** The task last, before it those that prepare its columns from nothing but the rows: they are fitted anew in each fold. */
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
