/**
 * Boosted trees at level `shared`, over the columns of two parties: nobody learns which rows share a node, nor any sum, gain, gradient or weight.
 *
 * Goal: the trees of `twin.ts`, digit for digit. Papers: Lu et al., "Squirrel: A Scalable Secure Two-Party Computation Framework for Training Gradient Boosting
 * Decision Tree" (USENIX Security 2023): node membership and gradients shared, each party's bins in the clear at itself; Fang et al., "Large-scale Secure XGB for Vertical
 * Federated Learning" (CIKM 2021); Chen, Guestrin, "XGBoost" (KDD 2016) for objective and gains.
 *
 * Learns: both - numbers of rows, of each other's candidate splits and of columns with any, bins of the one with most; where rows have weights, bits of the largest; of each node of each tree, which are complete, whose split was taken. guest - which of its own splits
 * were taken, and which of its nodes do not split; host - which of its own were taken.
 * Must not learn: rows of a node, their number, sums, gains, gradients, leaf weights, scores, labels, the other's splits.
 * Adversary: semi-honest, one of the two; the two together see everything. Assumptions: those of the engine (docs/security/engine.md) and of learning with errors over rings,
 * 128 bits each. Not constant-time.
 *
 * 1. guest <-> host: opening: digest of parameters, sizes, trees kept; guest -> host: start.
 * 2. set-up of the engine, trees of seeds for sums by bin, keys for products (once).
 * 3. for each tree: g and h at shared margins; for each level
 *    a. sums of both over the left side of every candidate, of the root and of left children: by bin, then own matrix of 0 and 1 times these; right children by subtraction;
 *    b. scores of both sides, minima, the first of the best; its owner is opened to both, its place to the owner;
 *    c. rows of the left child: the owner's bits times the node's shared rows.
 * 4. weights of leaves, shared; margins by descending the tree with the owners' bits.
 *
 * Deviations: sums by bin from punctured trees (protocols/shared-histograms) where Squirrel adds up ciphertexts; comparisons by reciprocals whose
 * rounding a twin repeats, instead of floating point; exact rounding everywhere; nodes that gain nothing are split too, all rows to the left. Rounds and bytes: README.
 */
import type { Column, Sampling, Secrets } from "@tombolo/base";
import { sharesOf, twoParty, wordsOfShares } from "@tombolo/protocols/secret-sharing/two-party";
import { engineEnd } from "../../two-party.ts";
import type { BoostingParameters } from "../parameters.ts";
import { flags, treeRows } from "../sample.ts";
import type { Progress } from "../train.ts";
import { type Candidates, candidatesOf } from "./candidates.ts";
import type { SharedCheckpoint, SharedTree } from "./checkpoint.ts";
import type { Choosing } from "./choose.ts";
import { descend } from "./descend.ts";
import { productPeers, type SharedGuestPeer, type SharedHostPeer } from "./ends.ts";
import { type Formats, formatsOf, gainLeast } from "./formats.ts";
import { gradientsAt, type Targets } from "./gradients.ts";
import { type GrownTree, growTree } from "./grow.ts";
import { type ScaledLabels, scaledLabels } from "./labels.ts";
import {
  checkSharedGuestModel,
  checkSharedHostModel,
  encodeLeaves,
  type SharedGuestModel,
  type SharedHostModel,
} from "./model.ts";
import { type Opened, openAsGuest, openAsHost } from "./opening.ts";
import { checkSharedParameters, type SharedObjective } from "./parameters.ts";
import { CandidateSums, offerOf, type Side } from "./products.ts";

export interface SharedHostInput {
  readonly columns: readonly Column[];
  readonly rowCount: number;
  readonly parameters: BoostingParameters;
  readonly sampling: Sampling;
  /** Of an earlier attempt, newest last. */
  readonly resumeFrom?: readonly SharedCheckpoint[];
  /** After each tree. */
  readonly onTree?: (checkpoint: SharedCheckpoint) => Promise<void>;
  /**
   * Goes on after so many trees. Those kept beyond must be dropped before it resolves: the partner may keep them anew, whose shares do not fit
   * the old ones.
   */
  readonly onResume?: (trees: number) => Promise<void>;
  readonly onProgress?: (progress: Progress) => void;
  readonly signal?: AbortSignal;
}

export interface SharedGuestInput extends SharedHostInput {
  readonly labels: Float64Array;
  /** By row, where `parameters.weighted`. */
  readonly weights?: Float64Array;
}

/** Throws `input.parameter` for what this level does not offer. */
export async function trainSharedGuest(
  input: SharedGuestInput,
  peer: SharedGuestPeer,
  secrets: Secrets,
): Promise<SharedGuestModel> {
  const parameters = checkSharedParameters(input.parameters);
  const scaled = scaledLabels(parameters, input.labels, input.weights);
  const own = candidatesOf(input.columns, input.rowCount, parameters);
  const opened = await openAsGuest(ownSide(input, own, scaled.weightBits), peer, secrets);
  const trees = await train(input, { side: "guest", parameters, own, opened, scaled }, peer, secrets);
  const { baseMargin, scale } = scaled;
  return checkSharedGuestModel({
    kind: "boosting/shared-guest",
    version: 1,
    modelId: opened.run,
    objective: parameters.objective,
    depth: parameters.depth,
    baseMargin,
    scale,
    features: namesOf(input.columns),
    hosts: [peer.party],
    trees,
  });
}

