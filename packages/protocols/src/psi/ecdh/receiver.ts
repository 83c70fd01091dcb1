/**
 * ECDH-PSI of two parties over ristretto255 or SM2's curve, for ids that are digests of 16 bytes: the receiver learns which of its ids
 * the sender has; with output "both" the sender learns the same of its own. psi/buckets runs it once per bucket; the
 * row counts, the joint key and the joint order are agreed there.
 *
 * Papers: Huberman, Franklin, Hogg (EC 1999), blinding twice, with the catalogue as keyed fingerprints as in Jarecki,
 * Liu (SCN 2010) and Kiss et al. (PoPETs 2017/4). H is RFC 9380 hashing to the group under a tag with the binding in
 * it. In the suite sm2 (suites.ts) SM3 stands for SHA-256 below. Keys a (receiver) and b (sender) are fresh for each run.
 *
 * 1. receiver -> sender: a·H(x) of each own id, in its own order.
 * 2. sender -> receiver: b·a·H(x), same order; the receiver divides by a: b·H(x).   (1 and 2 overlap)
 * 3. sender -> receiver: sorted truncated SHA-256(b·H(y)). x is matched if its fingerprint is there.
 * 4. output "both", receiver -> sender: places of matched fingerprints in 3, ascending.
 *
 * Learns. The receiver: which of its ids the sender has. The sender: with "both" the same of its own ids, else nothing.
 * Neither: an id it does not have itself; the order of the other's ids, as far as its digests come in an order that
 * tells nothing (the receiver's order shows in no message but by points that only it can tell apart).
 * Adversary: semi-honest; DDH in the group, SHA-256 and H as random oracles. A receiver that lies in 4 makes the
 * sender's result wrong, which psi/buckets finds by comparing receipts.
 *
 * Rounds: 2, and 1 more with "both". Bytes: `pairTrafficBytes` in pair.ts.
 */
import { matchIndices } from "@tombolo/crypto";
import { ahead } from "../../ahead.ts";
import {
  chunkBytes,
  type PairOptions,
  type PairRun,
  PLACE_BYTES,
  type ReceiverLink,
  refusingRepeats,
  startPair,
} from "./pair.ts";
import { collect, cut, onPoints, pointCount, wrongSize } from "./receiving.ts";
import { ranges } from "./steps.ts";

/** Positions of the own digests that the sender has too, ascending. */
export async function receiver(digests: Uint8Array, peer: ReceiverLink, options: PairOptions): Promise<Uint32Array> {
  const run = startPair(digests, options, (2 * digests.length) / 16);
  const [, tags] = await Promise.all([
    peer.sendEach("blinded", ahead(blinded(run))), // 1
    receiveEvaluated(run, peer), // 2
  ]);
  const catalogue = await collect(peer.receiveEach("catalogue"), run.partnerCount * run.tagWidth, peer.party); // 3
  const found = matchIndices(tags, catalogue, run.tagWidth);
  const { left, right } = await refusingRepeats(peer.party, "the partner sent a point or fingerprint twice", found);
  if (options.output === "both") await peer.sendEach("matched", cut(places(right), chunkBytes(run))); // 4
  return left;
}

/** a·H(x) */
async function* blinded(run: PairRun): AsyncGenerator<Uint8Array> {
  for (const [from, to] of ranges(run.count, run.chunkRows)) {
    const points = await run.hashed(from, to);
    run.did(to - from);
    yield points;
  }
}

/** Fingerprints of b·a·H(x) / a. */
async function receiveEvaluated(run: PairRun, peer: ReceiverLink): Promise<Uint8Array> {
  const { group } = run.suite;
  const unblind = group.invertScalar(run.key);
  const tags = new Uint8Array(run.count * run.tagWidth);
  let done = 0;
  for await (const chunk of peer.receiveEach("evaluated")) {
    const size = pointCount(chunk, group.pointBytes, peer.party);
    if (done + size > run.count) throw wrongSize(peer.party);
    if (size === 0) continue; // the sender is still at its catalogue
    const points = await onPoints(peer.party, done, () => group.multiply(chunk, unblind));
    tags.set(await run.fingerprints(points), done * run.tagWidth);
    done += size;
    run.did(size);
  }
  if (done !== run.count) throw wrongSize(peer.party);
  return tags;
}

/** Little-endian, ascending: the own order does not show. */
function places(right: Uint32Array): Uint8Array {
  const sorted = right.toSorted();
  const out = new Uint8Array(sorted.length * PLACE_BYTES);
  const view = new DataView(out.buffer);
  sorted.forEach((place, i) => {
    view.setUint32(i * PLACE_BYTES, place, true);
  });
  return out;
}
