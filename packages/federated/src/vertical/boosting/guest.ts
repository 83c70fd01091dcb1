/**
 * SecureBoost, the guest's side: labels, and columns of its own if it has any.
 *
 * Goal: gradient-boosted trees over the columns of all parties, split for split those of `twin.ts`.
 * Papers: Cheng et al., "SecureBoost: A Lossless Federated Learning Framework" (IEEE Intelligent Systems 36(6), 2021);
 * Chen et al., "SecureBoost+" (arXiv 2110.10927) for packed gradients, packed sums and histogram subtraction.
 *
 * Learns: guest - by lattices (`scheme`): of each node, the sums of g and h per set of bins of each column of each host (where every h is 1 counts of rows for its sums), in
 * order, without column or threshold, columns in an order that stays; their kinds and numbers of bins. By additive encryption: per candidate
 * split of each host, the sums of g and h of its left side, shuffled for that node. Where all rows have the same h, by squared or absolute error and
 * in the first tree, h also counts the rows. At chosen splits each row's branch and an anonymous number of the column; where agreed, in the end, its name.
 * host - which rows share a node at every level but the last (guest's or other hosts' splits included), which of its
 * own splits were taken and which gained exactly as much, which children weigh less than twice `minChildWeight`, how
 * many trees were grown and kept. No label, gradient, gain or leaf weight.
 * Must not learn: anything else; in particular no feature value, threshold or category name passes (column names only where agreed), no row's label.
 * The guest knows each row's g and h. From the sum of a few unknown rows it could search which rows they are; that is
 * why no sum offered, nor the difference of two of one column and node, covers fewer than `minimumRows` rows. Sums of
 * different nodes are not protected from being subtracted: by lattices a node's less its child's is exact, over however few rows
 * (docs/security/boosting.md).
 * Adversary: semi-honest parties, which may not collude with one another against a third. What is cheap to check about
 * a cheating host is checked: ciphertexts, bounds of every sum, columns adding up to the node, branches fitting the sums.
 * A cheating host can still learn about labels by lying in ways that stay within them; a cheating guest by encrypting
 * other things than gradients.
 *
 * Steps, for each host (rounds at most: by lattices 7 + trees * 4 * depth; by additive encryption 3 + trees * (2 * depth + 2) with one
 * host, 3 + trees * 4 * depth with more; bytes: see README):
 *  1 guest -> host  hello          parameters' digest, kept trees; of additive encryption a fresh key
 *  2 host -> guest  ready          kept trees
 *  3 guest -> host  start          kept trees in common
 *    by lattices: layout, seeds and hint, once (protocols/linear-answers)
 *  for each tree
 *  4 guest -> host  verdict        another tree; of additive encryption [[g_i, h_i]] of the sampled rows
 *  for each level
 *  5 guest -> host  vectors        by lattices: g and h of the rows of the root, or of the smaller of two children, zero elsewhere
 *    host -> guest  items, answers sums of the items of all columns of each open node; where every h is 1 counts, and sums of g alone
 *    or, by additive encryption: offers, sums: [[G_L, H_L]] of each candidate, shuffled, packed, re-randomised
 *  6 guest -> host  splits         the best candidate of each node, if it is the host's (all of exactly equal gain)
 *  7 host -> guest  branches       left or right of each row of its nodes
 *  8 guest -> host  routes         left or right of each row of the others' nodes (sent with 6 to a single host)
 *  9 guest -> host  verdict        over; so many trees are kept
 * 10 host -> guest  columnNames    where agreed (`hostColumns`): names of its columns in them
 *
 * Deviations: by lattices instead of additive encryption, as the paper's host ordered bins per column; by additive encryption sums of left
 * sides in secret order. Ties are broken by the owner, whose order the guest does not know. The chosen split's rows are sent, not their ids.
 */
import { nameOnScreen, type Sampling, type Secrets, TomboloError } from "@tombolo/base";
import { generateHeKey } from "@tombolo/crypto";
import { agreementDigest } from "./agreement.ts";
import { binColumns, type ColumnSource } from "./binning.ts";
import { type CalibratedModel, calibratedModel } from "./calibrated-model.ts";
import { guestOnly, treesMax } from "./classes.ts";
import { orderColumns } from "./column-order.ts";
import { type Directions, directionsOf } from "./directions.ts";
import { EncryptedGradients } from "./encrypted-gradients.ts";
import { EncryptedOffers } from "./encrypted-offers.ts";
import type { Evaluation } from "./evaluate.ts";
import { growingModel } from "./growing-model.ts";
import { LevelVectors, LinearOffers } from "./linear-offers.ts";
import { firstTrees, type GuestCheckpoint, type GuestModel, guestDigests, newModelId, sharedDigests } from "./model.ts";
import { baseMargin, checkLabels, rowWeights } from "./objective.ts";
import { type BoostingParameters, checkParameters } from "./parameters.ts";
import { type GuestPeer, type OfferSource, RemoteSite } from "./remote-site.ts";
import { checkGoss, partRows, treeColumns } from "./sample.ts";
import { localSite, type Site } from "./site.ts";
import { boost, type Hooks } from "./train.ts";
import type { GrownTree } from "./tree.ts";

