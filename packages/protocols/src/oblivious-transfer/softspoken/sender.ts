/** The sender's part of oblivious transfer extension: goal, messages and guarantees are in receiver.ts. */
import { discard, equalBytes, utf8 } from "@tombolo/base";
import { BLOCK_BYTES, correlations, type KeyForm, sha256 } from "@tombolo/crypto";
import { type BaseOtReceiverPeer, baseOtReceiver } from "../base/index.ts";
import type { OtOptions } from "./options.ts";
import { weightsOf } from "./receiver.ts";
import {
  addInto,
  type Batch,
  Batches,
  bitOf,
  blockAt,
  COLUMNS,
  checkBulk,
  checkCount,
  DIGEST_BYTES,
  LABEL,
  labelled,
  leafProofs,
  PROOF_BYTES,
  refused,
  saltOf,
} from "./steps.ts";

export interface OtSenderPeer extends BaseOtReceiverPeer {
  readonly party: string;
  receive(name: "baseOtKeys" | "otTrees"): Promise<Uint8Array>;
  receiveEach(name: "otCorrections"): AsyncIterable<Uint8Array>;
}

export interface CorrelatedSent {
  /** 16 bytes, the same for all transfers. */
  readonly delta: Uint8Array;
  /** count × 16 bytes: q = t + choice·delta. */
  readonly q: Uint8Array;
}

export interface RandomSent {
  /** count × 16 bytes each: the keys of choice 0 and of choice 1. */
  readonly zero: Uint8Array;
  readonly one: Uint8Array;
}

interface Setting {
  readonly bits: number;
  readonly malicious: boolean;
  readonly session: Uint8Array;
  readonly delta: Uint8Array;
  /** k bits of delta each. */
  readonly positions: Uint32Array;
  readonly leaves: Uint8Array;
  readonly transcript: Uint8Array;
}

/** Any number of transfers after one set-up; see `otReceiver`. All have the same delta. */
export interface OtSender {
  correlated(count: number): Promise<CorrelatedSent>;
  random(count: number): Promise<RandomSent>;
  /** What the form keeps of both keys of each transfer; see `otReceiver`. */
  bulk(count: number, form: KeyForm): Promise<Uint8Array>;
}

/** Without `delta` a random one. */
export async function otSender(
  delta: Uint8Array | undefined,
  peer: OtSenderPeer,
  options: OtOptions,
): Promise<OtSender> {
  if (delta !== undefined && delta.length !== BLOCK_BYTES) throw new RangeError("delta has 16 bytes");
  const setting = await setUp(delta ?? options.secrets.bytes(BLOCK_BYTES), peer, options);
  const batches = new Batches(setting.malicious);
  const salt = await saltOf(LABEL.hash, setting.session);
  const correlated = async (count: number): Promise<CorrelatedSent> => {
    const q = await receiveBatches(count, batches.of(count), setting, peer);
    return { delta: setting.delta, q };
  };
  return {
    correlated,
    async random(count) {
      const first = batches.taken;
      const { q } = await correlated(count);
      const [zero, one] = await Promise.all([
        correlations.correlationHash(q, new Uint8Array(BLOCK_BYTES), salt, first),
        correlations.correlationHash(q, setting.delta, salt, first),
      ]);
      discard(q);
      return { zero, one };
    },
    bulk: (count, form) => bulk(count, form, batches, setting, peer),
  };
}

async function bulk(count: number, form: KeyForm, batches: Batches, setting: Setting, peer: OtSenderPeer) {
  const { leaves, bits, positions, session, malicious } = setting;
  checkBulk(count, malicious);
  const { first, rowBytes } = batches.of(count)[0]!;
  const salt = await saltOf(LABEL.bulk, session);
  let kept: Uint8Array | undefined;
  for await (const corrections of peer.receiveEach("otCorrections")) {
    if (kept !== undefined) throw refused("more oblivious transfers came than were asked for", peer.party);
    if (corrections.length !== (positions.length - 1) * rowBytes)
      throw refused("a batch of oblivious transfers has another size", peer.party);
    kept = await correlations.transfersSent({ leaves, bits, first, count, salt, form }, positions, corrections);
  }
  if (kept === undefined) throw refused("fewer oblivious transfers came than were asked for", peer.party);
  return kept;
}

export async function correlatedOtSender(
  count: number,
  delta: Uint8Array | undefined,
  peer: OtSenderPeer,
  options: OtOptions,
): Promise<CorrelatedSent> {
  checkCount(count);
  return (await otSender(delta, peer, options)).correlated(count);
}

export async function randomOtSender(count: number, peer: OtSenderPeer, options: OtOptions): Promise<RandomSent> {
  checkCount(count);
  return (await otSender(undefined, peer, options)).random(count);
}

