/**
 * Regression over the columns of two parties or several, on secret shares; each keeps its own coefficients.
 * Protocol, leakage and adversary: packages/federated, vertical/regression.
 *
 * Each step is a stage: both checkpoint their shares of the weights, and an attempt after a crash goes on from the last
 * step that both still have, with new correlations and keys.
 */
import { join } from "node:path";
import { TomboloError } from "@tombolo/base";
import { eachColumn, readColumns, WordFile } from "@tombolo/datasets";
import {
  type Checkpoint,
  type ComputingPeer,
  decodeCheckpoint,
  encodeCheckpoint,
  type GuestModel,
  guestClassModel,
  guestModel,
  type HostModel,
  hostClassModel,
  hostModel,
  type Iteration,
  isOfClasses,
  type OwnerTrained,
  PARTIES_MAX,
  type Trained,
  trainGuest,
  trainHost,
  trainingMessages,
  trainOwner,
} from "@tombolo/federated/vertical/regression";
import {
  aligned,
  component,
  model,
  one,
  optional,
  report,
  type TableFile,
  type TaskContext,
  type TaskTable,
  table,
} from "../component.ts";
import { classLabelsOf, labelsOf } from "../labels.ts";
import { requireHosts } from "../scoring.ts";
import { columnNamed, guestOf, hostsOf } from "../tables.ts";
import { disclosures } from "./disclosure.ts";
import { classFaults, inferenceFaults } from "./faults.ts";
import { fitOf } from "./fit.ts";
import { inferenceOf } from "./inference.ts";
import { type GuestPart, type HostPart, type StoredRegression, storedGuestModel, storedHostModel } from "./model.ts";
import {
  type Parameters,
  type PartyParameters,
  parameters,
  partyParameters,
  regressionParameters,
} from "./parameters.ts";
import { featureNames, trainingFile } from "./training-file.ts";

type Context = TaskContext<Parameters, PartyParameters>;

export const regressionTrain = component({
  name: "regression-train",
  version: "4.1.0",
  title: { en: "Train a regression", zh: "训练回归模型" },
  summary: {
    en: "A regression over the columns of a guest and its hosts (logistic, linear, Poisson, Gamma, Tweedie, or of several classes), computed on secret shares; each keeps its own coefficients.",
    zh: "在发起方与各数据方的列上以秘密分享联合训练回归模型（逻辑、线性、泊松、伽马、Tweedie 或多分类），各方仅持有自己的系数。",
  },
  roles: { guest: one, host: { min: 1, max: PARTIES_MAX - 1 } },
  parameters,
  partyParameters,
  inputs: { data: aligned(table(), "required"), start: optional(model("regression")) },
  outputs: { model: model("regression"), report: report() },
  protocol: { name: "regression/secret-shared", messages: trainingMessages },
  use: "train",
  faults: ({ parameters: given, participants }) => [
    ...inferenceFaults(given, participants),
    ...classFaults(given, participants),
  ],
  discloses: ({ participants, parameters: given }) => disclosures(participants, given),
  run: { guest: withStore(runGuest), host: withStore(runHost) },
});

/** In the task's folder, for as long as the part runs: transforms of the own matrix that memory has no room for. */
function withStore(run: (context: Context, store: WordFile) => Promise<void>): (context: Context) => Promise<void> {
  return async (context) => {
    const store = await WordFile.open(join(await context.workFolder(), "transforms"));
    try {
      await run(context, store);
    } finally {
      await store.close();
    }
  };
}

/** Counts of residuals are over such. */
const groupsOf = ({ parameters: { residuals, minimumRows } }: Context): number | null =>
  residuals ? minimumRows : null;

