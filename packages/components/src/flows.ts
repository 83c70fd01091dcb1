/** The flows behind the guided forms: what a person fills in, as a flow that anyone can read and change. */
import { TomboloError } from "@tombolo/base";
import type { Objective } from "@tombolo/federated/vertical/boosting";
import { usesOf } from "./model-uses.ts";

/** A flow as it is written down; packages/scheduler holds its schema. */
export interface FlowDraft {
  readonly version: "1";
  readonly name: string;
  readonly parties: { party: string; role: string }[];
  readonly seed: number;
  readonly tasks: Record<string, TaskDraft>;
}
export interface TaskDraft {
  readonly component: string;
  readonly parties?: string[];
  readonly inputs?: Record<string, string>;
  readonly parameters?: Record<string, unknown>;
  readonly partyParameters?: Record<string, Record<string, unknown>>;
}

export interface JointModelForm {
  readonly name: string;
  readonly guest: {
    datasetId: string;
    keys: string[];
    label: string;
    columns: string[];
    /** What each row counts; read beside the columns. */
    weight?: string | null;
    /** Columns that may only raise, or only lower, the prediction as they rise. */
    rising?: string[];
    falling?: string[];
  };
  readonly hosts: { partyId: string; datasetId: string; keys: string[]; columns: string[] }[];
  readonly objective: Objective;
  readonly trees: number;
  readonly depth: number;
  readonly learningRate: number;
  readonly bins: number;
  readonly testShare: number;
  readonly seed: number;
  readonly baseline: boolean;
  /** Further parameters of boosting-train. */
  readonly boosting?: Readonly<Record<string, unknown>>;
  /** An earlier version to go on from. */
  readonly start?: string | null;
}

/** Match, split, train, score the test part, evaluate; and beside it the same on the guest's columns alone. */
export function jointModelFlow(form: JointModelForm, guest: string): FlowDraft {
  const { testShare, hosts, start = null } = form;
  checkKeys(form.guest.keys, hosts);
  const { datasetId, keys, label, columns, weight = null } = form.guest;
  const read = weight === null || columns.includes(weight) ? columns : [...columns, weight];
  const earlier = start === null ? {} : { start: `model:${start}` };
  const evaluation = evaluationOf(form);
  return {
    version: "1",
    name: form.name,
    parties: partiesOf(guest, hosts),
    seed: form.seed,
    tasks: {
      read: {
        component: "read-table",
        partyParameters: { [guest]: { dataset: datasetId, keys, label, columns: read }, ...hostsRead(hosts) },
      },
      match: { component: "psi", inputs: { data: "read.data" } },
      split: { component: "split", inputs: { data: "match.data" }, parameters: { testShare, stratify: true } },
      train: { ...trainTask(form, guest), inputs: { data: "split.train", ...earlier } },
      score: {
        component: "boosting-predict",
        inputs: { model: "train.model", data: "split.test" },
        // Of a model on shares nothing else can be told.
        ...(form.boosting?.level === "shared" ? { parameters: { form: "sum-only" } } : {}),
      },
      evaluate: { component: "evaluate", parties: [guest], inputs: { data: "score.data" }, parameters: evaluation },
      ...(form.baseline ? baselineTasks(form, guest) : {}),
    },
  };
}

function trainTask(form: JointModelForm, guest: string) {
  const { objective, trees, depth, learningRate, bins, boosting = {} } = form;
  const { weight = null, rising = [], falling = [] } = form.guest;
  const own = {
    ...(weight === null ? {} : { weight }),
    ...(rising.length === 0 ? {} : { rising }),
    ...(falling.length === 0 ? {} : { falling }),
  };
  const weighted = weight === null ? {} : { weighted: true };
  return {
    component: "boosting-train",
    inputs: { data: "split.train" },
    parameters: { ...boosting, ...weighted, objective, trees, depth, learningRate, bins },
    ...(Object.keys(own).length === 0 ? {} : { partyParameters: { [guest]: own } }),
  };
}

/** Losses of counts and amounts are told by the deviance of their distribution. */
function evaluationOf({ objective, boosting }: JointModelForm): Record<string, unknown> {
  if (objective === "binary" || objective === "multi-class") return { objective };
  if (objective === "poisson") return { objective: "regression", deviance: "poisson" };
  if (objective !== "tweedie") return { objective: "regression" };
  const power = boosting?.tweediePower;
  return { objective: "regression", deviance: "tweedie", ...(power === undefined ? {} : { power }) };
}

function baselineTasks(form: JointModelForm, guest: string): Record<string, TaskDraft> {
  const parties = [guest];
  // A level is about others, and there are none.
  const { level: _, ...boosting } = form.boosting ?? {};
  return {
    "baseline-train": { ...trainTask({ ...form, boosting }, guest), parties },
    "baseline-score": {
      component: "boosting-predict",
      parties,
      inputs: { model: "baseline-train.model", data: "split.test" },
    },
    "baseline-evaluate": {
      component: "evaluate",
      parties,
      inputs: { data: "baseline-score.data" },
      parameters: evaluationOf(form),
    },
  };
}

/** By the kind of match the form names: the component that does it. */
const MATCH_COMPONENTS = { rows: "psi", count: "match-count", sum: "match-sum", label: "match-label" } as const;
export type MatchKind = keyof typeof MATCH_COMPONENTS;

