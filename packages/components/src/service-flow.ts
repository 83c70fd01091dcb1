/** The flow behind the deploy form: hosts read what answers, then a step serves until the end that was agreed. */
import { type FlowDraft, type TaskDraft, type TrainedFlow, trainedColumns } from "./flows.ts";
import { notHidden, notServed, usesOf } from "./model-uses.ts";

export interface ServiceForm {
  readonly name: string;
  readonly modelId: string;
  readonly hosts: readonly {
    readonly partyId: string;
    readonly datasetId: string;
    readonly keys: readonly string[];
    /** The column that says when a row's features were true. */
    readonly asOf: string | null;
  }[];
  /** Whether hosts may not learn who is scored. */
  readonly hidden: boolean;
  /** A model of the guest's columns alone. */
  readonly fallbackModelId: string | null;
  /** ISO time. */
  readonly until: string;
  /** Of the component that serves such models, or of boosting-tabulate and boosting-serve-hidden, besides the end. */
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** How the model came to be: the flow and the task of it that trained it. */
export interface Origin {
  readonly flow: TrainedFlow;
  readonly task: string;
}

/** The guest's columns come with each call. `days`: until the service's end. */
export function serviceFlow(form: ServiceForm, guest: string, { flow, task }: Origin, days: number): FlowDraft {
  const { name, modelId, hosts, fallbackModelId } = form;
  const uses = usesOf(flow.tasks[task]);
  if (uses.serve === null) throw notServed();
  const columns = trainedColumns(flow, task);
  const reading = hosts.map(({ partyId, datasetId, keys, asOf }) => {
    const read = new Set([...(columns[partyId] ?? []), ...(asOf === null ? [] : [asOf])]);
    return [partyId, { dataset: datasetId, keys, columns: [...read] }];
  });
  const read = {
    component: "read-table",
    parties: hosts.map(({ partyId }) => partyId),
    partyParameters: Object.fromEntries(reading) as Record<string, Record<string, unknown>>,
  };
  const alone = hosts.length === 0;
  const hidden = form.hidden && !alone;
  if (hidden && !uses.hidden) throw notHidden();
  const inputs = {
    model: `model:${modelId}`,
    ...(fallbackModelId === null ? {} : { fallback: `model:${fallbackModelId}` }),
  };
  return {
    version: "1",
    name,
    parties: [{ party: guest, role: "guest" }, ...hosts.map(({ partyId }) => ({ party: partyId, role: "host" }))],
    seed: 7,
    tasks: {
      ...(alone ? {} : { read }),
      ...(hidden ? hiddenSteps(form, inputs, days) : { serve: openStep(form, uses.serve, inputs) }),
    },
  };
}

function openStep(
  { hosts, until, parameters }: ServiceForm,
  component: string,
  inputs: Record<string, string>,
): TaskDraft {
  return {
    component,
    inputs: { ...inputs, ...(hosts.length === 0 ? {} : { data: "read.data" }) },
    parameters: { ...parameters, until },
    partyParameters: datesOf(hosts),
  };
}

/** Of the step that tabulates; an epoch's limit of ids is that of the service too. */
const TABULATING = ["normalise", "duplicates", "empty", "staleAfterHours", "rowsMax", "idsMax"];

function hiddenSteps(
  { hosts, until, parameters, modelId }: ServiceForm,
  inputs: Record<string, string>,
  days: number,
): Record<string, TaskDraft> {
  const given = Object.entries({ idsMax: IDS_MAX, ...parameters });
  const making = given.filter(([name]) => TABULATING.includes(name));
  const serving = given.filter(([name]) => name === "idsMax" || !TABULATING.includes(name));
  return {
    tabulate: {
      component: "boosting-tabulate",
      inputs: { model: `model:${modelId}`, data: "read.data" },
      parameters: { ...Object.fromEntries(making), days },
      partyParameters: datesOf(hosts),
    },
    serve: hiddenStep({ ...inputs, catalogue: "tabulate.catalogue" }, { ...Object.fromEntries(serving), until }),
  };
}

const IDS_MAX = 1_000_000;

const hiddenStep = (inputs: Record<string, string>, parameters: Record<string, unknown>): TaskDraft => ({
  component: "boosting-serve-hidden",
  inputs,
  parameters,
});

function datesOf(hosts: ServiceForm["hosts"]): Record<string, Record<string, unknown>> {
  const dated = hosts.flatMap(({ partyId, asOf }) => (asOf === null ? [] : [[partyId, { asOf }] as const]));
  return Object.fromEntries(dated);
}

/** A catalogue of boosting-tabulate put to use; `modelId`: the model it was made with. */
export function tabulatedServiceFlow(
  form: Pick<ServiceForm, "name" | "modelId" | "fallbackModelId" | "until" | "parameters"> & {
    readonly catalogue: string;
  },
  guest: string,
  hosts: readonly string[],
): FlowDraft {
  const { name, modelId, catalogue, fallbackModelId, until, parameters } = form;
  const inputs = {
    model: `model:${modelId}`,
    ...(fallbackModelId === null ? {} : { fallback: `model:${fallbackModelId}` }),
    catalogue: `model:${catalogue}`,
  };
  return {
    version: "1",
    name,
    parties: [{ party: guest, role: "guest" }, ...hosts.map((party) => ({ party, role: "host" }))],
    seed: 7,
    tasks: { serve: hiddenStep(inputs, { ...parameters, until }) },
  };
}
