/**
 * What a party signs of its part of a model (模型): the file by its salted digest, the steps before it with this party's
 * own settings, the schema of the columns it needs, its own figures. Partners get the digest alone; a salt keeps them
 * from trying what it may stand for.
 */
import { randomBytes } from "node:crypto";
import type { Json } from "@tombolo/base";
import { findComponent, type ModelSummary } from "@tombolo/components";
import { type Flow, type FlowParty, flowEdges, outputsOf, participantsOf } from "@tombolo/scheduler";
import { sha256Hex } from "../config/keys.ts";
import { orderedTasks } from "../consent/disclosure.ts";
import { asJson, statementBytes } from "../consent/document.ts";
import type { Job } from "../jobs/rows.ts";
import type { Side } from "../partner/side.ts";
import type { OutputFile } from "../runner/ipc.ts";

export interface PipelineStep {
  readonly task: string;
  readonly component: string;
  readonly version: string;
  readonly parameters: Json;
  /** This party's own parameters: data, keys, columns. */
  readonly own: Json;
}

export interface PartColumn {
  readonly dataset: string;
  readonly name: string;
  readonly type: string;
  readonly use: "key" | "label" | "feature";
}

export interface ModelPart {
  readonly version: 1;
  readonly model: string;
  readonly attempt: number;
  readonly party: string;
  readonly role: string;
  /** SHA-256 of salt and file, as the runner left it. */
  readonly file: { readonly digest: string; readonly salt: string };
  readonly summary: ModelSummary;
  readonly pipeline: readonly PipelineStep[];
  readonly schema: readonly PartColumn[];
  readonly salt: string;
}

export const modelId = (job: string, task: string): string => `${job}.${task}`;

export const NO_SUMMARY: ModelSummary = { kind: "model", objective: "", metrics: {} };

export async function makePart(
  side: Side,
  job: Job,
  flow: Flow,
  made: { readonly task: string; readonly attempt: number; readonly output: OutputFile },
): Promise<ModelPart> {
  const { task, attempt, output } = made;
  const self = side.config.party;
  const part: ModelPart = {
    version: 1,
    model: modelId(job.id, task),
    attempt,
    party: self,
    role: flow.parties.find(({ party }) => party === self)?.role ?? "",
    file: { digest: output.digest, salt: output.salt },
    summary: output.summary ?? NO_SUMMARY,
    pipeline: pipelineOf(job, flow, task, self),
    schema: await schemaOf(side, job, flow, task),
    salt: randomBytes(16).toString("hex"),
  };
  return asJson(part) as unknown as ModelPart;
}

export const partDigest = (part: ModelPart): string => sha256Hex(statementBytes("model-part", asJson(part)));

/** Parties that a task leaves a part of a model at, in the flow's order. */
export function holdersOf(flow: Flow, task: string): FlowParty[] {
  const definition = flow.tasks[task]!;
  const component = findComponent(definition.component);
  const port = Object.values(component === undefined ? {} : outputsOf(component, definition)).find(
    ({ kind }) => kind === "model",
  );
  if (port === undefined) return [];
  return participantsOf(flow, definition).filter(({ role }) => port.roles?.includes(role) ?? true);
}

/** The task and everything its inputs come from, in an order that every node derives alike. */
export function stepsBefore(flow: Flow, task: string): string[] {
  const found = new Set([task]);
  const edges = flowEdges(flow);
  for (let size = 0; size !== found.size; ) {
    size = found.size;
    for (const { from, to } of edges) if (found.has(to)) found.add(from);
  }
  return orderedTasks(flow).flatMap(([name]) => (found.has(name) ? [name] : []));
}

function pipelineOf(job: Job, flow: Flow, task: string, self: string): PipelineStep[] {
  const steps = stepsBefore(flow, task).filter((name) =>
    participantsOf(flow, flow.tasks[name]!).some(({ party }) => party === self),
  );
  return steps.map((name) => {
    const { component, parameters, partyParameters } = flow.tasks[name]!;
    const version = job.document.components.find((each) => each.task === name)?.version ?? "";
    return {
      task: name,
      component,
      version,
      parameters: asJson(parameters),
      own: asJson(partyParameters[self] ?? {}),
    };
  });
}

async function schemaOf(side: Side, job: Job, flow: Flow, task: string): Promise<PartColumn[]> {
  const steps = stepsBefore(flow, task);
  const own = job.document.datasets.filter((each) => each.party === side.config.party && steps.includes(each.task));
  const rows = await Promise.all(
    own.map(async ({ datasetId, columns, task: reader }) => {
      const dataset = await side.store.db
        .selectFrom("datasets")
        .select("columns")
        .where("id", "=", datasetId)
        .executeTakeFirst();
      const given = flow.tasks[reader]?.partyParameters[side.config.party] ?? {};
      const types = new Map(dataset?.columns.map(({ name, type }) => [name, type]));
      return columns.map((name) => ({
        dataset: datasetId,
        name,
        type: types.get(name) ?? "",
        use: useOf(name, given),
      }));
    }),
  );
  return rows.flat();
}

function useOf(name: string, { keys, label }: Readonly<Record<string, unknown>>): PartColumn["use"] {
  if (Array.isArray(keys) && keys.includes(name)) return "key";
  return label === name ? "label" : "feature";
}
