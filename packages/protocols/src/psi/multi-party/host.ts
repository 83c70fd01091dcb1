/** A host's part of multi-party matching: goal, messages and guarantees are in guest.ts. */
import { TomboloError } from "@tombolo/base";
import type { Peer } from "@tombolo/channel";
import { BLOCK_BYTES, matchIndices } from "@tombolo/crypto";
import { oprfReceiver, oprfSender, sendHints } from "../../opprf/index.ts";
import { plainNamed } from "../../renamed.ts";
import type { guestMessages, hostMessages, ToEarlier, ToLater } from "./messages.ts";
import type { MultiPartyOptions } from "./options.ts";
import { functionOptions, GUEST, learns, type Run, refused, Sum, startRun } from "./steps.ts";

type GuestPeer = Peer<typeof guestMessages, "host">;
type EarlierPeer = Peer<typeof hostMessages, "later host">;
type LaterPeer = Peer<typeof hostMessages, "earlier host">;

/** The other hosts, by place: those before this one and those after it. */
export interface Others {
  readonly earlier: readonly EarlierPeer[];
  readonly later: readonly LaterPeer[];
}

/** Positions of the own items that all parties have, ascending; none if this host is not to learn them. */
export async function host(
  digests: Uint8Array,
  peer: GuestPeer,
  { earlier, later }: Others,
  options: MultiPartyOptions,
): Promise<Uint32Array> {
  const place = 1 + earlier.length;
  const run = startRun(digests, place, 1 + earlier.length + later.length, options);
  const shares = new Uint8Array(digests.length);
  const sum = new Sum(shares);
  await Promise.all([
    withGuest(digests, peer, run, sum),
    ...earlier.map((other, i) => withEarlier(digests, other, 1 + i, run, sum)),
    ...later.map((other, i) => withLater(digests, other, place + 1 + i, run, sum)),
  ]); // 1
  options.progress?.(0.7);
  await sendHints(digests, shares, peer, { secrets: options.secrets, failureBits: run.failureBits }); // 2
  options.progress?.(0.8);
  const matched = learns(run, place) ? await receiveInAll(digests, peer, options) : new Uint32Array(0); // 3
  options.progress?.(1);
  return matched;
}

async function withGuest(digests: Uint8Array, peer: GuestPeer, run: Run, sum: Sum): Promise<void> {
  const { counts } = run.options;
  await sum.add(await oprfSender(digests, counts[GUEST]!, peer, await functionOptions(run, run.place, GUEST)));
}

async function withEarlier(items: Uint8Array, other: EarlierPeer, at: number, run: Run, sum: Sum): Promise<void> {
  const asking = plainNamed<"earlier", ToEarlier, "later host">("earlier", other);
  await sum.add(await oprfSender(items, run.options.counts[at]!, asking, await functionOptions(run, run.place, at)));
  const answering = plainNamed<"later", ToLater, "later host">("later", other);
  await sum.add(await oprfReceiver(items, answering, await functionOptions(run, at, run.place)));
}

async function withLater(items: Uint8Array, other: LaterPeer, at: number, run: Run, sum: Sum): Promise<void> {
  const answering = plainNamed<"earlier", ToEarlier, "earlier host">("earlier", other);
  await sum.add(await oprfReceiver(items, answering, await functionOptions(run, at, run.place)));
  const asking = plainNamed<"later", ToLater, "earlier host">("later", other);
  await sum.add(await oprfSender(items, run.options.counts[at]!, asking, await functionOptions(run, run.place, at)));
}

async function receiveInAll(digests: Uint8Array, peer: GuestPeer, { counts }: MultiPartyOptions): Promise<Uint32Array> {
  const room = new Uint8Array(BLOCK_BYTES * Math.min(...counts));
  let length = 0;
  for await (const chunk of peer.receiveEach("inAll")) {
    if (chunk.length === 0 || length + chunk.length > room.length)
      throw refused("size", "the partner sent more matches than there can be", peer.party);
    room.set(chunk, length);
    length += chunk.length;
  }
  const found = await joined(room.subarray(0, length), digests, peer.party);
  if (found.length * BLOCK_BYTES !== length)
    throw refused("matched", "the partner reported a match that is not among the own items", peer.party);
  return found.sort();
}

async function joined(matched: Uint8Array, digests: Uint8Array, party: string): Promise<Uint32Array> {
  try {
    return (await matchIndices(matched, digests, BLOCK_BYTES)).right;
  } catch (error) {
    if (!(error instanceof TomboloError) || error.code !== "protocol.duplicate") throw error;
    throw refused("duplicate", "the partner reported a match twice", party);
  }
}
