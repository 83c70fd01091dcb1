/**
 * Prediction, the host's side: it answers all of its splits for all rows at once and learns nothing, neither which path
 * a row takes nor a score. See predict-guest.ts.
 */
import { type Column, TomboloError } from "@tombolo/base";
import type { Peer } from "@tombolo/channel";
import { checkColumns } from "./binning.ts";
import { columnEvaluator } from "./evaluate-split.ts";
import type { predictionMessages } from "./messages.ts";
import { type HostModel, type HostTree, hostDigests } from "./model.ts";
import { packBits } from "./wire.ts";

export interface HostPredictInput {
  readonly model: HostModel;
  /** Rows aligned with the guest's. */
  readonly columns: readonly Column[];
  readonly rowCount: number;
  readonly signal?: AbortSignal;
  /** Rows answered so far. */
  readonly onProgress?: (done: number, total: number) => void;
}

export const ANSWER_BYTES_MAX = 2 ** 24;

export async function predictHost(
  input: HostPredictInput,
  peer: Peer<typeof predictionMessages, "host">,
): Promise<void> {
  const { model, columns, rowCount } = input;
  checkColumns(columns, rowCount);
  const request = await peer.receive("request");
  if (request.digest !== (await hostDigests(model)).at(-1))
    throw new TomboloError("protocol.agreement", "guest and host hold parts of different models");
  if (request.rows !== rowCount)
    throw new TomboloError("protocol.rows", "guest and host have different numbers of rows");
  const splitCount = model.trees.reduce((sum, tree) => sum + tree.splits.length, 0);
  if (answerBytes(splitCount, request.chunkRows) > ANSWER_BYTES_MAX)
    throw new TomboloError("protocol.malformed", "the guest asks for too large chunks");
  await peer.sendEach("bits", answers(input, request.chunkRows));
}

export const answerBytes = (splits: number, chunkRows: number): number => splits * Math.ceil(chunkRows / 8);

/** Per chunk of rows, for each split in order of tree and node, a bit a row. */
function* answers(input: HostPredictInput, chunkRows: number): Iterable<Uint8Array> {
  const trees = input.model.trees.map((tree) => evaluators(tree, input.columns));
  for (let first = 0; first < input.rowCount; first += chunkRows) {
    input.signal?.throwIfAborted();
    const count = Math.min(chunkRows, input.rowCount - first);
    const parts = trees.flatMap((tree) => openBits(tree, first, count).map(packBits));
    const bytes = new Uint8Array(answerBytes(parts.length, count));
    parts.forEach((part, i) => {
      bytes.set(part, i * part.length);
    });
    yield bytes;
    input.onProgress?.(first + count, input.rowCount);
  }
}

type Evaluators = ReadonlyMap<number, (row: number) => boolean>;

/** By node, ascending. */
const evaluators = ({ splits }: HostTree, columns: readonly Column[]): Evaluators =>
  new Map(
    [...splits].sort((a, b) => a.node - b.node).map(({ node, split }) => [node, columnEvaluator(split, columns)]),
  );

/**
 * 1 where the row goes left, and 0 for rows that this host's own splits above already send elsewhere: what a row would
 * do there is none of the guest's business.
 */
function openBits(tree: Evaluators, first: number, count: number): Uint8Array[] {
  const byNode = new Map<number, { reached: Uint8Array; left: Uint8Array }>();
  for (const [node, goesLeft] of tree) {
    const reached = reachedRows(node, byNode, count);
    const left = reached.map((here, i) => (here === 1 && goesLeft(first + i) ? 1 : 0));
    byNode.set(node, { reached, left });
  }
  return [...byNode.values()].map(({ left }) => left);
}

/** Rows that this host's splits above, as far as there are any, leave open for the node. */
function reachedRows(
  node: number,
  above: ReadonlyMap<number, { reached: Uint8Array; left: Uint8Array }>,
  count: number,
): Uint8Array {
  for (let child = node; child > 1; child >>= 1) {
    const parent = above.get(child >> 1);
    if (parent === undefined) continue;
    const side = (child & 1) === 0 ? 1 : 0;
    return parent.reached.map((here, i) => (here === 1 && parent.left[i] === side ? 1 : 0));
  }
  return new Uint8Array(count).fill(1);
}
