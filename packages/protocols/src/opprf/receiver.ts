/**
 * Oblivious pseudorandom function on many items, programmable: the receiver gets F(x) of each of its items, the sender can
 * compute F of any. Programmed, F gives the sender's items values of the sender's choice, and the receiver cannot tell
 * which of its items have one.
 *
 * Papers: Rindal, Schoppmann, "VOLE-PSI", EUROCRYPT 2021, and Raghuraman, Rindal, CCS 2022 (the function, as in psi/vole);
 * Kolesnikov, Matania, Pinkas, Rosulek, Trieu, "Practical Multi-party PSI from Symmetric-Key Techniques", CCS 2017
 * (programming it), with the key-value store of RR22 for the hints.
 *
 * H' and H are hashes with the run's binding, + and · those of GF(2^128).
 * 1. Both run `vole` for one correlation a slot of the receiver's table: c = a·delta + b, of which the receiver gets a
 *    and c, the sender delta and b.
 * 2. receiver -> sender: seed of the table's positions.  3. receiver -> sender: a + P, where the table P gives each x
 *    the value H'(x). The sender computes K = b + delta·(a + P) = c + delta·P.
 *    F(x) = H(Decode(K, x) + delta·H'(x)), which is H(Decode(c, x)) for the receiver's x.
 * 4. sender -> receiver: seed of the hints' positions.  5. sender -> receiver: a table that gives each of the sender's x
 *    its value, masked with F(x) by whoever calls; random where no item needs a slot.
 *
 * Learns. The receiver: F of its items and nothing about F elsewhere; with hints, the values of those it has, and for any
 * other something random, as long as the masked values are. The sender: how many items the receiver has.
 * Adversary: semi-honest; fixed-key AES as an ideal permutation, the assumptions of `vole`. What is malformed is refused.
 *
 * Rounds: those of `vole`, then 1, with hints 2. Bytes: `oprfBytes`, `hintBytes` in steps.ts.
 */
import { BLOCK_BYTES, okvsPlace } from "@tombolo/crypto";
import { type VoleReceiverPeer, voleReceiver } from "../vole/index.ts";
import { CHUNK_BYTES } from "./messages.ts";
import {
  collect,
  cut,
  forDecoding,
  layoutFor,
  mapped,
  type OprfOptions,
  outputs,
  refusedTable,
  voleOptions,
} from "./steps.ts";

export interface OprfReceiverPeer extends VoleReceiverPeer {
  send(name: "oprfSeed" | "baseOtKeys" | "otTrees" | "voleCheck", value: Uint8Array): Promise<void>;
  sendEach(name: "oprfTable", chunks: Iterable<Uint8Array>): Promise<void>;
  sendEach(name: "otCorrections", chunks: AsyncIterable<Uint8Array>): Promise<void>;
}

export interface HintReceiverPeer {
  readonly party: string;
  receive(name: "hintSeed"): Promise<Uint8Array>;
  receiveEach(name: "hintTable"): AsyncIterable<Uint8Array>;
}

/** 16 bytes for each item. Items are distinct, 16 bytes each. */
export async function oprfReceiver(
  items: Uint8Array,
  peer: OprfReceiverPeer,
  options: OprfOptions,
): Promise<Uint8Array> {
  const { secrets, binding, failureBits } = options;
  const { layout, slots } = layoutFor(items.length / BLOCK_BYTES, failureBits);
  const { a, c } = await voleReceiver(slots, peer, voleOptions(slots, options)); // 1
  const seed = secrets.bytes(BLOCK_BYTES);
  const keys = await okvsPlace(items, seed, layout);
  await keys.encodeOnto(a, await mapped(items, binding), secrets.bytes(BLOCK_BYTES));
  await peer.send("oprfSeed", seed); // 2
  const values = new Uint8Array(items.length);
  await Promise.all([keys.decodeInto(c, values), peer.sendEach("oprfTable", cut(a, CHUNK_BYTES))]); // 3
  return outputs(values, binding);
}

/** What the hints of a partner with `senderCount` items give each own item: its value, or something random. */
export async function receiveHints(
  items: Uint8Array,
  senderCount: number,
  peer: HintReceiverPeer,
  failureBits: number,
): Promise<Uint8Array> {
  const { layout, slots } = layoutFor(senderCount, failureBits);
  const seed = await peer.receive("hintSeed"); // 4
  const keys = await okvsPlace(items, seed, forDecoding(layout, items));
  const table = await collect(peer.receiveEach("hintTable"), BLOCK_BYTES * slots, refusedTable(peer.party)); // 5
  const values = new Uint8Array(items.length);
  await keys.decodeInto(table, values);
  return values;
}
