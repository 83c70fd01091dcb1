/**
 * Regression over the columns of two parties or several, on secret shares; each keeps its own coefficients. Of the guest alone, in the
 * clear, when no host takes part. Protocol, leakage and adversary: packages/federated, vertical/regression.
 *
 * Each step is a stage: both checkpoint their shares of the weights, and an attempt after a crash goes on from the last
 * step that both still have, with new correlations and keys.
 */
import { join } from "node:path";
import { TomboloError } from "@tombolo/base";
import { WordFile } from "@tombolo/datasets";
import {
  type ComputingPeer,
  type GivenParameters,
  type GuestInput,
  guestBinsPart,
  guestClassModel,
  guestModel,
  type HostBins,
  type HostInput,
  hostBinsPart,
  hostClassModel,
  hostModel,
  type Iteration,
  isOfClasses,
  type OwnerTrained,
  PARTIES_MAX,
  settled,
  type Trained,
  type TrainedPart,
  trainAlone,
  trainGuest,
  trainHost,
  trainingMessages,
  trainOwner,
} from "@tombolo/federated/vertical/regression";
import { aligned, component, model, one, optional, report, type TableFile, table } from "../component.ts";
import { guestOf, hostsOf } from "../tables.ts";
import { disclosures } from "./disclosure.ts";
import { batchFaults, binsFaults, classFaults, inferenceFaults } from "./faults.ts";
import { finish } from "./finish.ts";
import { type Context, common, earlierOf, guestRows, ownFeatures, tellStep } from "./input.ts";
import { type GuestPart, type HostPart, plainGuestPart, plainHostPart } from "./model.ts";
import { parameters, partyParameters, regressionParameters } from "./parameters.ts";
import { binWeightsOf, hostBinsOf } from "./shared-bins.ts";
import { trainingFile } from "./training-file.ts";

export const regressionTrain = component({
  name: "regression-train",
  version: "6.4.0",
  title: { en: "Train a regression", zh: "训练回归模型" },
  summary: {
    en: "A regression over the columns of a guest and its hosts (logistic, linear, Poisson, Gamma, Tweedie, or of several classes), computed on secret shares; each keeps its own coefficients. Without a host, of the guest's columns alone.",
    zh: "在发起方与各数据方的列上以秘密分享联合训练回归模型（逻辑、线性、泊松、伽马、Tweedie 或多分类），各方仅持有自己的系数；没有数据方时仅用发起方的列。",
  },
  roles: { guest: one, host: { min: 0, max: PARTIES_MAX - 1 } },
  parameters,
  partyParameters,
  inputs: {
    data: aligned(table(), "required"),
    start: optional(model("regression")),
    binning: optional(model("binning")),
  },
  outputs: { model: model("regression"), report: report() },
  protocol: { name: "regression/secret-shared", messages: trainingMessages },
  use: "train",
  faults: ({ parameters: given, participants, inputs }) => [
    ...inferenceFaults(given),
    ...classFaults(given),
    ...batchFaults(given),
    ...binsFaults(given, participants, inputs),
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

/** Counts of residuals are over such; whoever has all columns sees its own residuals anyway. */
const groupsOf = (context: Context): number | null =>
  context.parameters.residuals && hostsOf(context).length > 0 ? context.parameters.minimumRows : null;

async function runGuest(context: Context, store: WordFile): Promise<void> {
  const data = await trainingFile(context, groupsOf(context));
  const { rows, ...labels } = await guestRows(context, data);
  const hosts = hostsOf(context).map(({ party }) => party);
  const earlier = await earlierOf(context, data, plainGuestPart, labels.classes);
  const binWeights = await binWeightsOf(context);
  const input = { ...(await common(context, data)), store, earlier, rows, binWeights };
  const trained = hosts.length === 0 ? await trainedAlone(context, input) : await trainedWith(context, hosts, input);
  const given = regressionParameters(context.parameters);
  const { offset } = context.partyParameters;
  await finish(context, data, trained, guestPartOf(trained, given, { hosts, offset }), labels);
}

async function trainedWith(context: Context, hosts: readonly string[], input: GuestInput): Promise<Trained> {
  const [peer, owners] = await Promise.all([
    context.peer(trainingMessages, "guest", "host", hosts[0]!),
    ownersOf(context, hosts.slice(1)),
  ]);
  return trainGuest(input, peer, context.secrets, owners);
}

/** Nothing is sent, and nothing kept for an attempt after a crash, which takes no longer than this one. */
function trainedAlone(context: Context, input: GuestInput): Promise<Trained> {
  const onIteration = ({ iteration }: Iteration): void => tellStep(context, input.rowCount, iteration);
  return trainAlone({ ...input, onIteration }, context.secrets);
}

function guestPartOf(
  trained: Trained,
  given: GivenParameters,
  about: { readonly hosts: readonly string[]; readonly offset: string | null },
): GuestPart {
  const { lookups } = trained;
  if (lookups !== null) return guestBinsPart({ ...trained, lookups }, given, about);
  return isOfClasses(given.family) ? guestClassModel(trained, given, about) : guestModel(trained, given, about);
}

async function runHost(context: Context, store: WordFile): Promise<void> {
  const { weight, offset } = context.partyParameters;
  if (weight !== null || offset !== null)
    throw new TomboloError("input.columns", "weights and offsets of rows are the guest's", {
      remedy: "Name them in the guest's parameters.",
    });
  const data = await trainingFile(context, groupsOf(context));
  const bins = await hostBinsOf(context, data, ownFeatures(context, data));
  const trained = await trainedHost(context, data, { store, bins });
  await finish(context, data, trained, hostPartOf(context, trained, bins), { positive: null, classes: null });
}

function hostPartOf(context: Context, trained: TrainedPart, bins: readonly HostBins[] | undefined): HostPart {
  if (bins !== undefined) return hostBinsPart(trained, bins);
  const given = regressionParameters(context.parameters);
  const about = { hosts: hostsOf(context).length };
  return isOfClasses(given.family) ? hostClassModel(trained, given, about) : hostModel(trained, given, about);
}

/** The first host computes with the guest, the others own columns. */
async function trainedHost(
  context: Context,
  data: TableFile,
  own: Pick<HostInput, "store" | "bins">,
): Promise<Trained | OwnerTrained> {
  const { self, secrets } = context;
  const [guest, hosts] = [guestOf(context).party, hostsOf(context).map(({ party }) => party)];
  const earlier = await earlierOf(context, data, plainHostPart, null);
  const input = { ...(await common(context, data)), ...own, earlier };
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
function tellProducts(context: Context, { rowCount }: TableFile, products: number): void {
  const given = settled(regressionParameters(context.parameters), rowCount);
  const sgd = given.solver === "sgd";
  const total = sgd ? given.epochs : given.iterations;
  const done = Math.min(total, Math.floor(products / (2 * (sgd ? Math.ceil(rowCount / given.batchRows) : 1))));
  context.progress({ stage: sgd ? "epoch" : "step", done, total, rows: rowCount, round: done });
}
