/**
 * Regression over the columns of two parties or several with the help of an arbiter, a third party that holds a key and no rows; each
 * keeps its own coefficients. Only a flow that names this component and a party for the role has it. Protocol, leakage and adversary:
 * packages/federated, vertical/regression/arbiter.
 *
 * Each epoch is a stage: owners of columns checkpoint their own weights, and an attempt after a crash goes on from the last epoch that all
 * still have, under a new key.
 */
import { TomboloError } from "@tombolo/base";
import { eachColumn, readColumns } from "@tombolo/datasets";
import {
  type ArbiterCheckpoint,
  type ArbiterTrained,
  arbiterMessages,
  arbitrate,
  BATCH_ROWS_PER_TERM_LEAST,
  decodeArbiterCheckpoint,
  defaultParameters,
  encodeArbiterCheckpoint,
  type GuestModel,
  guestModel,
  type HostModel,
  hostModel,
  PARTIES_MAX,
  trainWithArbiterGuest,
  trainWithArbiterHost,
} from "@tombolo/federated/vertical/regression";
import {
  aligned,
  component,
  model,
  one,
  onlyAt,
  report,
  type TableFile,
  type TaskContext,
  table,
} from "../component.ts";
import { labelsOf } from "../labels.ts";
import { fitOf } from "../regression-train/fit.ts";
import type { StoredRegression } from "../regression-train/model.ts";
import { featureNames, trainingFile } from "../regression-train/training-file.ts";
import { distinctRows, guestOf, hostsOf } from "../tables.ts";
import { arbiterOf, disclosures } from "./disclosure.ts";
import { arbiterParameters, type Parameters, type PartyParameters, parameters, partyParameters } from "./parameters.ts";

type Context = TaskContext<Parameters, PartyParameters>;

export const regressionTrainArbiter = component({
  name: "regression-train-arbiter",
  version: "2.0.0",
  title: { en: "Train a regression with an arbiter", zh: "训练回归模型（带协调方）" },
  summary: {
    en: "A logistic or linear regression over the columns of a guest and its hosts by additive encryption, for which a third party holds the key: it sees sums under masks alone, but whoever it pools with learns rows. regression-train needs no such party.",
    zh: "在发起方与各数据方的列上以加法同态加密联合训练逻辑或线性回归，密钥由第三方持有：第三方仅见带掩码的和，但与其合谋的一方可得知逐行信息。regression-train 不需要这样的第三方。",
  },
  roles: { guest: one, host: { min: 1, max: PARTIES_MAX - 2 }, arbiter: one },
  parameters,
  partyParameters,
  inputs: { data: onlyAt(aligned(table(), "required"), "guest", "host") },
  outputs: {
    model: onlyAt(model("regression"), "guest", "host"),
    report: onlyAt(report(), "guest", "host"),
  },
  protocol: { name: "regression/arbiter", messages: arbiterMessages },
  use: "train",
  discloses: ({ participants, parameters: given }) => disclosures(participants, given),
  run: { guest: runGuest, host: runHost, arbiter: runArbiter },
});

const arbiterPeer = (context: Context) =>
  context.peer(arbiterMessages, "owner", "arbiter", arbiterOf(context.participants)!.party);

async function runGuest(context: Context): Promise<void> {
  const data = await trainingFile(context, context.parameters.minimumRows);
  requireDistinct(context, data);
  const { path, keys, label, aligned: inOrder } = data;
  const own = await readColumns(path, label === null ? [] : [label], { signal: context.signal });
  const { family } = context.parameters;
  const labels = labelsOf({ ...own, keys, label, aligned: inOrder }, family === "logistic" ? "binary" : "regression");
  const names = hostsOf(context).map(({ party }) => party);
  const [arbiter, ...hosts] = await Promise.all([
    arbiterPeer(context),
    ...names.map((party) => context.peer(arbiterMessages, "guest", "host", party)),
  ]);
  const trained = await trainWithArbiterGuest(
    { ...(await common(context, data)), labels: labels.values },
    { hosts, arbiter },
    context.secrets,
  );
  const part = guestModel(trained, { ...defaultParameters, ...context.parameters }, { hosts: names, offset: null });
  await finish(context, data, trained, part, labels.positive);
}

