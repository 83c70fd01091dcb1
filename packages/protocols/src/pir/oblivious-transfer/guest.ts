/**
 * One row of a small table at the host, which does not learn which; and nothing of the others.
 *
 * Paper: Naor, Pinkas, "Oblivious transfer and polynomial evaluation", STOC 1999 (1-of-n from log n transfers of 1-of-2), over the base
 * transfers of `oblivious-transfer/base` (Masny, Rindal, CCS 2019).
 *
 * 1. host -> guest: rows and bytes a row.   2., 3. 128 base transfers, of which the first log2(n) are used: for each bit of a row's
 * number two keys, of which the guest gets that of its row's bit.
 * 4. host -> guest: all rows; row i under SHA-256(session ‖ i ‖ the key of each bit of i). The guest knows all keys of one row alone.
 *
 * Learns. Guest: the row it chose, and the table's sizes. Host: nothing, but that a row was chosen.
 * Adversary: malicious guest (a row whose keys it lacks one of is random to it: random oracle). Host: learns nothing however it
 * departs; nothing proves what it puts into a row, and it may make rows fail of which it then sees who complains.
 * A run's keys are for that run: one row each. More rows of a session are as many runs, numbered.
 *
 * Rounds: 4. Bytes: 8 and 4096 and the table to the guest, 8192 to the host.
 */
import { type Secrets, TomboloError } from "@tombolo/base";
import type { Peer } from "@tombolo/channel";
import { baseOtReceiver } from "../../oblivious-transfer/base/index.ts";
import { type messages, ROWS_MAX, TABLE_BYTES_MAX } from "./messages.ts";
import { BIT_KEY_BYTES, choicesOf, masked, refused, rowKeys, STAGE, sessionOf } from "./steps.ts";

export interface ChooseOptions {
  readonly secrets: Secrets;
  /** A larger table is refused before a row is chosen. */
  readonly bytesMax: number;
  /** Which row of the session this is, from 0; both sides name the same. */
  readonly run?: number;
}

/** Row `row`, counted from 0. Throws `input.row` if the table has none of that number. */
export async function guest(
  row: number,
  peer: Peer<typeof messages, "guest">,
  { secrets, bytesMax, run = 0 }: ChooseOptions,
): Promise<Uint8Array> {
  const sizes = await peer.receive("sizes"); // 1
  const [count = 0, width = 0] = sizes;
  if (sizes.length !== 2 || count < 1 || count > ROWS_MAX || width < 1)
    throw refused("malformed", "the partner's table has impossible sizes", peer.party);
  if (count * width > Math.min(bytesMax, TABLE_BYTES_MAX))
    throw refused("size", "the partner's table is larger than agreed", peer.party);
  if (!Number.isInteger(row) || row < 0 || row >= count)
    throw new TomboloError("input.row", "the partner's table has no row of this number", { stage: STAGE });
  const session = await sessionOf(peer.binding, run);
  const keys = await baseOtReceiver(choicesOf(row, count), peer, { session, secrets }); // 2, 3
  const sealed = await rowFrom(peer, row, count, width); // 4
  const keyAt = (bit: number): Uint8Array => keys.subarray(bit * BIT_KEY_BYTES, (bit + 1) * BIT_KEY_BYTES);
  return masked(sealed, width, await rowKeys(Uint32Array.of(row), count, session, keyAt));
}

/** All rows come by; one is kept. */
async function rowFrom(
  peer: Peer<typeof messages, "guest">,
  row: number,
  count: number,
  width: number,
): Promise<Uint8Array> {
  const kept = new Uint8Array(width);
  let done = 0;
  for await (const part of peer.receiveEach("rows")) {
    if (part.length === 0 || part.length % width !== 0 || done + part.length > count * width)
      throw wrongSize(peer.party);
    const at = row * width - done;
    if (at >= 0 && at < part.length) kept.set(part.subarray(at, at + width));
    done += part.length;
  }
  if (done !== count * width) throw wrongSize(peer.party);
  return kept;
}

const wrongSize = (party: string): TomboloError => refused("size", "the partner sent another number of rows", party);
