/**
 * VOLE-PSI: the receiver, and where wanted the sender too, learn which of their items both have.
 *
 * Papers: Rindal, Schoppmann, "VOLE-PSI: Fast OPRF and Circuit-PSI from Vector-OLE", EUROCRYPT 2021; Raghuraman,
 * Rindal, "Blazing Fast PSI from Improved OKVS and Subfield VOLE", CCS 2022 (section 5, and 5.2 for malicious).
 *
 * Items are 16-byte digests. H' and H are hashes with the session before every input, + and · those of GF(2^128).
 * Between 2 and 3 both run `vole` for one correlation a slot of the receiver's table: c = a·delta + b, of which the
 * receiver gets a and c, the sender delta and b.
 *
 * 1. sender -> receiver: row count; commitment to a coin.      2. receiver -> sender: row count (at the same time).
 * 3. receiver -> sender: seed of the table's positions; coin.  4. receiver -> sender: a + P, where the table P gives
 *    each y the value H'(y) (an oblivious key-value store). The sender computes K = b + delta·(a + P) = c + delta·P.
 * 5. sender -> receiver: opening of its coin; w is both coins' hash.
 * 6. sender -> receiver: F(x) = H(w, Decode(K, x) + delta·H'(x), x) of each x, truncated, ascending. For x that the
 *    receiver has this is H(w, Decode(c, x), x), which it computes; for any other it is random.
 * 7. with labels: a label of each x in the same order, under a key that another hash gives for the same input.
 * 8. both-sided: one bit for each tag, whether it matched.     9. hash of a second hash of each matched item.
 *
 * Learns. Both: the other's row count. The receiver: which of its items the sender has, and their labels. The sender,
 * if both-sided: which of its items the receiver has; if one-sided nothing. Nobody: anything else of the other's items.
 * Adversary. `fast`, `low-communication`: semi-honest, a receiver that departs can learn delta, and with it test any
 * number of ids by itself (runs of up to DIRECT_MAX slots check their correlations all the same); fixed-key AES as an ideal permutation, which makes H correlation
 * robust for inputs k_i + delta·m_i with distinct (k_i, m_i) (Guo, Katz, Wang, Yu, S&P 2020). `malicious`: SHA-256 as
 * random oracle for H, which sees x, and H'; a malicious `vole`; w, unknown until the table is fixed. A malicious
 * receiver may put in up to `receiverRowsBound` items in place of those it declared (2.5 to 3.2 times as many after 2^80
 * hashes), so budgets count that many; it may end after 6 and leave the sender without its result; and say of a match
 * that there is none. It cannot claim one that is none (9). A malicious sender may use items of its choice.
 *
 * Rounds: 4 and those of `vole`. Bytes: `trafficBytes` in steps.ts and those of `vole`.
 * Deviations: the coin toss and 9 run in all settings; the table is random also where nobody needs a slot.
 */
import { concat, discard, TomboloError } from "@tombolo/base";
import {
  BLOCK_BYTES,
  firstOccurrences,
  gather,
  matchSorted,
  okvsPlace,
  type SortedMatches,
  takeMarked,
} from "@tombolo/crypto";
import { collect, cut } from "../../opprf/index.ts";
import { CHUNK_BYTES, COIN_BYTES, type Offer, type Terms } from "./messages.ts";
import { checkTerms, failureBitsOf, ownTerms, type ReceiveVole, settingOf, type VolePsiOptions } from "./options.ts";
import { Hashes, jointCoin, maskLabels, openedCoin, receiptOf, refused, type Shape, shapeOf } from "./steps.ts";

export interface ReceiverPeer {
  readonly party: string;
  readonly binding: Uint8Array;
  exchange(send: "psiRequest", value: Terms, receive: "psiOffer"): Promise<Offer>;
  send(name: "psiEncoding" | "psiReceipt", value: Uint8Array): Promise<void>;
  sendEach(name: "psiTable" | "psiMatched", chunks: Iterable<Uint8Array>): Promise<void>;
  receive(name: "psiOpening"): Promise<Uint8Array>;
  receiveEach(name: "psiTags" | "psiLabels"): AsyncIterable<Uint8Array>;
}

export interface Received {
  /** Of the own items that matched, ascending. */
  readonly positions: Uint32Array;
  /** Their labels, in that order. */
  readonly labels: Uint8Array;
}