export interface GuestInput extends Hooks {
  /** The guest's own columns; may be none. */
  readonly columns: ColumnSource;
  readonly labels: Float64Array;
  /** By row, where `parameters.weighted`. */
  readonly weights?: Float64Array;
  readonly parameters: BoostingParameters;
  readonly sampling: Sampling;
  readonly directions?: Directions;
  readonly resumeFrom?: GuestCheckpoint;
  /** How many trees of it every party still had; not called where training starts afresh. */
  readonly onResume?: (trees: number) => void;
  /** After each tree; the next one waits for it. */
  readonly onTree?: (checkpoint: GuestCheckpoint) => Promise<void>;
}

export interface GuestResult extends CalibratedModel {
  readonly evaluations: readonly Evaluation[];
}

/** Trains with any number of hosts; with none it trains on the guest's columns alone. */
export async function trainGuest(
  input: GuestInput,
  peers: readonly GuestPeer[],
  secrets: Secrets,
): Promise<GuestResult> {
  const { parameters, labels, sampling } = input;
  checkInput(input, peers);
  const weights = rowWeights(parameters, labels, input.weights);
  const parts = partRows(labels.length, parameters, sampling);
  const binned = await binColumns(input.columns, labels.length, parts.training, parameters);
  checkFeatures(binned.length, parameters);
  const opened = await open(input, peers, secrets);
  if (opened.common > 0) input.onResume?.(opened.common);
  const features = await orderColumns(binned, parts.training, sampling);
  const directions = directionsOf(features, parameters, input.directions);
  const own = localSite(
    features,
    parameters.minimumRows,
    (tree) => treeColumns(features.length, 0, tree, parameters, sampling),
    directions,
  );
  const growing = growingModel({
    ...{ parameters, names: binned.map(({ name }) => name), hosts: peers.map(({ party }) => party) },
    ...{ resumeFrom: input.resumeFrom, modelId: opened.modelId, common: opened.common },
    base: () => baseMargin(parameters, labels, parts.training, weights),
  });
  const boosted = await boost({
    ...input,
    weights,
    parts,
    sites: [own, ...opened.sites],
    base: growing.base,
    finished: growing.finished,
    beforeTree: async (tree) => {
      input.onProgress?.({ stage: "encrypt", tree, level: 0, done: tree, total: treesMax(parameters) });
      await Promise.all(peers.map((peer) => peer.send("verdict", 0)));
    },
    afterTree: async ({ tree, leaves }) => {
      await tellKept(tree, growing.count(), input, peers);
      growing.add(tree, leaves);
      await input.onTree?.(growing.checkpoint());
    },
  });
  const kept = boosted.trees.length;
  await Promise.all(peers.map((peer) => peer.send("verdict", kept)));
  input.onProgress?.({ stage: "finish", tree: kept, level: 0, done: kept, total: kept });
  const trained = firstTrees(growing.checkpoint().model, kept);
  const model = parameters.hostColumns === "named" ? await named(trained, peers) : trained;
  return { ...calibratedModel(model, boosted, labels, parts, parameters), evaluations: boosted.evaluations };
}

/** With the names of the hosts' columns, as each says them. */
async function named(model: GuestModel, peers: readonly GuestPeer[]): Promise<GuestModel> {
  return { ...model, hostColumns: await Promise.all(peers.map((peer, host) => namesOf(model, host, peer))) };
}

/** Those of splits alone, and nothing in them that could lead a screen or a terminal astray. */
async function namesOf({ trees }: GuestModel, host: number, peer: GuestPeer): Promise<Record<string, string>> {
  const said = await peer.receive("columnNames");
  const names = new Map(said.map(({ number, name }) => [number, name]));
  const once = names.size === said.length && new Set(names.values()).size === said.length;
  const used = trees.flatMap(({ splits }) => splits.flatMap((split) => (split.owner === host ? [split.feature] : [])));
  const shown = new Map(used.map((number) => [number, names.get(number)]));
  const told = [...shown].flatMap(([number, name]) =>
    name === undefined ? [] : [[number, nameOnScreen(name)] as const],
  );
  if (once && told.length === shown.size) return Object.fromEntries(told);
  throw new TomboloError("protocol.malformed", "a host does not name each column of its splits once", {
    blame: peer.party,
  });
}

