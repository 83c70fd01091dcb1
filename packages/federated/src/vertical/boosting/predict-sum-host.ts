/** Prediction that tells totals only, the host's side: it learns how many rows are scored. See predict-sum-guest.ts. */
import { discard, type Secrets, TomboloError } from "@tombolo/base";
import type { Peer } from "@tombolo/channel";
import { type OtReceiver, otReceiver } from "@tombolo/protocols/oblivious-transfer/softspoken";
import { usedValues } from "../serving/form.ts";
import { checkColumns } from "./binning.ts";
import { flatHost } from "./compiled.ts";
import type { scoringMessages } from "./messages.ts";
import { hostDigests } from "./model.ts";
import { answerBytes, chunkBits, type HostPredictInput } from "./predict-host.ts";
import { SUM_OPTIONS } from "./predict-sum-guest.ts";

export type HostSumPeer = Peer<typeof scoringMessages, "host">;

export type HostSumInput = HostPredictInput & {
  /** Margins that a row has: one, or one a class. */
  readonly outputs: number;
  readonly secrets: Secrets;
};

/** Of a chunk, as many as a run of transfers makes at once. */
const TRANSFERS_MAX = 2 ** 19;

export async function predictSumHost(input: HostSumInput, peer: HostSumPeer): Promise<void> {
  const { model, rows, outputs, secrets, signal } = input;
  const request = await peer.receive("sumRequest"); // 1
  if (request.digest !== (await hostDigests(model)).at(-1))
    throw new TomboloError("protocol.agreement", "guest and host hold parts of different models");
  if (request.rows !== rows.rowCount || request.first > rows.rowCount)
    throw new TomboloError("protocol.rows", "guest and host have different numbers of rows");
  if (request.outputs !== outputs)
    throw new TomboloError("protocol.agreement", "guest and host do not agree how many totals a row has");
  const flat = flatHost(model);
  const { count: splits } = flat.splits;
  const { chunkRows, first } = request;
  if (chunkRows % 8 !== 0 || splits * chunkRows > TRANSFERS_MAX)
    throw new TomboloError("protocol.malformed", "the guest asks for chunks of a wrong size");
  if (splits === 0 || first === rows.rowCount) return;
  const transfers = await otReceiver(peer, { ...SUM_OPTIONS, secrets }); // 2
  const reached = new Uint8Array(answerBytes(splits, chunkRows));
  let done = first;
  for await (const columns of rows.chunks(first, chunkRows)) {
    signal?.throwIfAborted();
    const count = Math.min(chunkRows, rows.rowCount - done);
    checkColumns(columns, count);
    const bits = chunkBits(flat, usedValues(flat.splits.columns, columns), count, reached);
    await answerSums({ transfers, peer, bits, splits, treeOf: flat.tree, outputs }, count);
    done += count;
    input.onProgress?.(done, rows.rowCount);
  }
}

interface Chunk {
  readonly transfers: OtReceiver;
  readonly peer: HostSumPeer;
  /** As `chunkBits` gives them: whole bytes a split. */
  readonly bits: Uint8Array;
  readonly splits: number;
  /** By split: its tree's number. */
  readonly treeOf: Int32Array;
  readonly outputs: number;
}

/** Steps 3 to 5. */
async function answerSums({ transfers, peer, bits, splits, treeOf, outputs }: Chunk, rows: number): Promise<void> {
  const count = 8 * bits.length;
  const { choices, kept } = await transfers.bulk(count, { kind: "words" });
  await peer.send(
    "sumChoices",
    bits.map((byte, i) => byte ^ choices[i]!),
  ); // 3
  const corrections = await peer.receive("sumCorrections"); // 4
  if (corrections.length !== count)
    throw new TomboloError("protocol.malformed", "the guest sends a wrong number of corrections", {
      blame: peer.party,
    });
  const keys = new Uint32Array(kept.buffer, kept.byteOffset, kept.byteLength / 4);
  const sums = new Uint32Array(outputs * rows);
  const stride = count / splits;
  for (let s = 0; s < splits; s++) {
    const to = (treeOf[s]! % outputs) * rows;
    for (let row = 0; row < rows; row++) {
      const at = s * stride + row;
      const bit = (bits[at >> 3]! >> (at & 7)) & 1;
      sums[to + row] = sums[to + row]! + keys[2 * at]! + (corrections[at]! & -bit); // p_0 + bit * c
    }
  }
  discard(kept, corrections);
  await peer.send("sumMasked", sums); // 5
}
