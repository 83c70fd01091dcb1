/**
 * Prediction, the host's side: it answers all of its splits for all rows at once and learns nothing, neither which path
 * a row takes nor a score. See predict-guest.ts.
 */
import { TomboloError } from "@tombolo/base";
import type { Peer } from "@tombolo/channel";
import { usedValues } from "../serving/form.ts";
import { checkColumns } from "./binning.ts";
import { type FlatHost, flatHost } from "./compiled.ts";
import type { predictionMessages } from "./messages.ts";
import { type HostModel, hostDigests } from "./model.ts";
import type { RowSource } from "./row-source.ts";

export interface HostPredictInput {
  readonly model: HostModel;
  /** Aligned with the guest's. */
  readonly rows: RowSource;
  readonly signal?: AbortSignal;
  /** Rows answered so far. */
  readonly onProgress?: (done: number, total: number) => void;
}

export const ANSWER_BYTES_MAX = 2 ** 24;

export type HostPredictPeer = Peer<typeof predictionMessages, "host">;

export async function predictHost(input: HostPredictInput, peer: HostPredictPeer): Promise<void> {
  const { model, rows } = input;
  const request = await peer.receive("request");
  if (request.digest !== (await hostDigests(model)).at(-1))
    throw new TomboloError("protocol.agreement", "guest and host hold parts of different models");
  if (request.rows !== rows.rowCount || request.first > rows.rowCount)
    throw new TomboloError("protocol.rows", "guest and host have different numbers of rows");
  const flat = flatHost(model);
  if (answerBytes(flat.splits.count, request.chunkRows) > ANSWER_BYTES_MAX)
    throw new TomboloError("protocol.malformed", "the guest asks for too large chunks");
  await peer.sendEach("bits", answers(input, flat, request.first, request.chunkRows));
}

export const answerBytes = (splits: number, chunkRows: number): number => splits * Math.ceil(chunkRows / 8);

/** Per chunk of rows, for each split in order of tree and node, a bit a row. */
async function* answers(
  { rows, signal, onProgress }: HostPredictInput,
  flat: FlatHost,
  first: number,
  chunkRows: number,
): AsyncIterable<Uint8Array> {
  const reached = new Uint8Array(answerBytes(flat.splits.count, chunkRows));
  let done = first;
  for await (const columns of rows.chunks(first, chunkRows)) {
    signal?.throwIfAborted();
    const count = Math.min(chunkRows, rows.rowCount - done);
    checkColumns(columns, count);
    yield chunkBits(flat, usedValues(flat.splits.columns, columns), count, reached);
    done += count;
    onProgress?.(done, rows.rowCount);
  }
}

/**
 * 1 where the row goes left, and 0 for rows that this host's own splits above already send elsewhere: what a row would
 * do there is none of the guest's business. `reached` is scratch: the rows that are not sent elsewhere, a bit a row.
 */
export function chunkBits(
  { splits, above, side }: FlatHost,
  values: readonly Float64Array[],
  count: number,
  reached: Uint8Array,
): Uint8Array {
  const width = answerBytes(1, count);
  const out = new Uint8Array(splits.count * width);
  for (let s = 0; s < splits.count; s++) {
    const left = out.subarray(s * width, (s + 1) * width);
    const here = reached.subarray(s * width, (s + 1) * width);
    const parent = above[s]!;
    if (parent < 0) here.fill(255);
    else for (let b = 0; b < width; b++) here[b] = branch(reached, out, parent * width + b, side[s]!);
    if ((count & 7) !== 0) here[width - 1]! &= (1 << (count & 7)) - 1;
    const column = values[splits.column[s]!]!;
    const table = splits.table[s]!;
    if (table >= 0) textBits(column, splits.left.subarray(table), splits.missingLeft[s]!, here, left);
    else if (splits.missingLeft[s] === 1) numberBitsMissingLeft(column, splits.threshold[s]!, here, left);
    else numberBits(column, splits.threshold[s]!, here, left);
  }
  return out;
}

/** Of eight rows that reach a split, those that take its left or right branch. */
const branch = (reached: Uint8Array, left: Uint8Array, at: number, side: number): number =>
  side === 1 ? left[at]! : reached[at]! & ~left[at]!;

/** Eight rows at a time, and none where none come. */
function numberBits(column: Float64Array, threshold: number, reached: Uint8Array, out: Uint8Array): void {
  for (let b = 0, i = 0; b < out.length; b++, i += 8) {
    if (reached[b] === 0) continue;
    let bits = 0;
    for (let k = Math.min(8, column.length - i) - 1; k >= 0; k--)
      bits = (bits << 1) | (column[i + k]! < threshold ? 1 : 0);
    out[b] = bits & reached[b]!;
  }
}

/** As above, and a missing value (NaN) is not at or above any threshold. */
function numberBitsMissingLeft(column: Float64Array, threshold: number, reached: Uint8Array, out: Uint8Array): void {
  for (let b = 0, i = 0; b < out.length; b++, i += 8) {
    if (reached[b] === 0) continue;
    let bits = 0;
    for (let k = Math.min(8, column.length - i) - 1; k >= 0; k--)
      bits = (bits << 1) | (column[i + k]! >= threshold ? 0 : 1);
    out[b] = bits & reached[b]!;
  }
}

function textBits(
  column: Float64Array,
  table: Uint8Array,
  missingLeft: number,
  reached: Uint8Array,
  out: Uint8Array,
): void {
  for (let i = 0; i < column.length; i++) {
    const code = column[i]!;
    const left = Number.isNaN(code) ? missingLeft : table[code]!;
    out[i >> 3]! |= left << (i & 7);
  }
  for (let b = 0; b < out.length; b++) out[b]! &= reached[b]!;
}