export interface MatchForm {
  readonly name: string;
  readonly kind: MatchKind;
  readonly guest: { datasetId: string; keys: string[]; columns: string[] };
  readonly hosts: { partyId: string; datasetId: string; keys: string[]; columns: string[] }[];
  /** Of the component, besides the protocol. */
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** Read at every party and match. With "rows" each keeps its own matched rows, in the joint order, or what the join says. */
export function matchFlow(form: MatchForm, guest: string, protocol: string): FlowDraft {
  checkKeys(form.guest.keys, form.hosts);
  checkNumbers(form.parameters.keys, form.guest.keys.length);
  const { datasetId, keys, columns } = form.guest;
  const component = MATCH_COMPONENTS[form.kind];
  const parameters = form.kind === "rows" ? { ...form.parameters, protocol } : form.parameters;
  return {
    version: "1",
    name: form.name,
    parties: partiesOf(guest, form.hosts),
    seed: 7,
    tasks: {
      read: {
        component: "read-table",
        partyParameters: { [guest]: { dataset: datasetId, keys, columns }, ...hostsRead(form.hosts) },
      },
      match: { component, inputs: { data: "read.data" }, parameters },
    },
  };
}

export interface ScoreForm {
  readonly name: string;
  readonly modelId: string;
  readonly datasetId: string;
  readonly keys: string[];
  readonly hosts: { partyId: string; datasetId: string; keys: string[] }[];
}

/** `made` and `task`: the flow and the task of it that trained the model. */
export function scoreFlow(form: ScoreForm, guest: string, made: TrainedFlow, task: string, seed = 7): FlowDraft {
  checkKeys(form.keys, form.hosts);
  const columns = trainedColumns(made, task);
  const { score, scoring } = usesOf(made.tasks[task]);
  const of = (party: string): string[] => [...(columns[party] ?? [])];
  const hosts = form.hosts.map((host) => ({ ...host, columns: of(host.partyId) }));
  return {
    version: "1",
    name: form.name,
    parties: partiesOf(guest, hosts),
    seed,
    tasks: {
      read: {
        component: "read-table",
        partyParameters: {
          [guest]: { dataset: form.datasetId, keys: form.keys, columns: of(guest) },
          ...hostsRead(hosts),
        },
      },
      match: { component: "psi", inputs: { data: "read.data" } },
      score: {
        component: score,
        inputs: { model: `model:${form.modelId}`, data: "match.data" },
        ...(scoring === undefined ? {} : { parameters: scoring }),
      },
      export: { component: "export", parties: [guest], inputs: { data: "score.data" } },
    },
  };
}

/** A flow as submitted, as far as columns go. */
export interface TrainedFlow {
  readonly tasks: Readonly<
    Record<
      string,
      {
        readonly component: string;
        readonly inputs?: Readonly<Record<string, string>>;
        readonly parameters?: Readonly<Record<string, unknown>>;
        readonly partyParameters?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
      }
    >
  >;
}

/** By party, the columns that a training task read: followed back through the tables to the read-table task. */
export function trainedColumns(flow: TrainedFlow, task: string): Record<string, string[]> {
  const train = flow.tasks[task];
  const found: Record<string, string[]> = {};
  const seen = new Set<string>();
  for (let at = train; at !== undefined; ) {
    if (at.component === "read-table")
      for (const [party, own] of Object.entries(at.partyParameters ?? {})) found[party] = namesIn(own.columns) ?? [];
    const [source] = (at.inputs?.data ?? at.inputs?.model ?? "").split(".");
    if (source === undefined || seen.has(source)) break;
    seen.add(source);
    at = flow.tasks[source];
  }
  for (const [party, own] of Object.entries(train?.partyParameters ?? {})) {
    const chosen = namesIn(own.columns);
    if (chosen !== null) found[party] = typeof own.offset === "string" ? [...new Set([...chosen, own.offset])] : chosen;
  }
  return found;
}

const namesIn = (value: unknown): string[] | null =>
  Array.isArray(value) ? value.filter((name): name is string => typeof name === "string") : null;

const partiesOf = (guest: string, hosts: readonly { partyId: string }[]): FlowDraft["parties"] => [
  { party: guest, role: "guest" },
  ...hosts.map(({ partyId }) => ({ party: partyId, role: "host" })),
];

const hostsRead = (hosts: JointModelForm["hosts"]): Record<string, Record<string, unknown>> =>
  Object.fromEntries(
    hosts.map(({ partyId, datasetId, keys, columns }) => [partyId, { dataset: datasetId, keys, columns }]),
  );

function checkKeys(own: readonly string[], hosts: readonly { partyId: string; keys: readonly string[] }[]): void {
  const other = hosts.find(({ keys }) => keys.length !== own.length);
  if (other !== undefined)
    throw new TomboloError("input.keys", `${other.partyId} has another number of id columns than the guest`, {
      remedy: "Choose as many id columns at every party, in the same order.",
    });
}

/** Id columns named by number; whether they are numbers the component's schema says. */
function checkNumbers(keys: unknown, columns: number): void {
  if (!Array.isArray(keys) || !keys.flat().some((column) => typeof column === "number" && column > columns)) return;
  throw new TomboloError("input.keys", `a key names an id column beyond the ${columns} that are chosen`, {
    remedy: `Choose more id columns, or name 1 to ${columns}.`,
  });
}