export async function trainSharedHost(
  input: SharedHostInput,
  peer: SharedHostPeer,
  secrets: Secrets,
): Promise<SharedHostModel> {
  const parameters = checkSharedParameters(input.parameters);
  const own = candidatesOf(input.columns, input.rowCount, parameters);
  const opened = await openAsHost(ownSide(input, own, null), peer);
  const trees = await train(input, { side: "host", parameters, own, opened, scaled: null }, peer, secrets);
  const { depth } = parameters;
  const features = namesOf(input.columns);
  return checkSharedHostModel({
    kind: "boosting/shared-host",
    version: 1,
    modelId: opened.run,
    depth,
    features,
    trees,
  });
}

const namesOf = (columns: readonly Column[]): string[] => columns.map(({ name }) => name);

const ownSide = (
  { parameters, sampling, rowCount, resumeFrom = [] }: SharedHostInput,
  own: Candidates,
  weightBits: number | null,
) => ({
  parameters,
  sampling,
  rows: rowCount,
  offer: offerOf(own),
  weightBits,
  kept: resumeFrom,
});

interface Session {
  readonly side: Side;
  readonly parameters: BoostingParameters & { readonly objective: SharedObjective };
  readonly own: Candidates;
  readonly opened: Opened;
  /** The guest's. */
  readonly scaled: ScaledLabels | null;
}

async function train(
  input: SharedHostInput,
  { side, parameters, own, opened, scaled }: Session,
  peer: SharedGuestPeer | SharedHostPeer,
  secrets: Secrets,
): Promise<SharedTree[]> {
  const { rowCount, sampling, signal } = input;
  const { candidates, offer, run, from } = opened;
  const formats = formatsOf(parameters, rowCount, opened.weightBits);
  if (from !== null) await input.onResume?.(from.trees.length);
  const backend = await twoParty(engineEnd(side, peer as never), { secrets });
  const perTree = 2 ** parameters.depth;
  const sizes = { rows: rowCount, perTree, vectors: perTree * parameters.trees };
  const sums = await CandidateSums.open({ side, secrets, ...productPeers(side, peer) }, own, offer, sizes);
  const shared = await guestNumbers(backend, scaled, formats, opened, parameters);
  const choosing: Choosing = { backend, formats, candidates, party: peer.party, ...shared };
  const trees = [...(from?.trees ?? [])];
  let margins = from === null ? shared.start : wordsOfShares(from.margins);
  const all = Int32Array.from({ length: rowCount }, (_, row) => row);
  for (let tree = trees.length; tree < parameters.trees; tree++) {
    const seen = flags(rowCount, treeRows(all, tree, parameters, sampling));
    const gradients = await gradientsAt(backend, margins, shared, seen, formats);
    const onLevel = (level: number): void => {
      signal?.throwIfAborted();
      input.onProgress?.({ stage: "grow", tree, level, done: tree, total: parameters.trees });
    };
    const grown = await growTree({ ...choosing, own, sums, depth: parameters.depth, onLevel }, gradients);
    margins = backend.add(margins, await descend(backend, grown.bits, grown.leaves, rowCount));
    trees.push(partOf(side, own, grown));
    await input.onTree?.({ run, trees: [...trees], margins: sharesOf(margins) });
  }
  return trees;
}

/** Where margins start, labels, weights, and what a split has to gain: the last hangs on the labels' scale. */
async function guestNumbers(
  backend: Choosing["backend"],
  scaled: ScaledLabels | null,
  formats: Formats,
  { weightBits }: Opened,
  { gamma }: BoostingParameters,
): Promise<Pick<Choosing, "gainLeast"> & Targets & { readonly start: Targets["labels"] }> {
  const { rows } = formats;
  const words = (values: readonly bigint[]): BigUint64Array =>
    BigUint64Array.from(values, (value) => BigInt.asUintN(64, value));
  const share = (count: number, values: (own: ScaledLabels) => BigUint64Array) =>
    backend.share("first", count, scaled === null ? null : values(scaled));
  return {
    start: await share(rows, ({ start }) => words(Array.from({ length: rows }, () => start))),
    labels: await share(rows, ({ labels }) => new BigUint64Array(labels.slice().buffer)),
    weights:
      weightBits === null ? null : await share(rows, ({ weights }) => new BigUint64Array(weights!.slice().buffer)),
    gainLeast: await share(1, ({ scale }) => words([gainLeast(formats, gamma, scale)])),
  };
}

function partOf(side: Side, own: Candidates, { chosen, leaves }: GrownTree): SharedTree {
  const splits = chosen.flatMap(({ place }, i) =>
    place === null || place < 0 ? [] : [{ node: i + 1, split: own.splits[place]! }],
  );
  const part = { splits, leaves: encodeLeaves(sharesOf(leaves)) };
  if (side === "host") return part;
  return { ...part, hostNodes: chosen.flatMap(({ owner }, i) => (owner === "host" ? [i + 1] : [])) };
}
