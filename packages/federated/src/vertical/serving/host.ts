/**
 * Serving, the host's side: answers batches of ids with what it says of their rows. See guest.ts.
 */
import { concat, TomboloError } from "@tombolo/base";
import type { Peer } from "@tombolo/channel";
import { BATCH_NUMBER_BYTES, ID_BYTES, type ServingTable } from "./messages.ts";
import { idWords } from "./store.ts";

/** A host's rows: a `ServingStore`, or what looks them up elsewhere. */
export interface ServedRows {
  /** Of what is said of one row. */
  readonly partBytes: number;
  /** As `ServingStore` has it; AWAY for every id where none can be looked up. */
  answer(ids: Uint32Array, since: number, out: Uint8Array, outAt: number): Promise<void> | void;
}

export interface HostServeInput {
  /** Of the model, as the guest's part has it. */
  readonly digest: string;
  /** May change while it serves. */
  readonly store: ServedRows;
  /** Rows from before this moment, in ms since 1970, are too old. */
  readonly since: () => number;
  /** Awaited with a batch's rows before any of them is answered; rejects where they may not be. */
  readonly onBatch?: (rows: number) => Promise<void> | void;
  /** What is said of a batch's ids, which came with its number, in place of what is kept of them: for each id its byte first. */
  readonly seal?: ((ask: Uint8Array, answers: Uint8Array) => Promise<Uint8Array>) | undefined;
}

export type HostServePeer = Peer<ServingTable, "host">;

/** Resolves once the guest ends its stream. */
export async function serveHost(
  { digest, store, since, onBatch, seal }: HostServeInput,
  peer: HostServePeer,
): Promise<void> {
  if ((await peer.receive("open")).digest !== digest)
    throw new TomboloError("protocol.agreement", "guest and host hold parts of different models");
  await peer.send("opened", undefined);
  await peer.sendEach("bits", answers());

  async function* answers(): AsyncIterable<Uint8Array> {
    let batch = 0;
    for await (const ask of peer.receiveEach("ask")) {
      const idBytes = ask.length - BATCH_NUMBER_BYTES;
      if (idBytes <= 0 || idBytes % ID_BYTES !== 0 || batchNumber(ask) !== batch)
        throw new TomboloError("protocol.malformed", "the guest asks in no order, or for no whole ids");
      batch = nextBatch(batch);
      const ids = idWords(ask.subarray(BATCH_NUMBER_BYTES));
      const rows = idBytes / ID_BYTES;
      const out = new Uint8Array(BATCH_NUMBER_BYTES + rows * (1 + store.partBytes));
      out.set(ask.subarray(0, BATCH_NUMBER_BYTES));
      await onBatch?.(rows);
      await store.answer(ids, since(), out, BATCH_NUMBER_BYTES);
      if (seal === undefined) yield out;
      else yield concat(ask.subarray(0, BATCH_NUMBER_BYTES), await seal(ask, out.subarray(BATCH_NUMBER_BYTES)));
    }
  }
}

export const batchNumber = (message: Uint8Array): number =>
  new DataView(message.buffer, message.byteOffset, message.byteLength).getUint32(0, true);

export const nextBatch = (batch: number): number => (batch + 1) >>> 0;
