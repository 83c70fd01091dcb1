/** The sender's end of ECDH-PSI between two parties: goal, messages and guarantees are in receiver.ts. */
import { gather, matchIndices, sortOrder } from "@tombolo/crypto";
import {
  chunkBytes,
  type PairOptions,
  type PairRun,
  PLACE_BYTES,
  refusingRepeats,
  type SenderLink,
  startPair,
} from "./pair.ts";
import { cut, onPoints, pointCount, wrongSize } from "./receiving.ts";
import { ranges, refused } from "./steps.ts";

/** Positions of the own digests that the receiver has too; empty when only the receiver learns. */
export async function sender(digests: Uint8Array, peer: SenderLink, options: PairOptions): Promise<Uint32Array> {
  const run = startPair(digests, options, digests.length / 16 + options.partnerCount);
  const tags = new Uint8Array(run.count * run.tagWidth);
  const steps = ownTags(run, tags);
  await Promise.all([exhaust(steps), peer.sendEach("evaluated", evaluate(run, peer, steps))]); // 1, 2
  const order = await sortOrder(tags, run.tagWidth);
  await peer.sendEach("catalogue", cut(await gather(tags, run.tagWidth, order), chunkBytes(run))); // 3
  return options.output === "both" ? receiveMatched(run, peer, order) : new Uint32Array(0); // 4
}

/**
 * a·H(x) -> b·a·H(x), in the receiver's order. While the own catalogue takes longer than that, empty chunks say that
 * this side is alive.
 */
async function* evaluate(run: PairRun, peer: SenderLink, steps: AsyncGenerator<void>): AsyncGenerator<Uint8Array> {
  const { group } = run.suite;
  const seen = new Uint8Array(run.partnerCount * group.pointBytes);
  let done = 0;
  for await (const chunk of peer.receiveEach("blinded")) {
    const size = pointCount(chunk, group.pointBytes, peer.party);
    if (done + size > run.partnerCount) throw wrongSize(peer.party);
    seen.set(chunk, done * group.pointBytes);
    yield await onPoints(peer.party, done, () => group.multiply(chunk, run.key));
    done += size;
    run.did(size);
  }
  if (done !== run.partnerCount) throw wrongSize(peer.party);
  const repeats = matchIndices(seen, new Uint8Array(0), group.pointBytes);
  await refusingRepeats(peer.party, "the partner sent an id twice", repeats);
  while ((await steps.next()).done !== true) yield new Uint8Array(0);
}

/** Fingerprints of b·H(y). Stops after each chunk; whoever asks for the next gets it done. */
async function* ownTags(run: PairRun, tags: Uint8Array): AsyncGenerator<void> {
  for (const [from, to] of ranges(run.count, run.chunkRows)) {
    const points = await run.hashed(from, to);
    tags.set(await run.fingerprints(points), from * run.tagWidth);
    run.did(to - from);
    yield;
  }
}

async function exhaust(steps: AsyncGenerator<void>): Promise<void> {
  while ((await steps.next()).done !== true);
}

/** Places in the catalogue, as positions in the own digests. */
async function receiveMatched(run: PairRun, peer: SenderLink, order: Uint32Array): Promise<Uint32Array> {
  // Of one size whatever the partner sends, in however small chunks.
  const room = new Uint8Array(Math.min(run.count, run.partnerCount) * PLACE_BYTES);
  let length = 0;
  for await (const chunk of peer.receiveEach("matched")) {
    if (chunk.length === 0 || length + chunk.length > room.length) throw wrongSize(peer.party);
    room.set(chunk, length);
    length += chunk.length;
  }
  if (length % PLACE_BYTES !== 0) throw wrongSize(peer.party);
  const view = new DataView(room.buffer);
  const out = new Uint32Array(length / PLACE_BYTES);
  let before = -1;
  for (let i = 0; i < out.length; i++) {
    const place = view.getUint32(i * PLACE_BYTES, true);
    if (place <= before || place >= run.count)
      throw refused("matched", "the partner reported a match that is not in the catalogue", peer.party);
    out[i] = order[place]!;
    before = place;
  }
  return out;
}
