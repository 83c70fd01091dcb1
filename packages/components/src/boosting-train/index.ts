/**
 * Gradient-boosted trees over the columns of all parties (SecureBoost), or of the guest alone when no host takes part.
 * Protocols, leakage and adversary: packages/federated, vertical/boosting; at level shared vertical/boosting/shared.
 *
 * Each finished tree is a stage: its owner's part is checkpointed, and an attempt after a crash goes on from the trees
 * that all parties still have, under new keys.
 */
import { TomboloError } from "@tombolo/base";
import {
  type CalibrationReport,
  checkHostModel,
  type Evaluation,
  type GuestModel,
  type HostModel,
  type Progress,
  trainGuest,
  trainHost,
} from "@tombolo/federated/vertical/boosting";
import {
  aligned,
  anyNumber,
  component,
  type ModelSummary,
  model,
  one,
  optional,
  report,
  type StepFigures,
  type TableFile,
  type TaskContext,
  type TaskTable,
  table,
} from "../component.ts";
import { classLabelsOf, labelsOf } from "../labels.ts";
import { alignedFile, eachColumn, featureColumns, guestPeer, hostPeers, hostsOf, tableOf } from "../tables.ts";
import { disclosures } from "./disclosure.ts";
import { levelFaults } from "./faults.ts";
import { keepTrees, keptTrees } from "./kept.ts";
import { trainMessages } from "./messages.ts";
import { importanceRows, type StoredModel } from "./model.ts";
import { trainingFaults } from "./parameter-faults.ts";
import { type Parameters, type PartyParameters, parameters, parametersOn, partyParameters } from "./parameters.ts";
import { sharedGuest, sharedHost } from "./shared.ts";
import { earlierPart, earlierTrees } from "./start.ts";
import { weightsIn } from "./weights.ts";

type Context = TaskContext<Parameters, PartyParameters>;

export const boostingTrain = component({
  name: "boosting-train",
  version: "4.1.0",
  title: { en: "Train boosted trees", zh: "训练提升树" },
  summary: {
    en: "A gradient-boosted model over the columns of all parties; each keeps its own part.",
    zh: "在各方列上联合训练梯度提升树模型，各方仅持有自己的部分。",
  },
  roles: { guest: one, host: anyNumber },
  parameters,
  partyParameters,
  inputs: { data: aligned(table(), "required"), start: optional(model("boosting")) },
  outputs: { model: model("boosting"), report: report(), importance: report() },
  protocol: { name: "boosting/secureboost", messages: trainMessages },
  use: "train",
  faults: ({ parameters: given, participants }) => [
    ...trainingFaults(given, participants.filter(({ role }) => role === "host").length),
    ...levelFaults(given, participants),
  ],
  discloses: ({ participants, parameters: given }) => disclosures(participants, given),
  run: { guest: runGuest, host: runHost },
});

async function runGuest(context: Context): Promise<void> {
  checkMinimum(context);
  if (context.parameters.level === "shared") return sharedGuest(context);
  const data = await alignedFile(context, "data");
  const { weight, columns: chosen, rising, falling } = context.partyParameters;
  const names = featureColumns(data, chosen)
    .map(({ name }) => name)
    .filter((name) => name !== weight);
  const beside = data.columns.map(({ name }) => name).filter((name) => name === data.label || name === weight);
  const own = await tableOf(context, data, beside);
  const labels = labelsIn(own, context.parameters);
  const weights = weightsIn(own, weight, context.parameters.weighted);
  const hosts = hostsOf(context);
  const peers = await hostPeers(context, trainMessages);
  const earlier = await earlierTrees(context, data, names, labels, peers);
  const parties = hosts.map(({ party }) => party);
  const saved = await keptTrees(context, parties, data.rowCount);
  const resumeFrom = saved ?? earlier;
  const {
    model: part,
    evaluations,
    calibration,
  } = await trainGuest(
    {
      columns: eachColumn(context, data, names),
      labels: labels.values,
      ...(weights === null ? {} : { weights }),
      directions: { rising, falling },
      parameters: parametersOn(context.parameters, data),
      sampling: context.sampling,
      signal: context.signal,
      onProgress: (progress) => tell(context, progress, data.rowCount),
      onEvaluation: (evaluation) => context.figures(stepFigures(evaluation, context.parameters.classes ?? 1)),
      onTree: keepTrees(context),
      onResume: (trees) => resumed(context, trees),
      ...(resumeFrom === null ? {} : { resumeFrom }),
    },
    peers,
    context.secrets,
  );
  await finishGuest(context, stored(context, data, part, labels), evaluations, calibration);
}

async function runHost(context: Context): Promise<void> {
  checkMinimum(context);
  if (context.parameters.level === "shared") return sharedHost(context);
  checkHostAsks(context.partyParameters);
  const data = await alignedFile(context, "data");
  const names = featureColumns(data, context.partyParameters.columns).map(({ name }) => name);
  const peer = await guestPeer(context, trainMessages);
  const earlier = await earlierPart(context, data, names, peer);
  const saved = (await context.checkpoint.load()) ?? earlier;
  const part = await trainHost(
    {
      columns: eachColumn(context, data, names),
      rowCount: data.rowCount,
      parameters: parametersOn(context.parameters, data),
      sampling: context.sampling,
      signal: context.signal,
      onProgress: (progress) => tell(context, progress, data.rowCount),
      onTree: (model) => context.checkpoint.save(model),
      onResume: (trees) => resumed(context, trees),
      ...(saved === undefined || saved === null ? {} : { resumeFrom: checkHostModel(saved) }),
    },
    peer,
    context.secrets,
  );
  await finishHost(context, stored(context, data, part, { positive: null }));
}

