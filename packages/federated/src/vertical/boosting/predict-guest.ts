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
 *  1 guest -> host  request   number of rows, from which on, digest of the model
 *  2 host -> guest  bits      for each split of the host and row: left or right (2 rounds in all)
 * Chunks of rows on both sides, so memory does not grow with the table; a later attempt goes on behind the scores it has.
 *
 * Deviation: EINI hides the path from the guest too, by a ciphertext per row and leaf; that is 10^3 times the bytes.
 */
import { TomboloError } from "@tombolo/base";
import type { Peer } from "@tombolo/channel";
import { usedValues } from "../serving/form.ts";
import { checkColumns } from "./binning.ts";
import { predictionsOf } from "./classes.ts";
import { type FlatGuest, flatGuest, goesLeft, LEAF, OWN } from "./compiled.ts";
import type { Contributions } from "./contributions.ts";
import type { predictionMessages } from "./messages.ts";
import { type GuestModel, guestDigests, type RowLeaves, rowLeaves } from "./model.ts";
import { ANSWER_BYTES_MAX, answerBytes } from "./predict-host.ts";
import type { RowSource } from "./row-source.ts";

export interface GuestPredictInput {
  readonly model: GuestModel;
  readonly rows: RowSource;
  /** Rows before this one have their scores already. */
  readonly first?: number;
  /** Of this model: what moved each row's margin goes to `take`, too. */
  readonly contributions?: Contributions;
  /**
   * Takes the predictions of the next rows, in order: a number each, of several classes the probability of each. With
   * `contributions` also what each player moved each margin by: `moved` is by row, class, player.
   */
  readonly take: (scores: Float64Array, moved: Float64Array) => Promise<void>;
  readonly signal?: AbortSignal;
  /** Rows scored so far. */
  readonly onProgress?: (done: number, total: number) => void;
}

export type GuestPredictPeer = Peer<typeof predictionMessages, "guest">;

/** `peers` in the order of `model.hosts`. */
export async function predictGuest(input: GuestPredictInput, peers: readonly GuestPredictPeer[]): Promise<void> {
  const flat = flatGuest(input.model);
  await eachChunk(input, flat, peers, async (chunk) => {
    const scores = predictionsOf(input.model, chunkMargins(flat, chunk));
    await input.take(scores, chunkContributions(flat, chunk, input.contributions));
  });
}

/** By tree, the number of the leaf that each row comes to: what further trees go on from. */
export async function leavesGuest(
  input: Omit<GuestPredictInput, "take" | "first">,
  peers: readonly GuestPredictPeer[],
): Promise<RowLeaves[]> {
  const flat = flatGuest(input.model);
  const leaves = input.model.trees.map((tree) => rowLeaves(tree.leaves, input.rows.rowCount));
  await eachChunk(input, flat, peers, async (chunk) => {
    eachLeaf(flat, chunk, (tree, row, node) => {
      leaves[tree]![chunk.first + row] = flat.id[node]!;
    });
  });
  return leaves;
}

interface Chunk {
  readonly first: number;
  readonly count: number;
  /** By used column. */
  readonly values: readonly Float64Array[];
  /** By host. */
  readonly bits: readonly Uint8Array[];
}