/** With `maxLeaves` each host is told which of its splits stay. */
async function tellKept(
  { splits }: GrownTree,
  tree: number,
  { parameters }: GuestInput,
  peers: readonly GuestPeer[],
): Promise<void> {
  if (parameters.maxLeaves === null || guestOnly(parameters, tree)) return;
  const nodes = (site: number): number[] => splits.filter((split) => split.site === site).map(({ node }) => node);
  await Promise.all(peers.map((peer, i) => peer.send("kept", Uint32Array.from(nodes(i + 1)))));
}

function checkInput({ parameters, labels, resumeFrom }: GuestInput, peers: readonly GuestPeer[]): void {
  checkParameters(parameters);
  checkLabels(parameters, labels);
  checkGoss(parameters, peers.length);
  if (labels.length < 2) throw new TomboloError("input.rows", "there are fewer than two rows to train on");
  if (resumeFrom === undefined) return;
  const { model, leaves } = resumeFrom;
  const sameHosts = model.hosts.length === peers.length && model.hosts.every((party, i) => party === peers[i]!.party);
  const sameRows = leaves.length === model.trees.length && leaves.every((own) => own.length === labels.length);
  if (!sameHosts || !sameRows)
    throw new TomboloError("input.checkpoint", "the checkpoint is of another table or of other parties");
}

function checkFeatures(columns: number, { guestOnlyTrees }: BoostingParameters): void {
  if (guestOnlyTrees === 0 || columns > 0) return;
  throw new TomboloError("input.columns", "the guest has no columns to grow trees on alone", {
    remedy: "Set guestOnlyTrees to 0, or read columns of the guest.",
  });
}

interface Opened {
  readonly modelId: string;
  /** Trees all parties kept from an earlier attempt. */
  readonly common: number;
  readonly sites: readonly Site[];
}

/** Steps 1 to 3. */
async function open(input: GuestInput, peers: readonly GuestPeer[], secrets: Secrets): Promise<Opened> {
  const { parameters, labels, resumeFrom } = input;
  const agreement = await agreementDigest(parameters, input.sampling);
  const fresh = await newModelId(
    agreement,
    labels.length,
    peers.map(({ party }) => party),
  );
  const kept = resumeFrom?.model;
  if (peers.length === 0) return { modelId: kept?.modelId ?? fresh, common: kept?.trees.length ?? 0, sites: [] };
  input.onProgress?.({ stage: "prepare", tree: 0, level: 0, done: 0, total: treesMax(parameters) });
  const { announce, sourceOf } = await sources(input, peers, secrets);
  const hosts = await Promise.all(
    peers.map(async (peer, i) => {
      const digests = kept === undefined ? await sharedDigests(fresh, []) : await guestDigests(kept, i);
      await peer.send("hello", { agreement, rows: labels.length, site: i + 1, digests });
      await announce(peer);
      const ready = await peer.receive("ready");
      if (ready.rows !== labels.length)
        throw new TomboloError("protocol.rows", "guest and host have different numbers of rows", { blame: peer.party });
      return { columns: ready.columns, common: commonTrees(digests, ready.digests) };
    }),
  );
  const common = Math.min(...hosts.map((host) => host.common));
  const modelId = common > 0 ? kept!.modelId : fresh;
  await Promise.all(peers.map((peer) => peer.send("start", { trees: common, modelId })));
  const alone = peers.length === 1;
  const opened = await Promise.all(peers.map((peer, i) => sourceOf(peer, hosts[i]!.columns)));
  const sites = peers.map(
    (peer, i) => new RemoteSite({ peer, source: opened[i]!, columns: hosts[i]!.columns, alone, secrets }),
  );
  return { modelId, common, sites };
}

interface Sources {
  /** What a host gets to know first. */
  announce(peer: GuestPeer): Promise<void>;
  sourceOf(peer: GuestPeer, columns: number): Promise<OfferSource>;
}

async function sources(
  { parameters, labels }: GuestInput,
  peers: readonly GuestPeer[],
  secrets: Secrets,
): Promise<Sources> {
  const { scheme, keyBits } = parameters;
  if (scheme === "lattice") {
    const vectors = new LevelVectors(labels.length, secrets);
    return {
      announce: async () => {},
      sourceOf: (peer, columns) => LinearOffers.open(peer, vectors, columns, parameters),
    };
  }
  const key = await generateHeKey({ scheme, keyBits }, secrets);
  const encrypted = new EncryptedGradients(key, secrets, parameters, peers.length);
  return {
    announce: (peer) => peer.send("key", key.publicKey.toBytes()),
    sourceOf: async (peer, columns) => new EncryptedOffers({ peer, key, parameters, columns, encrypted }),
  };
}

/** The longest equal beginning; none if even the empty models differ. */
function commonTrees(ours: readonly string[], theirs: readonly string[]): number {
  let trees = Math.min(ours.length, theirs.length) - 1;
  while (trees > 0 && ours[trees] !== theirs[trees]) trees--;
  return trees;
}