interface Named {
  readonly positive: string | null;
  readonly classes?: readonly string[];
}

function labelsIn(data: TaskTable, { objective, classes }: Parameters): Named & { values: Float64Array } {
  if (objective === "binary") return bothPresent(labelsOf(data, "binary"), data.label);
  if (objective !== "multi-class") return labelsOf(data, "regression");
  return { positive: null, ...classLabelsOf(data, classes ?? 0) };
}

/** A model of one answer would be that answer, at every leaf. */
function bothPresent<L extends { values: Float64Array }>(labels: L, column: string | null): L {
  if (labels.values.some((label) => label !== labels.values[0])) return labels;
  throw new TomboloError("input.label", "all rows have the same label", {
    remedy: "Train on rows of both kinds: check the label, the row filter and the match.",
    detail: { column },
  });
}

/** SECURITY.md rule 9: each party's own minimum binds, whatever the flow says. */
function checkMinimum({ parameters: { minimumRows }, policy, self }: Context): void {
  if (minimumRows >= policy.minimumRows) return;
  throw new TomboloError("consent.minimum-rows", `the flow allows groups of ${minimumRows} rows, too few for a party`, {
    remedy: `Set minimumRows to ${policy.minimumRows} or more.`,
    blame: self.party,
  });
}

/** What only the guest may ask for: it would have to be told which sums are of a column with a direction. */
function checkHostAsks({ weight, rising, falling }: PartyParameters): void {
  if (weight !== null)
    throw new TomboloError("input.weights", "a host names a weight column", { remedy: "Only the guest weighs rows." });
  if (rising.length + falling.length > 0)
    throw new TomboloError("input.columns", "a host names columns with a direction", {
      remedy: "Only the guest's columns can be held to one: of a host's it does not know which is which.",
    });
}

const resumed = (context: Context, trees: number): void =>
  context.log("info", `going on after ${trees} tree${trees === 1 ? "" : "s"}`);

function tell(context: Context, { stage, tree, level, done, total }: Progress, rows: number): void {
  context.progress({
    stage: stage === "grow" ? `tree ${tree + 1}, level ${level + 1}` : stage,
    done,
    total,
    rows,
    round: tree,
  });
}

/** A round grows a tree of each class. */
function stepFigures({ trees, training, validation }: Evaluation, classes: number): StepFigures {
  const values = Object.entries({ training, validation }).flatMap(([part, figures]) =>
    Object.entries(figures ?? {}).map(([name, value]) => [`${part}.${name}`, value] as const),
  );
  return { step: trees / classes, values: Object.fromEntries(values) };
}

const stored = <P extends GuestModel | HostModel>(
  context: Context,
  { pipeline = [] }: TableFile,
  part: P,
  { positive, classes }: Named,
): StoredModel<P> => ({
  kind: "boosting",
  version: 1,
  party: context.self.party,
  positive,
  ...(classes === undefined ? {} : { classes }),
  parameters: context.parameters,
  pipeline,
  part,
});

const LOSS_NAMES: Readonly<Record<Parameters["objective"], string>> = {
  binary: "log-loss",
  "multi-class": "log-loss",
  ...{ regression: "rmse", absolute: "mae", huber: "pseudo-huber", poisson: "poisson-nll", tweedie: "tweedie-nll" },
};

async function finishGuest(
  context: Context,
  value: StoredModel<GuestModel>,
  evaluations: readonly Evaluation[],
  calibration: CalibrationReport | null,
): Promise<void> {
  await context.outputs.report("report", {
    kind: "boosting-training",
    title: { en: "Training", zh: "训练过程" },
    data: {
      objective: context.parameters.objective,
      loss: LOSS_NAMES[context.parameters.objective],
      trees: value.part.trees.length,
      positive: value.positive,
      evaluations,
      ...(calibration === null ? {} : { calibration }),
    },
  });
  await saveImportance(context, value);
  await context.outputs.model("model", value, summaryOf(context, value.part.trees.length, evaluations));
}

async function finishHost(context: Context, value: StoredModel<HostModel>): Promise<void> {
  await context.outputs.report("report", {
    kind: "boosting-host",
    title: { en: "Own part of the training", zh: "本方训练情况" },
    data: {
      trees: value.part.trees.length,
      ownSplits: value.part.trees.reduce((sum, tree) => sum + tree.splits.length, 0),
    },
  });
  await saveImportance(context, value);
  await context.outputs.model("model", value, summaryOf(context, value.part.trees.length, []));
}

const saveImportance = (context: Context, value: StoredModel): Promise<void> =>
  context.outputs.report("importance", {
    kind: "importance",
    title: { en: "Importance of columns", zh: "特征重要性" },
    data: importanceRows(value),
  });

/** What the library lists: of the rows kept out, where some were. */
function summaryOf(context: Context, trees: number, evaluations: readonly Evaluation[]): ModelSummary {
  const last = evaluations.find((each) => each.trees === trees);
  const { loss, auc } = last?.validation ?? last?.training ?? {};
  const rows = last?.validation === undefined ? "training" : "validation";
  return {
    kind: "boosting",
    objective: context.parameters.objective,
    metrics: {
      trees,
      ...(loss === undefined ? {} : { [`${rows}Loss`]: loss }),
      ...(auc === undefined || Number.isNaN(auc) ? {} : { [`${rows}Auc`]: auc }),
    },
  };
}
