/** The version that a training goes on from: its parts fit each other and the columns, and whose leaves rows come to. */
import { TomboloError } from "@tombolo/base";
import {
  checkContinued,
  type GuestCheckpoint,
  type GuestPredictPeer,
  type HostModel,
  type HostPredictPeer,
  leavesGuest,
  predictHost,
} from "@tombolo/federated/vertical/boosting";
import type { TableFile, TaskContext } from "../component.ts";
import { modelRows } from "../pipeline/model-rows.ts";
import { requireSame } from "../pipeline/pipeline.ts";
import { requireHosts } from "../scoring.ts";
import { storedGuestModel, storedHostModel } from "./model.ts";
import { boostingParameters, type Parameters, type PartyParameters } from "./parameters.ts";

type Context = TaskContext<Parameters, PartyParameters>;

interface Named {
  readonly positive: string | null;
  readonly classes?: readonly string[];
}

/** Null where there is no earlier version. */
export async function earlierTrees(
  context: Context,
  data: TableFile,
  columns: readonly string[],
  labels: Named,
  peers: readonly GuestPredictPeer[],
): Promise<GuestCheckpoint | null> {
  if (!context.inputs.has("start")) return null;
  const { part, positive, classes, pipeline } = storedGuestModel(await context.inputs.model("start"));
  requireSame(pipeline, data);
  requireHosts(context, part);
  checkContinued(part, columns, boostingParameters(context.parameters));
  if (positive !== labels.positive || classes?.join("\n") !== labels.classes?.join("\n"))
    throw new TomboloError("input.label", "the label's values are not those of the version to go on from", {
      remedy: "Use a label with the same values.",
    });
  const { rows } = modelRows(context, data, { pipeline, columns });
  return { model: part, leaves: await leavesGuest({ model: part, rows, signal: context.signal }, peers) };
}

/** Undefined where there is no earlier version. */
export async function earlierPart(
  context: Context,
  data: TableFile,
  columns: readonly string[],
  peer: HostPredictPeer,
): Promise<HostModel | undefined> {
  if (!context.inputs.has("start")) return undefined;
  const { part, pipeline } = storedHostModel(await context.inputs.model("start"));
  requireSame(pipeline, data);
  checkContinued(part, columns, boostingParameters(context.parameters));
  const { rows } = modelRows(context, data, { pipeline, columns });
  await predictHost({ model: part, rows, signal: context.signal }, peer);
  return part;
}
