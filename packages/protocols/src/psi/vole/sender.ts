/** The sender's part of VOLE-PSI: goal, messages and guarantees are in receiver.ts. */
import { concat, discard, equalBytes, type TomboloError } from "@tombolo/base";
import { BLOCK_BYTES, commit, gather, okvsPlace, type SortedMatches, sortStrings, takeMarked } from "@tombolo/crypto";
import { collect, cut, evaluateTable, forDecoding } from "../../opprf/index.ts";
import { CHUNK_BYTES, COIN_BYTES, type Offer, type Terms } from "./messages.ts";
import { checkTerms, failureBitsOf, ownTerms, type SendVole, settingOf, type VolePsiOptions } from "./options.ts";
import { wrongSize } from "./receiver.ts";
import { commitLabel, Hashes, jointCoin, maskLabels, receiptOf, refused, type Shape, shapeOf } from "./steps.ts";

export interface SenderPeer {
  readonly party: string;
  readonly binding: Uint8Array;
  exchange(send: "psiOffer", value: Offer, receive: "psiRequest"): Promise<Terms>;
  send(name: "psiOpening", value: Uint8Array): Promise<void>;
  sendEach(name: "psiTags" | "psiLabels", chunks: Iterable<Uint8Array>): Promise<void>;
  receive(name: "psiEncoding" | "psiReceipt"): Promise<Uint8Array>;
  receiveEach(name: "psiTable" | "psiMatched"): AsyncIterable<Uint8Array>;
}

/** Columns of the sender's rows for the receiver: `width` bytes for each item, in its order. */
export interface Labels {
  readonly width: number;
  readonly values: Uint8Array;
}

/** Positions of the own items that matched, ascending; none if one-sided. */
export async function send(
  digests: Uint8Array,
  labels: Labels,
  vole: SendVole,
  peer: SenderPeer,
  options: VolePsiOptions,
): Promise<Uint32Array> {
  const own = ownTerms(digests, labels.width, options);
  if (labels.values.length !== own.rows * labels.width) throw new RangeError("one label for each item");
  const [setting, session] = [settingOf(options), options.binding ?? peer.binding];
  const coin = options.secrets.bytes(COIN_BYTES);
  const { commitment, opening } = await commit(commitLabel(session), coin, options.secrets);
  const theirs = await peer.exchange("psiOffer", { terms: own, commitment }, "psiRequest"); // 1, 2
  checkTerms(theirs, own, peer.party, options);
  await options.admit?.(theirs.rows);
  const shape = shapeOf({ receiverRows: theirs.rows, senderRows: own.rows }, setting, failureBitsOf(options));
  const hashes = new Hashes(setting.hash, session);
  const { delta, b } = await vole(shape.slots);
  options.progress?.(0.4);
  const encoding = await peer.receive("psiEncoding"); // 3
  const values = await evaluate(digests, { delta, b }, encoding.subarray(0, BLOCK_BYTES), shape, hashes, peer); // 4
  options.progress?.(0.6);
  const joint = await jointCoin(session, encoding.subarray(BLOCK_BYTES), coin);
  hashes.whiten(joint);
  await peer.send("psiOpening", concat(opening.nonce, opening.value)); // 5
  const tags = await hashes.tags(values, digests, shape.tagWidth);
  const { sorted, order } = await sortStrings(tags, shape.tagWidth);
  await peer.sendEach("psiTags", cut(sorted, CHUNK_BYTES)); // 6
  discard(tags, sorted);
  if (labels.width > 0) await sendLabels(labels, values, digests, order, hashes, peer); // 7
  options.progress?.(0.8);
  const matched = await receiveMatched(order, own.oneSided, peer); // 8
  await checkReceipt(matched.order, { values, digests, session, joint }, hashes, peer); // 9
  discard(values);
  options.progress?.(1);
  return matched.left;
}

/** Decode(K, x) + delta·H'(x) of each own item, for K = b + delta·(a + P). */
async function evaluate(
  digests: Uint8Array,
  correlation: { readonly delta: Uint8Array; readonly b: Uint8Array },
  seed: Uint8Array,
  shape: Shape,
  hashes: Hashes,
  peer: SenderPeer,
): Promise<Uint8Array> {
  const keys = await okvsPlace(digests, seed, forDecoding(shape.layout, digests));
  const table = peer.receiveEach("psiTable");
  const mapped = await hashes.mapped(digests);
  const values = await evaluateTable(keys, mapped, correlation, table, () => wrongTable(peer.party));
  discard(mapped, correlation.b);
  return values;
}

const wrongTable = (party: string): TomboloError =>
  refused("size", "the partner sent a table of another size than its rows need", party);

async function sendLabels(
  { width, values: plain }: Labels,
  values: Uint8Array,
  digests: Uint8Array,
  order: Uint32Array,
  hashes: Hashes,
  peer: SenderPeer,
): Promise<void> {
  const masked = plain.slice();
  await maskLabels(hashes, masked, width, values, digests);
  await peer.sendEach("psiLabels", cut(await gather(masked, width, order), CHUNK_BYTES));
}

/** Own items that the receiver says matched, in the order of their tags and ascending. */
async function receiveMatched(
  order: Uint32Array,
  oneSided: boolean,
  peer: SenderPeer,
): Promise<Pick<SortedMatches, "left" | "order">> {
  if (oneSided) return { left: new Uint32Array(0), order: new Uint32Array(0) };
  const bits = await collect(peer.receiveEach("psiMatched"), Math.ceil(order.length / 8), wrongSize(peer.party));
  if (order.length % 8 !== 0 && bits[bits.length - 1]! >> (order.length % 8) !== 0)
    throw refused("malformed", "the partner matched rows that there are not", peer.party);
  return takeMarked(order, bits);
}

async function checkReceipt(
  ordered: Uint32Array,
  run: {
    readonly values: Uint8Array;
    readonly digests: Uint8Array;
    readonly session: Uint8Array;
    readonly joint: Uint8Array;
  },
  hashes: Hashes,
  peer: SenderPeer,
): Promise<void> {
  const proofs = await hashes.proofs(run.values, run.digests, ordered);
  if (!equalBytes(await peer.receive("psiReceipt"), await receiptOf(run.session, run.joint, proofs)))
    throw refused("result", "the partner came to another result", peer.party);
}