async function runGuest(context: Context, store: WordFile): Promise<void> {
  const { weight, offset } = context.partyParameters;
  const data = await trainingFile(context, groupsOf(context));
  const own = await ownRows(context, data);
  const { family, classes } = context.parameters;
  const labels = isOfClasses(family)
    ? { positive: null, ...classLabelsOf(own, classes ?? 0) }
    : { classes: null, ...labelsOf(own, family === "logistic" ? "binary" : "regression") };
  const hosts = hostsOf(context).map(({ party }) => party);
  const [peer, owners] = await Promise.all([
    context.peer(trainingMessages, "guest", "host", hosts[0]!),
    ownersOf(context, hosts.slice(1)),
  ]);
  const trained = await trainGuest(
    {
      ...(await common(context, data)),
      store,
      earlier: await earlierOf(context, storedGuestModel),
      rows: {
        labels: labels.values,
        weights: weight === null ? null : numbersOf(own, weight),
        offsets: offset === null ? null : numbersOf(own, offset),
      },
    },
    peer,
    context.secrets,
    owners,
  );
  const given = regressionParameters(context.parameters);
  const part = isOfClasses(family)
    ? guestClassModel(trained, given, { hosts })
    : guestModel(trained, given, { hosts, offset });
  await finish(context, trained, part, labels);
}

async function runHost(context: Context, store: WordFile): Promise<void> {
  const { weight, offset } = context.partyParameters;
  if (weight !== null || offset !== null)
    throw new TomboloError("input.columns", "weights and offsets of rows are the guest's", {
      remedy: "Name them in the guest's parameters.",
    });
  const data = await trainingFile(context, groupsOf(context));
  const trained = await trainedHost(context, data, store);
  const given = regressionParameters(context.parameters);
  const part = isOfClasses(given.family)
    ? hostClassModel(trained, given)
    : hostModel(trained, given, { hosts: hostsOf(context).length });
  await finish(context, trained, part, { positive: null, classes: null });
}

/** The first host computes with the guest, the others own columns. */
async function trainedHost(context: Context, data: TableFile, store: WordFile): Promise<Trained | OwnerTrained> {
  const { self, secrets } = context;
  const [guest, hosts] = [guestOf(context).party, hostsOf(context).map(({ party }) => party)];
  const input = { ...(await common(context, data)), store, earlier: await earlierOf(context, storedHostModel) };
  const place = hosts.indexOf(self.party);
  if (place === 0) {
    const [peer, owners] = await Promise.all([
      context.peer(trainingMessages, "host", "guest", guest),
      ownersOf(context, hosts.slice(1)),
    ]);
    return trainHost(input, peer, secrets, owners);
  }
  const [guestPeer, hostPeer] = await Promise.all([
    context.peer(trainingMessages, "owner", "computing", guest),
    context.peer(trainingMessages, "owner", "computing", hosts[0]!),
  ]);
  const onProduct = (done: number): void => tellProducts(context, data, done);
  return trainOwner({ ...input, place: place - 1, onProduct }, { guest: guestPeer, host: hostPeer }, secrets);
}

const ownersOf = (context: Context, owners: readonly string[]): Promise<ComputingPeer[]> =>
  Promise.all(owners.map((party) => context.peer(trainingMessages, "computing", "owner", party)));

/** Two products of a batch, or of all rows, are a step of the course, but for those that are tried in vain. */
function tellProducts({ parameters: given, progress }: Context, { rowCount }: TableFile, products: number): void {
  const sgd = given.solver === "sgd";
  const total = sgd ? given.epochs : given.iterations;
  const done = Math.min(total, Math.floor(products / (2 * (sgd ? Math.ceil(rowCount / given.batchRows) : 1))));
  progress({ stage: sgd ? "epoch" : "step", done, total, rows: rowCount, round: done });
}

/** Own part of the model to start from, if there is one. */
async function earlierOf<P extends GuestModel | HostModel>(
  context: Context,
  stored: (value: unknown) => StoredRegression<P>,
): Promise<P | undefined> {
  if (!context.inputs.has("start")) return undefined;
  if (hostsOf(context).length > 1)
    throw new TomboloError("input.model", "training starts from an earlier model only with one host", {
      remedy: "Train afresh.",
    });
  const { part } = stored(await context.inputs.model("start"));
  if (part.kind === "regression/guest") {
    requireHosts(context, part);
    if (part.family !== context.parameters.family)
      throw new TomboloError("input.model", "the model to start from is of another family", {
        remedy: "Choose the family that it was trained with, or train afresh.",
      });
  }
  return part;
}

