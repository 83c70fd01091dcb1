/** The sender's part of the oblivious function: goal, messages and guarantees are in receiver.ts. */

import type { Secrets } from "@tombolo/base";
import { BLOCK_BYTES, okvsPlace } from "@tombolo/crypto";
import { type VoleSenderPeer, voleSender } from "../vole/index.ts";
import { CHUNK_BYTES } from "./messages.ts";
import {
  cut,
  evaluateTable,
  forDecoding,
  layoutFor,
  mapped,
  type OprfOptions,
  outputs,
  refusedTable,
  voleOptions,
} from "./steps.ts";

export interface OprfSenderPeer extends VoleSenderPeer {
  receive(name: "oprfSeed" | "baseOtKeys" | "otTrees" | "voleCheck"): Promise<Uint8Array>;
  receiveEach(name: "oprfTable" | "otCorrections"): AsyncIterable<Uint8Array>;
}

export interface HintSenderPeer {
  send(name: "hintSeed", value: Uint8Array): Promise<void>;
  sendEach(name: "hintTable", chunks: Iterable<Uint8Array>): Promise<void>;
}

/** The function, fresh for this run, on the own items: 16 bytes each. */
export async function oprfSender(
  items: Uint8Array,
  receiverCount: number,
  peer: OprfSenderPeer,
  options: OprfOptions,
): Promise<Uint8Array> {
  const { binding, failureBits } = options;
  const { layout, slots } = layoutFor(receiverCount, failureBits);
  const sent = await voleSender(slots, undefined, peer, voleOptions(slots, options)); // 1
  const keys = await okvsPlace(items, await peer.receive("oprfSeed"), forDecoding(layout, items)); // 2
  const table = peer.receiveEach("oprfTable"); // 3
  return outputs(
    await evaluateTable(keys, await mapped(items, binding), sent, table, refusedTable(peer.party)),
    binding,
  );
}

/** Gives each own item its value, 16 bytes. To whoever lacks F of an item its value must look random. */
export async function sendHints(
  items: Uint8Array,
  values: Uint8Array,
  peer: HintSenderPeer,
  { secrets, failureBits }: { readonly secrets: Secrets; readonly failureBits: number },
): Promise<void> {
  const { layout, slots } = layoutFor(items.length / BLOCK_BYTES, failureBits);
  const seed = secrets.bytes(BLOCK_BYTES);
  const keys = await okvsPlace(items, seed, layout);
  const table = new Uint8Array(BLOCK_BYTES * slots);
  await keys.encodeOnto(table, values, secrets.bytes(BLOCK_BYTES));
  await peer.send("hintSeed", seed); // 4
  await peer.sendEach("hintTable", cut(table, CHUNK_BYTES)); // 5
}
