/** What a party's part of the training starts from: its columns, what an earlier attempt left, and an earlier model. */
import { TomboloError } from "@tombolo/base";
import { eachColumn, readColumns } from "@tombolo/datasets";
import {
  type Checkpoint,
  decodeCheckpoint,
  encodeCheckpoint,
  type GuestRows,
  isOfClasses,
  settled,
} from "@tombolo/federated/vertical/regression";
import type { TableFile, TaskContext, TaskTable } from "../component.ts";
import { classLabelsOf, labelsOf } from "../labels.ts";
import { requireSame } from "../pipeline/pipeline.ts";
import { requireHosts } from "../scoring.ts";
import { columnNamed } from "../tables.ts";
import type { GuestPart, HostPart, StoredRegression } from "./model.ts";
import { type Parameters, type PartyParameters, regressionParameters } from "./parameters.ts";
import { featureNames, onDistinctRows } from "./training-file.ts";

export type Context = TaskContext<Parameters, PartyParameters>;

/** Own part of the model to start from, if there is one. `names`: of the classes, at the guest. */
export async function earlierOf<P extends GuestPart | HostPart>(
  context: Context,
  data: TableFile,
  stored: (value: unknown) => StoredRegression<P>,
  names: readonly string[] | null,
): Promise<P | undefined> {
  if (!context.inputs.has("start")) return undefined;
  const { part, classes, pipeline } = stored(await context.inputs.model("start"));
  requireSame(pipeline, data);
  if (part.kind === "regression/guest" || part.kind === "regression/guest-classes") {
    requireHosts(context, part);
    if ((classes ?? []).join("\n") !== (names ?? []).join("\n"))
      throw new TomboloError("input.model", "the model to start from has other classes", {
        remedy: "Train on the same labels, or afresh.",
      });
    if (part.family !== context.parameters.family)
      throw new TomboloError("input.model", "the model to start from is of another family", {
        remedy: "Choose the family that it was trained with, or train afresh.",
      });
  }
  return part;
}

/** What the guest has for each row, and what its labels stand for. */
export async function guestRows(context: Context, data: TableFile) {
  const { weight, offset } = context.partyParameters;
  const own = await columnsBeside(context, data);
  const { family, classes } = context.parameters;
  const { values, ...labels } = isOfClasses(family)
    ? { positive: null, ...classLabelsOf(own, classes ?? 0) }
    : { classes: null, ...labelsOf(own, family === "logistic" ? "binary" : "regression") };
  const rows: GuestRows = {
    labels: values,
    weights: weight === null ? null : numbersOf(own, weight),
    offsets: offset === null ? null : numbersOf(own, offset),
  };
  return { ...labels, rows };
}

/** The columns of the guest's that are no features of the model. */
async function columnsBeside(
  { partyParameters: { weight, offset }, signal }: Context,
  data: TableFile,
): Promise<TaskTable> {
  const { path, columns, keys, label, aligned } = data;
  const names = columns.flatMap(({ name }) => ([label, weight, offset].includes(name) ? [name] : []));
  return { ...(await readColumns(path, names, { signal })), keys, label, aligned };
}

export function ownFeatures(context: Context, data: TableFile): string[] {
  const { columns: chosen, weight, offset } = context.partyParameters;
  return featureNames(context, data, { chosen, others: [weight, offset] });
}

/** What both sides hand over alike. Of steps the last two are kept: a crash may find the partner one behind. */
export async function common(context: Context, data: TableFile) {
  const names = ownFeatures(context, data);
  let kept: readonly Checkpoint[] = checkpointsOf(await context.checkpoint.load());
  const keep = async (checkpoints: readonly Checkpoint[]): Promise<void> => {
    kept = checkpoints;
    await context.checkpoint.save({ steps: kept.map(encodeCheckpoint) });
  };
  const { signal } = context;
  const { path, rowCount } = data;
  return {
    columns: eachColumn(path, names, { rowCount, signal }),
    rowCount,
    parameters: onDistinctRows(regressionParameters(context.parameters), data),
    resumeFrom: kept,
    signal,
    onResume: async (steps: number): Promise<void> => {
      context.log("info", `going on after ${steps} step${steps === 1 ? "" : "s"}`);
      await keep(kept.filter(({ iterations }) => iterations.length <= steps));
    },
    onStep: async (checkpoint: Checkpoint): Promise<void> => {
      await keep([...kept.filter(({ run }) => run === checkpoint.run), checkpoint].slice(-2));
      tellStep(context, rowCount, checkpoint.iterations.length);
    },
  };
}

export function tellStep(context: Context, rows: number, done: number): void {
  const given = settled(regressionParameters(context.parameters), rows);
  const [stage, total] = given.solver === "sgd" ? ["epoch", given.epochs] : ["step", given.iterations];
  context.progress({ stage, done, total, rows, round: done } as const);
}

function checkpointsOf(saved: unknown): Checkpoint[] {
  const steps = (saved as { steps?: unknown } | null | undefined)?.steps;
  return Array.isArray(steps) ? steps.map(decodeCheckpoint) : [];
}

function numbersOf(data: TaskTable, name: string): Float64Array {
  const column = columnNamed(data, name);
  if (column.kind === "number") return column.values;
  throw new TomboloError("input.columns", "a weight or an offset is a number", { detail: { column: name } });
}
