/**
 * A flow (流程): a DAG of components with parameters, run by named parties. The schema holds the shape and the limits;
 * what the shape cannot say (ports, roles, cycles, parameters) is found by `validateFlow`.
 */
import { safeText } from "@tombolo/base";
import { z } from "zod";

export const TASKS_MAX = 64;
export const PARTIES_MAX = 16;
export const INPUTS_MAX = 16;

const PARTY = /^[a-z][a-z0-9-]{1,31}$/;
const TASK = /^[a-z][a-z0-9-]{0,47}$/;
const ROLE = /^[a-z][a-z-]{0,31}$/;
const PORT = /^[a-zA-Z][a-zA-Z0-9]{0,31}$/;
const TASK_OUTPUT = /^([a-z][a-z0-9-]{0,47})\.([a-zA-Z][a-zA-Z0-9]{0,31})$/;
const MODEL = /^model:([A-Za-z0-9][A-Za-z0-9._-]{0,95})$/;

const isSafe = (text: string): boolean => {
  try {
    safeText(text, "text", 4000);
    return true;
  } catch {
    return false;
  }
};
const shownText = (lengthMax: number) =>
  z.string().max(lengthMax).refine(isSafe, "holds control or direction characters");

const partyId = z.string().regex(PARTY, "a party id has 2 to 32 of a-z, 0-9 and -, and starts with a letter");
const limitedRecord = <V extends z.ZodType>(key: z.ZodString, value: V, countMax: number) =>
  z.record(key, value).refine((record) => Object.keys(record).length <= countMax, `more than ${countMax} entries`);

export const taskSchema = z.strictObject({
  component: z.string().regex(TASK, "not a component name"),
  /** Subset of the flow's parties; all of them when absent. */
  parties: z.array(partyId).min(1).max(PARTIES_MAX).optional(),
  /** By input port: `<task>.<port>`, or `model:<modelId>` for what an earlier job left. */
  inputs: limitedRecord(
    z.string().regex(PORT, "not a port name"),
    z
      .string()
      .max(140)
      .refine((ref) => TASK_OUTPUT.test(ref) || MODEL.test(ref), "expected <task>.<port> or model:<model id>"),
    INPUTS_MAX,
  ).default({}),
  /** The same for all parties. */
  parameters: z.record(z.string().max(80), z.unknown()).default({}),
  /** By party: each party's own, seen by all in the consent. */
  partyParameters: limitedRecord(partyId, z.record(z.string().max(80), z.unknown()), PARTIES_MAX).default({}),
});

/** A flow as it grows: of the right shape, perhaps without a task yet. */
export const draftFlowSchema = z.strictObject({
  version: z.literal("1"),
  name: shownText(200).refine((name) => name.trim().length > 0, "a flow needs a name"),
  description: shownText(4000).default(""),
  /** The order is part of the flow: protocols with several hosts number them by it. */
  parties: z
    .array(z.strictObject({ party: partyId, role: z.string().regex(ROLE, "not a role name") }))
    .min(1)
    .max(PARTIES_MAX),
  /** Feeds `Sampling` only: splits and sub-sampling. Never a secret. */
  seed: z
    .number()
    .int()
    .min(0)
    .max(2 ** 32 - 1)
    .default(7),
  tasks: limitedRecord(
    z.string().regex(TASK, "a task name has 1 to 48 of a-z, 0-9 and -, and starts with a letter"),
    taskSchema,
    TASKS_MAX,
  ),
});

export const flowSchema = draftFlowSchema.extend({
  tasks: draftFlowSchema.shape.tasks.refine((tasks) => Object.keys(tasks).length > 0, "a flow needs a task"),
});

export type Flow = z.output<typeof flowSchema>;
export type FlowInput = z.input<typeof flowSchema>;
export type FlowTask = Flow["tasks"][string];
export type FlowParty = Flow["parties"][number];

export type InputRef =
  | { readonly kind: "task"; readonly task: string; readonly port: string }
  | { readonly kind: "model"; readonly modelId: string };

/** Of a string that `flowSchema` has accepted. */
export function parseInputRef(ref: string): InputRef {
  const model = MODEL.exec(ref);
  if (model !== null) return { kind: "model", modelId: model[1]! };
  const output = TASK_OUTPUT.exec(ref);
  if (output === null) throw new Error(`assertion failed: unchecked input reference ${ref}`);
  return { kind: "task", task: output[1]!, port: output[2]! };
}

/** The parties of a task in the flow's order, with their roles. */
export function participantsOf(flow: Flow, task: FlowTask): FlowParty[] {
  return flow.parties.filter(({ party }) => task.parties === undefined || task.parties.includes(party));
}

export interface FlowEdge {
  readonly from: string;
  readonly to: string;
  /** Input port of `to`. */
  readonly port: string;
  /** Output port of `from`. */
  readonly output: string;
}

/** Task to task; inputs from earlier jobs' models have no edge. */
export function flowEdges(flow: Flow): FlowEdge[] {
  return Object.entries(flow.tasks).flatMap(([to, task]) =>
    Object.entries(task.inputs).flatMap(([port, text]) => {
      const ref = parseInputRef(text);
      return ref.kind === "task" ? [{ from: ref.task, to, port, output: ref.port }] : [];
    }),
  );
}

/** Models of earlier jobs that the flow uses, each once. */
export function flowModels(flow: Flow): string[] {
  const refs = Object.values(flow.tasks).flatMap((task) => Object.values(task.inputs).map(parseInputRef));
  return [...new Set(refs.flatMap((ref) => (ref.kind === "model" ? [ref.modelId] : [])))];
}
