/** Who has the small table: goal, messages and guarantees are in guest.ts. */
import { type Secrets, TomboloError } from "@tombolo/base";
import type { Peer } from "@tombolo/channel";
import { baseOtSender } from "../../oblivious-transfer/base/index.ts";
import { CHUNK_BYTES, type messages, ROWS_MAX, TABLE_BYTES_MAX } from "./messages.ts";
import { BIT_KEY_BYTES, masked, rowKeys, sessionOf } from "./steps.ts";

/** Rows of `width` bytes each, side by side; hands one of them over, and does not learn which. */
export async function host(
  rows: Uint8Array,
  width: number,
  peer: Peer<typeof messages, "host">,
  secrets: Secrets,
  run = 0,
): Promise<void> {
  const count = rows.length / width;
  if (!Number.isInteger(count) || count < 1) throw new RangeError("not a whole number of rows");
  if (count > ROWS_MAX || rows.length > TABLE_BYTES_MAX)
    throw new TomboloError("input.rows", `a small table has ${ROWS_MAX} rows and ${TABLE_BYTES_MAX} bytes at most`, {
      remedy: "Use hidden retrieval or a catalogue for a table of this size.",
    });
  await peer.send("sizes", Uint32Array.of(count, width)); // 1
  const session = await sessionOf(peer.binding, run);
  const sides = await baseOtSender(peer, { session, secrets }); // 2, 3
  const keyAt = (bit: number, side: number): Uint8Array =>
    sides[side]!.subarray(bit * BIT_KEY_BYTES, (bit + 1) * BIT_KEY_BYTES);
  await peer.sendEach(
    "rows",
    sealed(rows, width, (numbers) => rowKeys(numbers, count, session, keyAt)),
  ); // 4
}

async function* sealed(
  rows: Uint8Array,
  width: number,
  keysOf: (numbers: Uint32Array) => Promise<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const together = Math.max(1, Math.floor(CHUNK_BYTES / width));
  for (let from = 0; from * width < rows.length; from += together) {
    const part = rows.subarray(from * width, (from + together) * width);
    const numbers = Uint32Array.from({ length: part.length / width }, (_, i) => from + i);
    yield masked(part, width, await keysOf(numbers));
  }
}
