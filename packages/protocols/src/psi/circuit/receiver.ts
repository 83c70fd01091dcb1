/**
 * Circuit-PSI: two parties get shares of which of the receiver's items the sender has too, and of the sender's payload of
 * these, for further computing. Nobody learns what is in the intersection, nor how much.
 *
 * Papers: Pinkas, Schneider, Tkachenko, Yanai, "Efficient Circuit-Based PSI with Linear Communication", EUROCRYPT 2019; with
 * the programmable function and its tables of Rindal, Schoppmann (EUROCRYPT 2021) and Raghuraman, Rindal (CCS 2022).
 *
 * Items are 16-byte digests. The receiver lays each of its items into one of three bins (cuckoo.ts), so that a bin has one
 * at most; the sender has each of its items in all three. E_j is a hash under a fresh seed; it also names the bin.
 *
 * 1. receiver -> sender: seed of E, made after its items.
 * 2. The receiver gets F(E_j(x)) for the item x in each bin, and of something random in empty ones (`opprf`).
 * 3. sender -> receiver: hints that give each E_j(y) the target t_b of its bin b, random, and the payload of y less r_b, a
 *    random share for each bin and word; masked with F. So the receiver has t_b and payload - r_b if the sender has
 *    the item, and something random if not.
 * 4. to 7.: both get shares of whether the receiver has t_b (equality.ts), for 2^14 bins at a time.
 *
 * Learns. Nothing but the row counts, which both know before. Adversary: semi-honest; assumptions of `opprf` and of
 * `softspoken`. What is malformed or miscounted is refused; else a party that departs from the protocol makes the shares wrong.
 * An item finds no bin with probability about 2^-40 (steps.ts); then the run ends, which the sender sees.
 *
 * Deviations: payloads come with the targets in one table of hints (further words in further ones), masked by hashes of one
 * value of F; comparison by one-in-sixteen transfers in place of a circuit over single bits.
 *
 * Rounds: 10 up to 2^14 bins, from some 600 bins on 12; at most 7 more for each 2^14 bins after. Bytes: `trafficBytes` in
 * steps.ts.
 */
import type { Peer } from "@tombolo/channel";
import { BLOCK_BYTES } from "@tombolo/crypto";
import { randomOtReceiver } from "../../oblivious-transfer/softspoken/index.ts";
import { addBlocks, CHUNK_BYTES, collect, cut, oprfReceiver, receiveHints } from "../../opprf/index.ts";
import { cuckoo, NO_ROW } from "./cuckoo.ts";
import { joinParts, maskedChoices, readTables, receiverTriples } from "./equality.ts";
import type { messages } from "./messages.ts";
import {
  binsOf,
  type CircuitOptions,
  eachRun,
  functionBinding,
  HASHES,
  hashed,
  masksOf,
  placeOf,
  refused,
  type Shape,
  shapeOf,
  transferLabel,
  transfersOf,
  words,
} from "./steps.ts";

export type ReceiverPeer = Peer<typeof messages, "receiver">;

export interface ReceiverShares {
  /** The own item in each bin, NO_ROW where there is none. */
  readonly rows: Uint32Array;
  /** 0 or 1 for each bin. XOR with the sender's: whether the sender has the item. */
  readonly bits: Uint8Array;
  /** `payloadWords` for each bin. Plus the sender's, modulo 2^64: the payload where both have the item, else random. */
  readonly payload: BigUint64Array;
}

/** The receiver's items in their bins. */
export interface ReceiverTable {
  readonly seed: Uint8Array;
  readonly rows: Uint32Array;
  readonly items: Uint8Array;
}

/**
 * With several senders, under one `binding` and as many own items, one table serves all of them: then an item has the same bin
 * with each.
 */
export async function receiverTable(
  digests: Uint8Array,
  options: Pick<CircuitOptions, "secrets" | "binding" | "receiverCount">,
): Promise<ReceiverTable> {
  if (digests.length !== BLOCK_BYTES * options.receiverCount) throw new RangeError("as many digests as declared");
  const seed = options.secrets.bytes(BLOCK_BYTES);
  const { rows, items } = await tableOf(
    digests,
    seed,
    shapeOf({ ...options, senderCount: 0, payloadWords: 0 }),
    options,
  );
  return { seed, rows, items };
}