/** The columns of the guest's that are no features of the model. */
async function ownRows({ partyParameters: { weight, offset }, signal }: Context, data: TableFile): Promise<TaskTable> {
  const { path, columns, keys, label, aligned } = data;
  const names = columns.flatMap(({ name }) => ([label, weight, offset].includes(name) ? [name] : []));
  return { ...(await readColumns(path, names, { signal })), keys, label, aligned };
}

/** What both sides hand over alike. Of steps the last two are kept: a crash may find the partner one behind. */
async function common(context: Context, data: TableFile) {
  const { columns: chosen, weight, offset } = context.partyParameters;
  const names = featureNames(context, data, { chosen, others: [weight, offset] });
  let kept: readonly Checkpoint[] = checkpointsOf(await context.checkpoint.load());
  const keep = async (checkpoints: readonly Checkpoint[]): Promise<void> => {
    kept = checkpoints;
    await context.checkpoint.save({ steps: kept.map(encodeCheckpoint) });
  };
  const { parameters: given, signal } = context;
  const { path, rowCount } = data;
  return {
    columns: eachColumn(path, names, { rowCount, signal }),
    rowCount,
    parameters: regressionParameters(given),
    resumeFrom: kept,
    signal,
    onResume: async (steps: number): Promise<void> => {
      context.log("info", `going on after ${steps} step${steps === 1 ? "" : "s"}`);
      await keep(kept.filter(({ iterations }) => iterations.length <= steps));
    },
    onStep: async (checkpoint: Checkpoint): Promise<void> => {
      await keep([...kept.filter(({ run }) => run === checkpoint.run), checkpoint].slice(-2));
      const done = checkpoint.iterations.length;
      const total = given.solver === "sgd" ? given.epochs : given.iterations;
      context.progress({
        stage: given.solver === "sgd" ? "epoch" : "step",
        done,
        total,
        rows: rowCount,
        round: done,
      });
    },
  };
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

async function finish(
  context: Context,
  trained: Trained | OwnerTrained,
  part: GuestPart | HostPart,
  { positive, classes }: Pick<StoredRegression, "positive" | "classes">,
): Promise<void> {
  const { parameters: given, self } = context;
  if (!trained.converged) context.log("warn", "the steps ran out before the gradient fell below the tolerance");
  const inference = "errors" in trained ? inferenceOf(trained) : null;
  if (given.inference && trained.converged && inference === null)
    context.log("warn", "columns of both parties nearly determine one another: no standard errors");
  const value: StoredRegression = {
    kind: "regression",
    version: 1,
    party: self.party,
    positive,
    classes,
    parameters: given,
    inference,
    part,
  };
  await context.outputs.report("report", {
    kind: "regression-training",
    title: { en: "Regression", zh: "回归" },
    data: {
      ...fitOf(value),
      solver: given.solver,
      converged: trained.converged,
      steps: stepsOf(trained),
      residuals: "residuals" in trained ? trained.residuals : null,
      course: "iterations" in trained ? trained.iterations.map(courseOf) : [],
    },
  });
  await context.outputs.model("model", value, {
    kind: "regression",
    objective: given.family === "logistic" ? "binary" : isOfClasses(given.family) ? "multi-class" : "regression",
    metrics: { steps: stepsOf(trained), terms: part.terms.length },
  });
}

const stepsOf = (trained: Trained | OwnerTrained): number =>
  "iterations" in trained ? trained.iterations.length : trained.steps;

const courseOf = ({ iteration, gradient, lossChange }: Iteration) => ({ step: iteration, gradient, lossChange });