async function runHost(context: Context): Promise<void> {
  const data = await trainingFile(context, context.parameters.minimumRows);
  requireDistinct(context, data);
  const hosts = hostsOf(context);
  const place = hosts.findIndex(({ party }) => party === context.self.party);
  const [guest, arbiter] = await Promise.all([
    context.peer(arbiterMessages, "host", "guest", guestOf(context).party),
    arbiterPeer(context),
  ]);
  const trained = await trainWithArbiterHost(await common(context, data), place, { guest, arbiter }, context.secrets);
  const part = hostModel(trained, { ...defaultParameters, ...context.parameters }, { hosts: hosts.length });
  await finish(context, data, trained, part, null);
}

async function runArbiter(context: Context): Promise<void> {
  const { parameters: given, secrets, signal } = context;
  const parties = [guestOf(context), ...hostsOf(context)].map(({ party }) => party);
  const owners = await Promise.all(parties.map((party) => context.peer(arbiterMessages, "arbiter", "owner", party)));
  const { answers } = await arbitrate({ parameters: arbiterParameters(given), signal }, owners, secrets);
  context.log("info", `decrypted ${answers} lists of sums under masks`);
}

/** The arbiter sees no table, and holds all to the flow's own numbers: those have to do for rows that stand several times. */
function requireDistinct({ parameters: { minimumRows, rowsPerTerm }, policy, self }: Context, data: TableFile): void {
  const rows = distinctRows(policy.minimumRows, data);
  const perTerm = distinctRows(BATCH_ROWS_PER_TERM_LEAST, data);
  if (minimumRows >= rows && rowsPerTerm >= perTerm) return;
  throw new TomboloError("consent.minimum-rows", `the same row stands up to ${data.copiesMax} times in the table`, {
    remedy: `Set minimumRows to ${rows} and rowsPerTerm to ${perTerm} or more, or train on rows that stand once.`,
    blame: self.party,
  });
}

/** What guest and hosts hand over alike. Of epochs the last two are kept: a crash may find a partner one behind. */
async function common(context: Context, data: TableFile) {
  const { parameters: given, partyParameters: own, signal } = context;
  const names = featureNames(context, data, { chosen: own.columns, others: [] });
  let kept: readonly ArbiterCheckpoint[] = checkpointsOf(await context.checkpoint.load());
  const { path, rowCount } = data;
  return {
    columns: eachColumn(path, names, { rowCount, signal }),
    rowCount,
    parameters: arbiterParameters(given),
    resumeFrom: kept,
    signal,
    onResume: (epochs: number) => context.log("info", `going on after ${epochs} epoch${epochs === 1 ? "" : "s"}`),
    onEpoch: async (checkpoint: ArbiterCheckpoint): Promise<void> => {
      kept = [...kept.filter(({ run }) => run === checkpoint.run), checkpoint].slice(-2);
      await context.checkpoint.save({ epochs: kept.map(encodeArbiterCheckpoint) });
      const done = checkpoint.state.gradients.length;
      context.progress({ stage: "epoch", done, total: given.epochs, rows: rowCount, round: done });
    },
  };
}

function checkpointsOf(saved: unknown): ArbiterCheckpoint[] {
  const epochs = (saved as { epochs?: unknown } | null | undefined)?.epochs;
  return Array.isArray(epochs) ? epochs.map(decodeArbiterCheckpoint) : [];
}

async function finish(
  context: Context,
  { pipeline = [] }: TableFile,
  trained: ArbiterTrained,
  part: GuestModel | HostModel,
  positive: string | null,
): Promise<void> {
  const { parameters: given, self } = context;
  const { gradients, converged } = trained;
  if (!converged) context.log("warn", "the epochs ran out before all gradients fell below the tolerance");
  const value: StoredRegression = {
    kind: "regression",
    version: 1,
    party: self.party,
    positive,
    classes: null,
    parameters: given,
    inference: null,
    pipeline,
    part,
  };
  await context.outputs.report("report", {
    kind: "regression-training",
    title: { en: "Regression", zh: "回归" },
    data: {
      ...fitOf(value),
      solver: "sgd",
      converged,
      steps: gradients.length,
      // Of own columns alone; nobody knows the loss.
      course: gradients.map((gradient, i) => ({ step: i + 1, gradient, lossChange: null })),
    },
  });
  await context.outputs.model("model", value, {
    kind: "regression",
    objective: given.family === "logistic" ? "binary" : "regression",
    metrics: { steps: gradients.length, terms: part.terms.length },
  });
}