export async function receive(
  digests: Uint8Array,
  labelBytes: number,
  vole: ReceiveVole,
  peer: ReceiverPeer,
  options: VolePsiOptions,
): Promise<Received> {
  const own = ownTerms(digests, labelBytes, options);
  const { terms: theirs, commitment } = await peer.exchange("psiRequest", own, "psiOffer"); // 1, 2
  checkTerms(theirs, own, peer.party, options);
  await options.admit?.(theirs.rows);
  const [setting, session] = [settingOf(options), options.binding ?? peer.binding];
  const shape = shapeOf({ receiverRows: own.rows, senderRows: theirs.rows }, setting, failureBitsOf(options));
  const hashes = new Hashes(setting.hash, session);
  const { a, c } = await vole(shape.slots);
  options.progress?.(0.4);
  const { values, coin } = await encode(digests, a, c, shape, hashes, peer, options); // 3, 4
  options.progress?.(0.6);
  const senders = await openedCoin(session, commitment, await peer.receive("psiOpening"), peer.party); // 5
  const joint = await jointCoin(session, coin, senders);
  hashes.whiten(joint);
  const tags = await hashes.tags(values, digests, shape.tagWidth);
  const theirTags = await collect(peer.receiveEach("psiTags"), theirs.rows * shape.tagWidth, wrongSize(peer.party)); // 6
  const labels =
    labelBytes === 0
      ? undefined
      : await collect(peer.receiveEach("psiLabels"), theirs.rows * labelBytes, wrongSize(peer.party)); // 7
  const found = await join(tags, theirTags, shape.tagWidth, peer.party);
  discard(tags, theirTags);
  options.progress?.(0.9);
  await report({ digests, values, found, session, joint }, hashes, own.oneSided, peer); // 8, 9
  options.progress?.(1);
  const { left } = found;
  if (labels === undefined) {
    discard(values);
    return { positions: left, labels: new Uint8Array(0) };
  }
  const matchedLabels = await gather(labels, labelBytes, await labelPlaces(found, theirs.rows));
  const [matchedValues, matched] = await Promise.all([values, digests].map((of) => gather(of, BLOCK_BYTES, left)));
  await maskLabels(hashes, matchedLabels, labelBytes, matchedValues!, matched!);
  return { positions: left, labels: matchedLabels };
}

/** Sends a + P in the memory of a; gives Decode(c, y) of each own item. */
async function encode(
  digests: Uint8Array,
  a: Uint8Array,
  c: Uint8Array,
  shape: Shape,
  hashes: Hashes,
  peer: ReceiverPeer,
  { secrets }: VolePsiOptions,
): Promise<{ values: Uint8Array; coin: Uint8Array }> {
  const [seed, coin] = [secrets.bytes(BLOCK_BYTES), secrets.bytes(COIN_BYTES)];
  const keys = await okvsPlace(digests, seed, shape.layout);
  const values = await hashes.mapped(digests);
  await keys.encodeOnto(a, values, secrets.bytes(BLOCK_BYTES));
  await peer.send("psiEncoding", concat(seed, coin));
  const decoding = keys.decodeInto(c, values);
  await Promise.all([decoding, peer.sendEach("psiTable", cut(a, CHUNK_BYTES))]);
  discard(a, c);
  return { values, coin };
}

export const wrongSize = (party: string) => (): TomboloError =>
  refused("size", "the partner sent another number of rows than it declared", party);

async function join(own: Uint8Array, theirs: Uint8Array, width: number, party: string): Promise<SortedMatches> {
  try {
    return await matchSorted(own, theirs, width);
  } catch (error) {
    if (!(error instanceof TomboloError)) throw error;
    if (error.code === "protocol.duplicate")
      throw new TomboloError("input.duplicate", "an own item is there twice", { stage: "psi/vole", cause: error });
    if (error.code !== "protocol.order") throw error;
    const first = await firstOccurrences(theirs, width);
    if (first.some((at, i) => at !== i)) throw refused("duplicate", "the partner sent a fingerprint twice", party);
    throw refused("order", "the partner's fingerprints are not in order", party);
  }
}

interface Result {
  readonly digests: Uint8Array;
  readonly values: Uint8Array;
  readonly found: SortedMatches;
  readonly session: Uint8Array;
  readonly joint: Uint8Array;
}

async function report(result: Result, hashes: Hashes, oneSided: boolean, peer: ReceiverPeer): Promise<void> {
  const { digests, values, found, session, joint } = result;
  if (oneSided) return peer.send("psiReceipt", await receiptOf(session, joint, new Uint8Array(0)));
  const proofs = hashes.proofs(values, digests, found.order);
  proofs.catch(() => {}); // seen by the await below
  await peer.sendEach("psiMatched", cut(found.marks, CHUNK_BYTES));
  await peer.send("psiReceipt", await receiptOf(session, joint, await proofs));
}

/** Positions in the sender's order of the tags that matched, each beside the own item at that place of `left`. */
async function labelPlaces({ left, order, marks }: SortedMatches, rows: number): Promise<Uint32Array> {
  const { order: places } = await takeMarked(
    Uint32Array.from({ length: rows }, (_, i) => i),
    marks,
  );
  const placeOf = new Map<number, number>();
  order.forEach((position, i) => {
    placeOf.set(position, places[i]!);
  });
  return left.map((position) => placeOf.get(position)!);
}
