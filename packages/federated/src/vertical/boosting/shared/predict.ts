/**
 * Scoring with a model of level `shared`: the guest gets each row's total over all trees, and no leaf.
 *
 * Goal: sums of the leaves' weights of aligned rows, from parts that stay apart. Each party knows at which of its own nodes a row goes left, at all of them; descending every
 * tree on shares (descend.ts) picks each row's leaf without telling anybody which.
 *
 * Learns: guest - each row's total, in units of 2^-16 (times the label's scale). host - the number of rows. Totals of rows that differ in one column tell by subtraction what that
 * column does; the permit's rows bound how many are asked. Must not learn: leaves, branches of the other's nodes, weights.
 * Adversary: semi-honest, one of the two; a guest that adds numbers of its own to its shares of leaves reads up to 64 bits of a row's leaves from its total.
 * Assumptions: those of the engine. Rounds for each chunk of rows: 2 a level and one to open; bytes: README.
 *
 * 1. guest -> host: request. 2. set-up of the engine. 3. for each chunk of rows: descending, then totals are opened to the guest.
 */
import { type Column, type Secrets, TomboloError } from "@tombolo/base";
import type { Peer } from "@tombolo/channel";
import type { Backend, Words } from "@tombolo/protocols/secret-sharing/backend";
import { twoParty, wordsOfShares } from "@tombolo/protocols/secret-sharing/two-party";
import { engineEnd } from "../../two-party.ts";
import { checkColumns } from "../binning.ts";
import { columnEvaluator } from "../evaluate-split.ts";
import { predictionOf } from "../losses.ts";
import type { RowSource } from "../row-source.ts";
import type { SharedTree } from "./checkpoint.ts";
import { descend } from "./descend.ts";
import { UNIT } from "./formats.ts";
import type { sharedPredictionMessages } from "./messages.ts";
import { decodeLeaves, digestOf, type SharedGuestModel, type SharedHostModel, type SharedModel } from "./model.ts";
import { eithersBits } from "./places.ts";

interface Scoring<M extends SharedModel> {
  readonly model: M;
  /** Aligned at both parties. */
  readonly rows: RowSource;
  readonly signal?: AbortSignal;
  /** Rows scored so far. */
  readonly onProgress?: (done: number, total: number) => void;
}

export interface SharedGuestPredictInput extends Scoring<SharedGuestModel> {
  /** Rows before this one have their scores already. */
  readonly first?: number;
  /** Takes the predictions of the next rows, in order. */
  readonly take: (scores: Float64Array) => Promise<void>;
}
export type SharedHostPredictInput = Scoring<SharedHostModel>;
export type SharedGuestPredictPeer = Peer<typeof sharedPredictionMessages, "guest">;
export type SharedHostPredictPeer = Peer<typeof sharedPredictionMessages, "host">;

export async function predictSharedGuest(
  input: SharedGuestPredictInput,
  peer: SharedGuestPredictPeer,
  secrets: Secrets,
): Promise<void> {
  const { model, rows, first = 0 } = input;
  await peer.send("sharedRequest", { rows: rows.rowCount, first, digest: await digestOf(model) });
  const backend = await twoParty(engineEnd("guest", peer), { secrets });
  const { objective, baseMargin, scale } = model;
  await eachChunk(input, first, backend, async (totals) => {
    const opened = (await backend.open(totals, "first"))!;
    const margins = Float64Array.from(opened, (word) => baseMargin + (scale * Number(BigInt.asIntN(64, word))) / UNIT);
    await input.take(margins.map((margin) => predictionOf(objective, margin)));
  });
}

export async function predictSharedHost(
  input: SharedHostPredictInput,
  peer: SharedHostPredictPeer,
  secrets: Secrets,
): Promise<void> {
  const { model, rows } = input;
  const request = await peer.receive("sharedRequest");
  if (request.digest !== (await digestOf(model)))
    throw new TomboloError("protocol.agreement", "guest and host hold parts of different models", {
      blame: peer.party,
    });
  if (request.rows !== rows.rowCount || request.first > rows.rowCount)
    throw new TomboloError("protocol.rows", "guest and host have different numbers of rows", { blame: peer.party });
  const backend = await twoParty(engineEnd("host", peer), { secrets });
  await eachChunk(input, request.first, backend, async (totals) => {
    await backend.open(totals, "first");
  });
}

const CHUNK_ROWS_MAX = 8192;
const CHUNK_ROWS_MIN = 64;
/** Leaves' weights in memory at once, a word each. */
const LEAVES_AT_ONCE = 2 ** 21;

const chunkRowsFor = ({ trees, depth }: SharedModel): number => {
  const fitting = 2 ** Math.floor(Math.log2(LEAVES_AT_ONCE / Math.max(1, trees.length * 2 ** depth)));
  return Math.min(CHUNK_ROWS_MAX, Math.max(CHUNK_ROWS_MIN, fitting));
};

async function eachChunk(
  { model, rows, signal, onProgress }: Scoring<SharedModel>,
  first: number,
  backend: Backend,
  take: (totals: Words) => Promise<void>,
): Promise<void> {
  const chunkRows = chunkRowsFor(model);
  const leaves = backend.join(model.trees.map((tree) => wordsOfShares(decodeLeaves(tree.leaves))));
  let done = first;
  for await (const columns of rows.chunks(first, chunkRows)) {
    signal?.throwIfAborted();
    const count = Math.min(chunkRows, rows.rowCount - done);
    checkColumns(columns, count);
    const levels = [];
    for (let level = 0; level < model.depth; level++)
      levels.push(await eithersBits(backend, levelBits(model, level, columns, count)));
    await take(summed(backend, await descend(backend, levels, leaves, count), count));
    done += count;
    onProgress?.(done, rows.rowCount);
  }
}

/** Of each tree, of each node of this level and each row: 1 where it goes left, 0 at the partner's nodes. */
function levelBits(model: SharedModel, level: number, columns: readonly Column[], rows: number): Uint8Array {
  const nodes = 2 ** level;
  const bits = new Uint8Array(model.trees.length * nodes * rows);
  model.trees.forEach((tree: SharedTree, t: number) => {
    const splits = new Map(tree.splits.map(({ node, split }) => [node, split]));
    const partners = "hostNodes" in tree ? new Set(tree.hostNodes) : null;
    for (let i = 0; i < nodes; i++) {
      const from = (t * nodes + i) * rows;
      const split = splits.get(nodes + i);
      if (split !== undefined) {
        const goesLeft = columnEvaluator(split, columns);
        for (let row = 0; row < rows; row++) bits[from + row] = goesLeft(row) ? 1 : 0;
      } else if (partners !== null && !partners.has(nodes + i)) bits.fill(1, from, from + rows);
    }
  });
  return bits;
}

/** Over trees, of each row. */
function summed(backend: Backend, values: Words, rows: number): Words {
  const trees = values.length / rows;
  const byRow = Uint32Array.from({ length: values.length }, (_, i) => (i % trees) * rows + Math.floor(i / trees));
  return backend.sums(backend.pick(values, byRow), trees);
}