async function receiveBatches(
  count: number,
  batches: readonly Batch[],
  setting: Setting,
  peer: OtSenderPeer,
): Promise<Uint8Array> {
  // The only batch is the result as it comes; a copy would take as long as the transposition.
  let q: Uint8Array | undefined = batches.length === 1 ? undefined : new Uint8Array(BLOCK_BYTES * count);
  const left = batches.values();
  let done = 0;
  for await (const chunk of peer.receiveEach("otCorrections")) {
    const batch = left.next();
    if (batch.done) throw refused("more oblivious transfers came than were asked for", peer.party);
    const columns = await extend(setting, batch.value, chunk, peer.party);
    const blocks = columns.subarray(0, BLOCK_BYTES * batch.value.count);
    if (q === undefined) q = blocks;
    else {
      q.set(blocks, BLOCK_BYTES * done);
      discard(columns);
    }
    done += batch.value.count;
  }
  if (q === undefined || done < count) throw refused("fewer oblivious transfers came than were asked for", peer.party);
  return q;
}

/** All leaves but the one of each tree at delta's bits. */
async function setUp(delta: Uint8Array, peer: OtSenderPeer, options: OtOptions): Promise<Setting> {
  const [bits, malicious] = [options.fieldBits ?? 4, options.adversary === "malicious"];
  const session = await labelled(LABEL.session, peer.binding, utf8(options.label));
  const choices = delta.map((byte) => ~byte);
  const base = { session: await labelled(LABEL.base, session), secrets: options.secrets };
  const keys = await baseOtReceiver(choices, peer, base); // 1
  const trees = (await peer.receive("otTrees")).slice(); // 2
  const [sumBytes, proofBytes] = [2 * BLOCK_BYTES * COLUMNS, malicious ? DIGEST_BYTES * (COLUMNS / bits + 1) : 0];
  if (trees.length !== sumBytes + proofBytes) throw refused("seeds of another number", peer.party);
  const others = new Uint8Array(BLOCK_BYTES * COLUMNS);
  for (let i = 0; i < COLUMNS; i++) {
    others.set(blockAt(trees, 2 * i + bitOf(choices, i)), BLOCK_BYTES * i);
    addInto(blockAt(others, i), blockAt(keys, i));
  }
  const positions = Uint32Array.from({ length: COLUMNS / bits }, (_, i) =>
    Array.from({ length: bits }, (_, b) => bitOf(delta, i * bits + b) << b).reduce((sum, bit) => sum + bit),
  );
  const leaves = await correlations.ggmPuncture(others, positions, bits, await saltOf(LABEL.trees, session));
  const setting = { bits, malicious, session, delta, positions, leaves, transcript: await sha256(trees) };
  if (malicious) await checkTrees(setting, trees.subarray(sumBytes), peer.party);
  return setting;
}

/** The proof of the one unknown leaf of each tree follows from their sum; the hash over all must come out. */
async function checkTrees({ session, leaves, positions, bits }: Setting, sent: Uint8Array, party: string) {
  const proofs = await leafProofs(session, leaves);
  positions.forEach((position, i) => {
    const at = (leaf: number): Uint8Array =>
      proofs.subarray(DIGEST_BYTES * ((i << bits) + leaf), DIGEST_BYTES * ((i << bits) + leaf + 1));
    at(position).set(sent.subarray(DIGEST_BYTES * i, DIGEST_BYTES * (i + 1)));
    for (let leaf = 0; leaf < 2 ** bits; leaf++) if (leaf !== position) addInto(at(position), at(leaf));
  });
  const expected = sent.subarray(DIGEST_BYTES * positions.length);
  if (!equalBytes(await labelled(LABEL.proof, session, proofs), expected))
    throw refused("the seeds of oblivious transfer are not consistent", party);
}

async function extend(setting: Setting, batch: Batch, chunk: Uint8Array, party: string): Promise<Uint8Array> {
  const { bits, leaves, positions, malicious } = setting;
  const sent = (positions.length - 1) * batch.rowBytes;
  if (chunk.length !== sent + (malicious ? PROOF_BYTES : 0))
    throw refused("a batch of oblivious transfers has another size", party);
  const corrections = new Uint8Array(positions.length * batch.rowBytes);
  corrections.set(chunk.subarray(0, sent), batch.rowBytes); // the first tree needs none
  const rows = await correlations.smallVolePunctured(leaves, bits, positions, corrections, batch.first);
  if (malicious) await checkBatch(setting, batch, rows, chunk.subarray(0, sent), chunk.slice(sent), party);
  const columns = await correlations.transposeBits(rows);
  discard(corrections, rows);
  return columns;
}

/** hash(q) = hash(t) + bit of delta·hash(x), row by row. */
async function checkBatch(
  { session, transcript, delta }: Setting,
  { index, rowBytes }: Batch,
  rows: Uint8Array,
  corrections: Uint8Array,
  proof: Uint8Array,
  party: string,
): Promise<void> {
  const weights = await weightsOf(session, transcript, index, corrections);
  const own = await correlations.hashRows(rows, rowBytes, weights);
  const [x, theirs] = [proof.subarray(0, BLOCK_BYTES), proof.subarray(BLOCK_BYTES)];
  for (let row = 0; row < COLUMNS; row++) if (bitOf(delta, row) === 1) addInto(blockAt(theirs, row), x);
  if (!equalBytes(own, theirs)) throw refused("the choices of oblivious transfer are not consistent", party);
}
