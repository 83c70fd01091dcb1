/**
 * Training at level `shared`, between a guest and one host. Each finished tree is a stage: both checkpoint their shares, and an attempt after a crash goes on from
 * the last tree that both still have, with new correlations and keys.
 */
import { TomboloError } from "@tombolo/base";
import {
  decodeSharedCheckpoint,
  encodeSharedCheckpoint,
  type SharedCheckpoint,
  type SharedHostInput,
  type SharedModel,
  trainSharedGuest,
  trainSharedHost,
} from "@tombolo/federated/vertical/boosting/shared";
import type { TaskContext, TaskTable } from "../component.ts";
import { labelsOf } from "../labels.ts";
import { alignedInput, featureColumns, guestPeer, hostsOf } from "../tables.ts";
import { levelFaults } from "./faults.ts";
import { trainMessages } from "./messages.ts";
import type { StoredModel } from "./model.ts";
import { type Parameters, type PartyParameters, parametersOn } from "./parameters.ts";
import { sharedImportance } from "./shared-model.ts";
import { weightsIn } from "./weights.ts";

type Context = TaskContext<Parameters, PartyParameters>;

export async function sharedGuest(context: Context): Promise<void> {
  const data = await trainingTable(context);
  const labels = labelsOf(data, context.parameters.objective === "binary" ? "binary" : "regression");
  const peer = await context.peer(trainMessages, "guest", "host", hostsOf(context)[0]!.party);
  const { weight } = context.partyParameters;
  const weights = weightsIn(data, weight, context.parameters.weighted);
  const given = await common(context, data);
  const columns = given.columns.filter(({ name }) => name !== weight);
  const input = { ...given, columns, labels: labels.values, ...(weights === null ? {} : { weights }) };
  await finish(context, data, await trainSharedGuest(input, peer, context.secrets), labels.positive);
}

export async function sharedHost(context: Context): Promise<void> {
  if (context.partyParameters.weight !== null)
    throw new TomboloError("input.weights", "a host names a weight column", { remedy: "Only the guest weighs rows." });
  const data = await trainingTable(context);
  const peer = await guestPeer(context, trainMessages);
  await finish(context, data, await trainSharedHost(await common(context, data), peer, context.secrets), null);
}

async function trainingTable(context: Context): Promise<TaskTable> {
  const [fault] = levelFaults(context.parameters, context.participants);
  if (fault !== undefined) throw new TomboloError("input.parameter", fault.message, { remedy: fault.remedy });
  const { rising, falling } = context.partyParameters;
  if (rising.length + falling.length > 0)
    throw new TomboloError("input.columns", "level shared has no directions of columns", {
      remedy: "Name none, or train at level standard.",
      blame: context.self.party,
    });
  if (context.inputs.has("start"))
    throw new TomboloError("input.model", "level shared does not go on from an earlier version", {
      remedy: "Train afresh.",
    });
  return alignedInput(context, "data");
}

/** A checkpoint holds a share of every row's margin: large tables are saved less often. */
const ROWS_SAVED_EACH_TREE = 20_000;

/** The last two are kept: a crash may find the partner one behind. */
async function common(context: Context, data: TaskTable): Promise<SharedHostInput> {
  const { rowCount } = data;
  let kept = checkpointsOf(await context.checkpoint.load());
  const every = Math.ceil(rowCount / ROWS_SAVED_EACH_TREE);
  const keep = async (checkpoints: SharedCheckpoint[]): Promise<void> => {
    kept = checkpoints;
    await context.checkpoint.save({ shared: kept.map(encodeSharedCheckpoint) });
  };
  return {
    columns: featureColumns(data, context.partyParameters.columns),
    rowCount,
    parameters: parametersOn(context.parameters, data),
    sampling: context.sampling,
    resumeFrom: kept,
    signal: context.signal,
    onResume: async (trees) => {
      context.log("info", `going on after ${trees} tree${trees === 1 ? "" : "s"}`);
      await keep(kept.filter((each) => each.trees.length <= trees));
    },
    onProgress: ({ tree, level, done, total }) =>
      context.progress({ stage: `tree ${tree + 1}, level ${level + 1}`, done, total, rows: rowCount, round: tree }),
    onTree: async (checkpoint) => {
      if (checkpoint.trees.length % every !== 0) return;
      await keep([...kept.filter(({ run }) => run === checkpoint.run), checkpoint].slice(-2));
    },
  };
}

function checkpointsOf(saved: unknown): SharedCheckpoint[] {
  const trees = (saved as { shared?: unknown } | null | undefined)?.shared;
  return Array.isArray(trees) ? trees.map(decodeSharedCheckpoint) : [];
}

async function finish(
  context: Context,
  { pipeline = [] }: TaskTable,
  part: SharedModel,
  positive: string | null,
): Promise<void> {
  const { self, parameters, outputs } = context;
  const value: StoredModel<SharedModel> = {
    kind: "boosting",
    version: 1,
    party: self.party,
    positive,
    parameters,
    pipeline,
    part,
  };
  const trees = part.trees.length;
  const ownSplits = part.trees.reduce((sum: number, tree: SharedModel["trees"][number]) => sum + tree.splits.length, 0);
  await outputs.report("report", {
    kind: "boosting-host",
    title: { en: "Own part of the training", zh: "本方训练情况" },
    data: { trees, ownSplits },
  });
  await outputs.report("importance", {
    kind: "importance",
    title: { en: "Importance of columns", zh: "特征重要性" },
    data: sharedImportance(value),
  });
  await outputs.model("model", value, { kind: "boosting", objective: parameters.objective, metrics: { trees } });
}