async function eachChunk(
  input: Omit<GuestPredictInput, "take">,
  flat: FlatGuest,
  peers: readonly GuestPredictPeer[],
  take: (chunk: Chunk) => Promise<void>,
): Promise<void> {
  const { model, rows, first = 0 } = input;
  if (peers.length !== model.hosts.length) {
    const remedy = `Score with these parties: ${model.hosts.join(", ")}.`;
    throw new TomboloError("input.model", "the model was trained with other parties", { remedy });
  }
  const chunkRows = chunkRowsFor(Math.max(0, ...flat.hostSplits));
  const answers = await Promise.all(
    peers.map(async (peer, host) => {
      const digest = (await guestDigests(model, host)).at(-1)!;
      await peer.send("request", { rows: rows.rowCount, first, chunkRows, digest });
      return peer.receiveEach("bits")[Symbol.asyncIterator]();
    }),
  );
  let done = first;
  for await (const columns of rows.chunks(first, chunkRows)) {
    input.signal?.throwIfAborted();
    const count = Math.min(chunkRows, rows.rowCount - done);
    checkColumns(columns, count);
    const bits = await Promise.all(
      answers.map(async (answer, host) => nextBits(await answer.next(), flat.hostSplits[host]!, count)),
    );
    await take({ first: done, count, values: usedValues(flat.splits.columns, columns), bits });
    done += count;
    input.onProgress?.(done, rows.rowCount);
  }
  for (const answer of answers)
    if (!(await answer.next()).done)
      throw new TomboloError("protocol.malformed", "a host answers for rows that were not asked");
}

const CHUNK_ROWS_MAX = 8192;

function chunkRowsFor(splits: number): number {
  let rows = CHUNK_ROWS_MAX;
  while (rows > 8 && answerBytes(splits, rows) > ANSWER_BYTES_MAX) rows /= 2;
  return rows;
}

/** A run of bits a split, a bit a row; spare bits must be zero. */
function nextBits(answer: IteratorResult<Uint8Array>, splits: number, count: number): Uint8Array {
  if (answer.done === true || answer.value.length !== answerBytes(splits, count))
    throw new TomboloError("protocol.malformed", "a host's answer has a wrong length");
  const width = answerBytes(1, count);
  if ((count & 7) !== 0)
    for (let last = width - 1; last < answer.value.length; last += width)
      if (answer.value[last]! >> (count & 7) !== 0)
        throw new TomboloError("protocol.malformed", "spare branch bits are set");
  return answer.value;
}

/** By output. Tree by tree, so that a row's weights are added in the order of the trees. */
function chunkMargins(flat: FlatGuest, chunk: Chunk): Float64Array[] {
  const margins = Array.from({ length: flat.outputs }, () => new Float64Array(chunk.count).fill(flat.baseMargin));
  eachLeaf(flat, chunk, (tree, row, node) => {
    margins[tree % flat.outputs]![row]! += flat.weight[node]!;
  });
  return margins;
}

function chunkContributions(flat: FlatGuest, chunk: Chunk, contributions: Contributions | undefined): Float64Array {
  if (contributions === undefined) return new Float64Array(0);
  const { owner, split, splits, outputs, roots } = flat;
  const { count, values, bits } = chunk;
  const width = answerBytes(1, count);
  const players = contributions.players.length;
  const moved = new Float64Array(count * outputs * players);
  let row = 0;
  const goes = (node: number): boolean => {
    const s = split[node]!;
    if (owner[node] === OWN) return goesLeft(splits, s, values[splits.column[s]!]![row]!);
    return ((bits[owner[node]!]![s * width + (row >> 3)]! >> (row & 7)) & 1) === 1;
  };
  for (; row < count; row++)
    for (let tree = 0; tree < roots.length; tree++)
      contributions.add(tree, goes, moved, (row * outputs + (tree % outputs)) * players);
  return moved;
}

/** Of every tree and row the leaf, as its place among the nodes. */
function eachLeaf(
  { owner, split, left, right, splits, roots }: FlatGuest,
  { count, values, bits }: Chunk,
  take: (tree: number, row: number, node: number) => void,
): void {
  const width = answerBytes(1, count);
  for (let tree = 0; tree < roots.length; tree++)
    for (let row = 0; row < count; row++) {
      let node = roots[tree]!;
      for (let who = owner[node]!; who !== LEAF; who = owner[node]!) {
        const s = split[node]!;
        const goes =
          who === OWN
            ? goesLeft(splits, s, values[splits.column[s]!]![row]!)
            : ((bits[who]![s * width + (row >> 3)]! >> (row & 7)) & 1) === 1;
        node = goes ? left[node]! : right[node]!;
      }
      take(tree, row, node);
    }
}
