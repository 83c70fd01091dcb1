/** One of those who have a list: goal, messages and guarantees are in guest.ts. */
import { equalBytes, type Secrets } from "@tombolo/base";
import type { Peer } from "@tombolo/channel";
import { BLOCK_BYTES, POINT_BYTES } from "@tombolo/crypto";
import { randomOtSender } from "../../oblivious-transfer/softspoken/index.ts";
import { onPoints } from "../../on-points.ts";
import { sender } from "../../psi/circuit/index.ts";
import { agreementKey, pairKeys } from "../../psi/ecdh/zero-shares.ts";
import type { messages } from "./messages.ts";
import { circuitBinding, refused, requireThreshold, runOf, STAGE, sharesOfZero, TRANSFERS } from "./steps.ts";
import { tellReached } from "./threshold.ts";

const CHUNK_BINS = 2 ** 19;

export interface ListOptions {
  readonly secrets: Secrets;
  /** See the guest's. */
  readonly digestsOf: (run: Uint8Array) => Promise<Uint8Array>;
  readonly count: number;
  /** The guest learns only whether so many lists have an id; `first`: whether this is the host that masks the counts. */
  readonly threshold?: { readonly least: number; readonly first: boolean };
  /** Awaited with the guest's row count before anything depends on the list: draws budgets, or refuses. */
  readonly admit: (count: number) => Promise<void>;
}

/** Returns how many ids were asked about. */
export async function host(peer: Peer<typeof messages, "sender">, options: ListOptions): Promise<number> {
  const { secrets, count, threshold } = options;
  const { value: start, count: asked } = await peer.receive("start"); // 1
  await options.admit(asked);
  const own = await agreementKey(secrets);
  await peer.send("joins", { value: own.publicKey, count }); // 2
  const { place, keys } = await peer.receive("hosts"); // 3
  if (!equalBytes(keys.subarray(place * POINT_BYTES, (place + 1) * POINT_BYTES), own.publicKey))
    throw refused("key", "the partner carried another public key than this party's", peer.party);
  const lists = keys.length / POINT_BYTES;
  if (threshold !== undefined) {
    requireThreshold(threshold.least, lists);
    // Without one host's masks the guest would read the counts.
    if (threshold.first !== (place === 0))
      throw refused("place", "the partner ordered the hosts otherwise", peer.party);
  }
  const run = await runOf(start, keys);
  const shared = await onPoints(STAGE, peer.party, undefined, () => pairKeys(own, place, keys, run));
  const binding = await circuitBinding(run);
  const circuit = { secrets, binding, receiverCount: asked, senderCount: count, payloadWords: 0 };
  const { bits } = await sender(await options.digestsOf(run), new BigUint64Array(0), peer, circuit); // 4
  const bins = bits.length;
  const zero = await sharesOfZero(shared, place, bins);
  const transfers = await randomOtSender(bins, peer, { secrets, label: TRANSFERS, adversary: "semi-honest" });
  const flips = await peer.receive("flips"); // 5
  if (flips.length !== Math.ceil(bins / 8)) throw refused("size", "the partner has another number of bins", peer.party);
  const masks = threshold?.first === true ? secrets.bytes(bins).slice() : new Uint8Array(bins);
  const counts = new Uint8Array(2 * bins);
  for (let bin = 0; bin < bins; bin++) {
    const flip = (flips[bin >> 3]! >> (bin & 7)) & 1;
    for (const side of [0, 1]) {
      const key = (side ^ flip) === 0 ? transfers.zero : transfers.one;
      counts[2 * bin + side] = (side ^ bits[bin]!) + zero[bin]! + masks[bin]! + key[bin * BLOCK_BYTES]!;
    }
  }
  await peer.sendEach("counts", chunksOf(counts)); // 6
  if (threshold?.first === true) await tellReached(masks, { least: threshold.least, lists }, peer, secrets); // 7, 8
  return asked;
}

function* chunksOf(counts: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < counts.length; at += 2 * CHUNK_BINS) yield counts.subarray(at, at + 2 * CHUNK_BINS);
}