export async function receiver(
  digests: Uint8Array,
  peer: ReceiverPeer,
  options: CircuitOptions,
): Promise<ReceiverShares> {
  return tableReceiver(await receiverTable(digests, options), peer, options);
}

export async function tableReceiver(
  { seed, rows, items }: ReceiverTable,
  peer: ReceiverPeer,
  options: CircuitOptions,
): Promise<ReceiverShares> {
  const shape = shapeOf(options);
  await peer.send("circuitSeed", seed); // 1
  const { targets, payload } = await receiveTargets(items, peer, shape, options); // 2, 3
  const bits = await eachRun(targets, shape, (values, run) => compare(values, run, peer, shape, options)); // 4 to 7
  return { rows, bits, payload };
}

async function tableOf(
  digests: Uint8Array,
  seed: Uint8Array,
  shape: Shape,
  { secrets, binding }: Pick<CircuitOptions, "secrets" | "binding">,
) {
  const hashes = await hashed(digests, seed, binding);
  const bins = hashes.map((each, j) => binsOf(each, j, shape.region));
  const table = cuckoo(bins, shape.bins, secrets);
  const items = secrets.bytes(BLOCK_BYTES * shape.bins);
  table.rows.forEach((row, bin) => {
    if (row === NO_ROW) return;
    const hash = hashes[table.hashes[bin]!]!;
    items.set(hash.subarray(BLOCK_BYTES * row, BLOCK_BYTES * (row + 1)), BLOCK_BYTES * bin);
  });
  return { rows: table.rows, items };
}

async function receiveTargets(
  items: Uint8Array,
  peer: ReceiverPeer,
  { bins, tables, failureBits }: Shape,
  { secrets, binding, senderCount, payloadWords }: CircuitOptions,
) {
  const values = await oprfReceiver(items, peer, { secrets, binding: await functionBinding(binding), failureBits }); // 2
  let targets: Uint8Array = new Uint8Array(0);
  const payload = new BigUint64Array(bins * payloadWords);
  for (let table = 0; table < tables; table++) {
    const hints = await receiveHints(items, HASHES * senderCount, peer, failureBits); // 3
    await addBlocks(hints, await masksOf(values, table, binding));
    const halves = words(hints);
    if (table === 0) targets = targetsOf(halves);
    for (let word = 0; word < payloadWords; word++) {
      const place = placeOf(word);
      if (place.table !== table) continue;
      for (let bin = 0; bin < bins; bin++) payload[bin * payloadWords + word] = halves[2 * bin + place.half]!;
    }
  }
  return { targets, payload };
}

const targetsOf = (halves: BigUint64Array): Uint8Array => new Uint8Array(halves.filter((_, i) => i % 2 === 0).buffer);

async function compare(
  values: Uint8Array,
  run: number,
  peer: ReceiverPeer,
  { parts }: Shape,
  { secrets, binding }: CircuitOptions,
): Promise<Uint8Array> {
  const count = values.length / 8;
  const label = transferLabel(binding, run);
  const transfers = await randomOtReceiver(transfersOf(count, parts), peer, {
    secrets,
    label,
    adversary: "semi-honest",
  });
  await peer.sendEach("equalChoices", cut(maskedChoices(values, count, parts, transfers), CHUNK_BYTES)); // 4
  const wrongSize = () => refused("size", "the partner compares another number of bins", peer.party);
  const tables = await collect(peer.receiveEach("equalTables"), 2 * parts * count, wrongSize); // 5
  const shares = readTables(values, count, parts, tables, transfers);
  const triples = receiverTriples(transfers, 4 * parts * count, (parts - 1) * count);
  const cross = (own: Uint8Array) => peer.exchange("receiverMasked", own, "senderMasked"); // 6, 7
  return joinParts(shares, count, parts, triples, true, cross, wrongSize);
}
