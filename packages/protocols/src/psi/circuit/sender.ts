/** The sender's part of circuit-PSI: goal, messages and guarantees are in receiver.ts. */
import { concat } from "@tombolo/base";
import type { Peer } from "@tombolo/channel";
import { BLOCK_BYTES } from "@tombolo/crypto";
import { randomOtSender } from "../../oblivious-transfer/softspoken/index.ts";
import { addBlocks, CHUNK_BYTES, collect, cut, oprfSender, sendHints } from "../../opprf/index.ts";
import { equalTables, joinParts, senderTriples } from "./equality.ts";
import type { messages } from "./messages.ts";
import {
  binsOf,
  type CircuitOptions,
  eachRun,
  functionBinding,
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

export type SenderPeer = Peer<typeof messages, "sender">;

export interface SenderShares {
  /** The bins each own item may be in, one of each hash: the receiver's is one of them, if it has the item. */
  readonly bins: readonly Uint32Array[];
  /** 0 or 1 for each bin. */
  readonly bits: Uint8Array;
  /** `payloadWords` for each bin. */
  readonly payload: BigUint64Array;
}

/** `payload`: `payloadWords` for each item, one item after the other. */
export async function sender(
  digests: Uint8Array,
  payload: BigUint64Array,
  peer: SenderPeer,
  options: CircuitOptions,
): Promise<SenderShares> {
  const shape = shapeOf(options);
  const { secrets, binding, senderCount, payloadWords } = options;
  if (digests.length !== BLOCK_BYTES * senderCount) throw new RangeError("as many digests as declared");
  if (payload.length !== payloadWords * senderCount) throw new RangeError("as many payload words as declared");
  const hashes = await hashed(digests, await peer.receive("circuitSeed"), binding); // 1
  const bins = hashes.map((each, j) => binsOf(each, j, shape.region));
  const targets = secrets.bytes(8 * shape.bins);
  const shares = words(aligned(secrets.bytes(8 * payloadWords * shape.bins)));
  const items = concat(...hashes);
  const function_ = { secrets, binding: await functionBinding(binding), failureBits: shape.failureBits };
  const values = await oprfSender(items, shape.bins, peer, function_); // 2
  for (let table = 0; table < shape.tables; table++) {
    const hints = hintsOf(table, bins, { targets: words(aligned(targets)), shares, payload }, options);
    await addBlocks(hints, await masksOf(values, table, binding));
    await sendHints(items, hints, peer, { secrets, failureBits: shape.failureBits }); // 3
  }
  const bits = await eachRun(targets, shape, (values, run) => compare(values, run, peer, shape, options)); // 4 to 7
  return { bins, bits, payload: shares };
}

/** As a view of 64-bit words needs it. */
const aligned = (bytes: Uint8Array): Uint8Array => (bytes.byteOffset % 8 === 0 ? bytes : bytes.slice());

interface Programmed {
  readonly targets: BigUint64Array;
  readonly shares: BigUint64Array;
  readonly payload: BigUint64Array;
}

/** What this table gives each item under each hash: the bin's target, and words of the payload less the bin's share. */
function hintsOf(
  table: number,
  bins: readonly Uint32Array[],
  { targets, shares, payload }: Programmed,
  { senderCount, payloadWords }: CircuitOptions,
): Uint8Array {
  const halves = new BigUint64Array(2 * bins.length * senderCount);
  const here = Array.from({ length: payloadWords }, (_, word) => ({ word, ...placeOf(word) })).filter(
    (place) => place.table === table,
  );
  bins.forEach((of, j) => {
    of.forEach((bin, i) => {
      const at = 2 * (j * senderCount + i);
      if (table === 0) halves[at] = targets[bin]!;
      for (const { word, half } of here)
        halves[at + half] = payload[i * payloadWords + word]! - shares[bin * payloadWords + word]!; // modulo 2^64
    });
  });
  return new Uint8Array(halves.buffer);
}

async function compare(
  values: Uint8Array,
  run: number,
  peer: SenderPeer,
  { parts }: Shape,
  { secrets, binding }: CircuitOptions,
): Promise<Uint8Array> {
  const count = values.length / 8;
  const label = transferLabel(binding, run);
  const transfers = await randomOtSender(transfersOf(count, parts), peer, { secrets, label, adversary: "semi-honest" });
  const wrongSize = () => refused("size", "the partner compares another number of bins", peer.party);
  const masked = await collect(peer.receiveEach("equalChoices"), Math.ceil((parts * count) / 2), wrongSize); // 4
  const { tables, shares } = equalTables(values, count, parts, masked, transfers, secrets);
  await peer.sendEach("equalTables", cut(tables, CHUNK_BYTES)); // 5
  const triples = senderTriples(transfers, 4 * parts * count, (parts - 1) * count);
  const cross = (own: Uint8Array) => peer.exchange("senderMasked", own, "receiverMasked"); // 6, 7
  return joinParts(shares, count, parts, triples, false, cross, wrongSize);
}
