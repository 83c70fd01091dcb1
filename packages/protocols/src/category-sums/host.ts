/** Who has the columns: goal, messages and guarantees are in guest.ts. */
import { discard, type Secrets } from "@tombolo/base";
import type { Peer } from "@tombolo/channel";
import { addToBins, ELGAMAL_CIPHERTEXT_BYTES, emptySums, releaseSums } from "@tombolo/crypto";
import { blaming, wrongCount } from "../ciphertexts.ts";
import { onPoints } from "../on-points.ts";
import { binsOf, type CategoryColumn, encodeLayout, layoutOf, STAGE } from "./layout.ts";
import { AT_ONCE, type messages } from "./messages.ts";

export type HostPeer = Peer<typeof messages, "host">;

export interface HostOptions {
  /** Of the aligned table. */
  readonly rows: number;
  readonly secrets: Secrets;
  /** A column with a bin of fewer rows, but not none, is not answered: `input.minimum-rows` before anything is sent. */
  readonly minimumRows: number;
  /** Share of rows summed, 0 to 1. */
  readonly progress?: (share: number) => void;
}

/** Rows that are added up in one go: tables of partial sums are made for each. */
const BLOCK_ROWS = 2 ** 18;

/** Columns in an order the guest may know them by; codes of every row. */
export async function host(columns: readonly CategoryColumn[], peer: HostPeer, options: HostOptions): Promise<void> {
  const { rows, secrets, minimumRows } = options;
  const layout = layoutOf(columns, rows, minimumRows);
  await peer.send("categoryRows", encodeLayout(layout, rows)); // 1
  const publicKey = await peer.receive("categoryKey"); // 2
  const bins = binsOf(layout);
  const sums = emptySums(bins.reduce((sum, count) => sum + count, 0));
  let done = 0;
  for await (const block of blocks(peer, rows)) {
    const at = done;
    done += block.length / ELGAMAL_CIPHERTEXT_BYTES;
    await onPoints(STAGE, peer.party, at, () => addToBins(sums, block, codesOf(columns, at, done), bins)); // 3
    options.progress?.(done / rows);
  }
  const released = await blaming(peer.party, () => releaseSums(sums, publicKey, secrets));
  await peer.sendEach("categorySums", chunksOf(released)); // 4
}

/** The guest's ciphertexts, `BLOCK_ROWS` at a time; the memory of a block is used again for the next. */
async function* blocks(peer: HostPeer, rows: number): AsyncGenerator<Uint8Array> {
  const block = new Uint8Array(Math.min(BLOCK_ROWS, rows) * ELGAMAL_CIPHERTEXT_BYTES);
  let [filled, left] = [0, rows * ELGAMAL_CIPHERTEXT_BYTES];
  for await (const chunk of peer.receiveEach("categoryLabels")) {
    if (chunk.length === 0 || chunk.length > left) throw wrongCount(peer.party);
    left -= chunk.length;
    for (let rest = chunk; rest.length > 0; ) {
      const part = rest.subarray(0, block.length - filled);
      block.set(part, filled);
      filled += part.length;
      rest = rest.subarray(part.length);
      if (filled < block.length) continue;
      yield block;
      filled = 0;
    }
  }
  if (left !== 0) throw wrongCount(peer.party);
  if (filled > 0) yield block.subarray(0, filled);
  discard(block);
}

/** Of those rows, column after column. */
function codesOf(columns: readonly CategoryColumn[], from: number, to: number): Uint16Array {
  const out = new Uint16Array(columns.length * (to - from));
  columns.forEach(({ codes }, column) => {
    out.set(codes.subarray(from, to), column * (to - from));
  });
  return out;
}

function* chunksOf(bytes: Uint8Array): Generator<Uint8Array> {
  const width = AT_ONCE * ELGAMAL_CIPHERTEXT_BYTES;
  for (let at = 0; at < bytes.length; at += width) yield bytes.subarray(at, at + width);
}
