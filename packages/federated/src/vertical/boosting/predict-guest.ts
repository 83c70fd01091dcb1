/**
 * Prediction, the guest's side.
 *
 * Goal: scores of aligned rows from model parts that stay apart, in one round for any number of rows and trees.
 * After the paths-at-once idea of EINI (Chen et al., "Federated Inference with Interpretability", arXiv 2105.09540):
 * each host marks at all its splits where rows go, the guest follows the one path that fits.
 *
 * Learns: guest - of each row the branch at each split of a host that the host's own splits above leave open, so also
 * at some splits off the row's path; from them the row's leaf in every tree.
 * host - the number of rows scored. Not which path a row takes, nor its score.
 * Must not learn: thresholds, columns' names and values of the other side.
 * Adversary: semi-honest. A cheating host can make scores wrong, and only that.
 *
 *  1 guest -> host  request   number of rows, digest of the model
 *  2 host -> guest  bits      for each split of the host and row: left or right (2 rounds in all)
 *
 * Deviation: EINI hides the path from the guest too, by a ciphertext per row and leaf; that is 10^3 times the bytes.
 */
import { type Column, TomboloError } from "@tombolo/base";
import type { Peer } from "@tombolo/channel";
import { checkColumns } from "./binning.ts";
import { columnEvaluator } from "./evaluate-split.ts";
import type { predictionMessages } from "./messages.ts";
import { type GuestModel, type GuestTree, guestDigests, hostNodes } from "./model.ts";
import { predictionOf } from "./objective.ts";
import { ANSWER_BYTES_MAX, answerBytes } from "./predict-host.ts";
import { unpackBits } from "./wire.ts";

export interface GuestPredictInput {
  readonly model: GuestModel;
  readonly columns: readonly Column[];
  readonly rowCount: number;
  readonly signal?: AbortSignal;
  /** Rows scored so far. */
  readonly onProgress?: (done: number, total: number) => void;
}

export type GuestPredictPeer = Peer<typeof predictionMessages, "guest">;

/** Probabilities of a binary objective, values of a regression. `peers` in the order of `model.hosts`. */
export async function predictGuest(
  input: GuestPredictInput,
  peers: readonly GuestPredictPeer[],
): Promise<Float64Array> {
  const { model, rowCount, columns } = input;
  if (peers.length !== model.hosts.length) {
    const remedy = `Score with these parties: ${model.hosts.join(", ")}.`;
    throw new TomboloError("input.model", "the model was trained with other parties", { remedy });
  }
  checkColumns(columns, rowCount);
  const splitsOf = peers.map((_, host) => model.trees.reduce((sum, tree) => sum + hostNodes(tree, host).length, 0));
  const chunkRows = chunkRowsFor(Math.max(0, ...splitsOf));
  const answers = await Promise.all(
    peers.map(async (peer, host) => {
      const digest = (await guestDigests(model, host)).at(-1)!;
      await peer.send("request", { rows: rowCount, chunkRows, digest });
      return peer.receiveEach("bits")[Symbol.asyncIterator]();
    }),
  );
  const margins = new Float64Array(rowCount);
  const walks = model.trees.map((tree) => treeWalk(tree, columns));
  for (let first = 0; first < rowCount; first += chunkRows) {
    input.signal?.throwIfAborted();
    const count = Math.min(chunkRows, rowCount - first);
    const bits = await Promise.all(
      answers.map(async (answer, host) => nextBits(await answer.next(), model, host, splitsOf[host]!, count)),
    );
    margins.set(chunkMargins(model, walks, bits, first, count), first);
    input.onProgress?.(first + count, rowCount);
  }
  for (const answer of answers)
    if (!(await answer.next()).done)
      throw new TomboloError("protocol.malformed", "a host answers for rows that were not asked");
  return margins.map((margin) => predictionOf(model.objective, margin));
}

const CHUNK_ROWS_MAX = 8192;

function chunkRowsFor(splits: number): number {
  let rows = CHUNK_ROWS_MAX;
  while (rows > 8 && answerBytes(splits, rows) > ANSWER_BYTES_MAX) rows /= 2;
  return rows;
}

/** By tree and node, the bits of one host for one chunk. */
type ChunkBits = readonly ReadonlyMap<number, Uint8Array>[];

function nextBits(
  answer: IteratorResult<Uint8Array>,
  model: GuestModel,
  host: number,
  splits: number,
  count: number,
): ChunkBits {
  if (answer.done === true || answer.value.length !== answerBytes(splits, count))
    throw new TomboloError("protocol.malformed", "a host's answer has a wrong length");
  const width = Math.ceil(count / 8);
  let split = 0;
  return model.trees.map((tree) => {
    const nodes = hostNodes(tree, host).sort((a, b) => a - b);
    const bytesOf = (at: number): Uint8Array => answer.value.subarray(at * width, (at + 1) * width);
    return new Map(nodes.map((node) => [node, unpackBits(bytesOf(split++), count)]));
  });
}

interface TreeWalk {
  readonly own: ReadonlyMap<number, (row: number) => boolean>;
  readonly owners: ReadonlyMap<number, number>;
  readonly weights: ReadonlyMap<number, number>;
}

function treeWalk({ splits, leaves }: GuestTree, columns: readonly Column[]): TreeWalk {
  const own = splits.flatMap((split) =>
    split.owner === "guest" ? [[split.node, columnEvaluator(split.split, columns)] as const] : [],
  );
  const owners = splits.flatMap((split) => (split.owner === "guest" ? [] : [[split.node, split.owner] as const]));
  return {
    own: new Map(own),
    owners: new Map(owners),
    weights: new Map(leaves.map(({ node, weight }) => [node, weight])),
  };
}

function chunkMargins(
  model: GuestModel,
  walks: readonly TreeWalk[],
  bits: readonly ChunkBits[],
  first: number,
  count: number,
): Float64Array {
  const margins = new Float64Array(count).fill(model.baseMargin);
  walks.forEach((walk, t) => {
    const hostBits = new Map([...walk.owners].map(([node, owner]) => [node, bits[owner]![t]!.get(node)!]));
    for (let i = 0; i < count; i++) margins[i]! += leafOf(walk, hostBits, first, i);
  });
  return margins;
}

/** Trees are checked to be whole (`checkGuestModel`), so the walk ends in a leaf. */
function leafOf(
  { own, weights }: TreeWalk,
  hostBits: ReadonlyMap<number, Uint8Array>,
  first: number,
  i: number,
): number {
  for (let node = 1; ; ) {
    const weight = weights.get(node);
    if (weight !== undefined) return weight;
    const goesLeft = hostBits.get(node)?.[i] === 1 || own.get(node)?.(first + i) === true;
    node = 2 * node + (goesLeft ? 0 : 1);
  }
}
