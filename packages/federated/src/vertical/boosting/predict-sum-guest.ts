/**
 * Prediction that tells totals only, the guest's side.
 *
 * Goal: each row's total of leaf weights, to the guest, and nothing of the row's leaves or branches.
 * Papers: Gilboa (CRYPTO 1999, section 4): a bit of one times a number of the other from one oblivious transfer; transfers
 * by Roy (SoftSpokenOT, CRYPTO 2022). The total as a sum over the host's bits: totals.ts.
 *
 * Learns: guest - of each row the sum of the weights of its leaves (of several classes one a class), rounded to 21 bits; with its
 * own branches and weights it may find which leaves go with the sum: fewer than 21 bits a row, where branches have one a split.
 * host - the number of rows, how many totals each has. Neither a path nor a score.
 * Must not learn: guest - a branch, but for what the total tells; host - anything of a row.
 * Adversary: semi-honest, one of the two. A guest that sends other numbers than the model's reads up to 32 bits of its choice of
 * each row's branches; so does one that scores the same rows again with other values of its own columns and subtracts.
 * A cheating host can make totals wrong; transfers are not checked for one choice each, so that some 2^64 steps may tell it their secret, and with
 * it the guest's numbers. Assumptions and level: those of the transfers, 128 bits.
 * One host: with several, a leaf takes a product of bits of different owners.
 *
 *  1 guest -> host  sumRequest     number of rows, from which on, rows at a time, totals of a row, digest of the model
 *  2 both           transfers      set-up, once (3 rounds)
 *  for each chunk of rows, a transfer for each split of the host and row
 *  3 host -> guest  transfers; sumChoices: whether the row's bit is the transfer's random choice
 *  4 guest -> host  sumCorrections p_0 - p_1 + c, of the transfer's keys p and the number c that the bit is multiplied with
 *  5 host -> guest  sumMasked      sum over the host's splits of (p_0 + bit * c), modulo 2^32, for each row; the guest knows the sum of p_0
 *
 * Rounds: 6 and 2 a chunk at most. Bytes of a row and split: 3.9 and 1/8 to the guest, 4 to the host; 4 a row and total.
 * Not constant-time: the guest walks its own branches, the host its own bits; neither's time is seen by the other beyond a chunk's.
 */
import { discard, type Secrets, TomboloError } from "@tombolo/base";
import type { Peer } from "@tombolo/channel";
import { type OtSender, otSender } from "@tombolo/protocols/oblivious-transfer/softspoken";
import { usedValues } from "../serving/form.ts";
import { checkColumns } from "./binning.ts";
import { predictionsOf } from "./classes.ts";
import { flatGuest } from "./compiled.ts";
import type { scoringMessages } from "./messages.ts";
import { guestDigests } from "./model.ts";
import type { GuestPredictInput } from "./predict-guest.ts";
import { linearForm, roundedWeights } from "./totals.ts";

export type GuestSumPeer = Peer<typeof scoringMessages, "guest">;

export type GuestSumInput = Omit<GuestPredictInput, "contributions" | "take"> & {
  readonly take: (scores: Float64Array) => Promise<void>;
  readonly secrets: Secrets;
};

/** Transfers of a chunk, and rows. */
const CHUNK_TRANSFERS = 2 ** 18;
const CHUNK_ROWS_MAX = 8192;
export const SUM_OPTIONS = { label: "boosting/sum", adversary: "semi-honest" } as const;

/** Throws `input.model` for models of several hosts, or of too many splits. */
export async function predictSumGuest(input: GuestSumInput, [peer, ...others]: readonly GuestSumPeer[]): Promise<void> {
  const { model, rows, first = 0, signal, take, secrets } = input;
  const flat = flatGuest(model);
  if (peer === undefined || others.length > 0 || model.hosts.length !== 1)
    throw new TomboloError("input.model", "totals alone are told of models with one host", {
      remedy: "Let branches be told (output: branches), or train with one host.",
    });
  const splits = flat.hostSplits[0]!;
  if (8 * splits > CHUNK_TRANSFERS)
    throw new TomboloError("input.model", `the host has more than ${CHUNK_TRANSFERS / 8} splits`, {
      remedy: "Train fewer trees, or let branches be told (output: branches).",
    });
  const rounded = roundedWeights(flat);
  const chunkRows = Math.min(CHUNK_ROWS_MAX, 8 * Math.floor(CHUNK_TRANSFERS / 8 / Math.max(1, splits)));
  const digest = (await guestDigests(model, 0)).at(-1)!;
  await peer.send("sumRequest", { rows: rows.rowCount, first, chunkRows, outputs: flat.outputs, digest }); // 1
  const transfers =
    splits === 0 || first === rows.rowCount ? null : await otSender(undefined, peer, { ...SUM_OPTIONS, secrets }); // 2
  let done = first;
  for await (const columns of rows.chunks(first, chunkRows)) {
    signal?.throwIfAborted();
    const count = Math.min(chunkRows, rows.rowCount - done);
    checkColumns(columns, count);
    const stride = 8 * Math.ceil(count / 8);
    const values = usedValues(flat.splits.columns, columns);
    const { coefficients, constants } = linearForm(flat, rounded, values, count, stride);
    if (transfers !== null)
      await addSums({ transfers, peer, coefficients, stride, treeOf: flat.hostTrees[0]! }, constants);
    const margins = constants.map((totals) =>
      Float64Array.from(totals, (total) => flat.baseMargin + total * rounded.unit),
    );
    await take(predictionsOf(model, margins));
    done += count;
    input.onProgress?.(done, rows.rowCount);
  }
}

interface Chunk {
  readonly transfers: OtSender;
  readonly peer: GuestSumPeer;
  readonly coefficients: Int32Array;
  readonly stride: number;
  /** By split of the host: the number of its tree. */
  readonly treeOf: Int32Array;
}

/** Steps 3 to 5: adds the sum over the host's bits times coefficients to each row's totals. */
async function addSums(
  { transfers, peer, coefficients, stride, treeOf }: Chunk,
  totals: readonly Int32Array[],
): Promise<void> {
  const count = coefficients.length;
  const kept = await transfers.bulk(count, { kind: "words" });
  const swaps = await peer.receive("sumChoices"); // 3
  if (swaps.length !== count / 8) throw wrongSize(peer.party);
  const keys = new Uint32Array(kept.buffer, kept.byteOffset, kept.byteLength / 4);
  const corrections = new Uint32Array(count);
  for (let s = 0; s < treeOf.length; s++) {
    const own = totals[treeOf[s]! % totals.length]!;
    // Rows beyond the last have key and coefficient, too: nothing is added up of them.
    for (let row = 0; row < stride; row++) {
      const at = s * stride + row;
      const swapped = (swaps[at >> 3]! >> (at & 7)) & 1;
      const p0 = keys[2 * (at + swapped * count)]!;
      corrections[at] = p0 - keys[2 * (at + (1 - swapped) * count)]! + coefficients[at]!; // p_0 - p_1 + c
      if (row < own.length) own[row] = own[row]! - p0;
    }
  }
  discard(kept);
  await peer.send("sumCorrections", corrections); // 4
  const masked = await peer.receive("sumMasked"); // 5
  const rows = totals[0]!.length;
  if (masked.length !== rows * totals.length) throw wrongSize(peer.party);
  totals.forEach((own, output) => {
    for (let row = 0; row < rows; row++) own[row] = own[row]! + masked[output * rows + row]!;
  });
}

const wrongSize = (blame: string): TomboloError =>
  new TomboloError("protocol.malformed", "a host's answer has a wrong length", { blame });
