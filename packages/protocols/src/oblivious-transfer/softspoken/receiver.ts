/**
 * Oblivious transfer extension: from 128 base transfers any number of correlated or random ones.
 *
 * Roy, "SoftSpokenOT: Quieter OT Extension from Small-Field Silent VOLE in the Minicrypt Model", CRYPTO 2022 (figures 5
 * to 8), with the repetition code. k bits of delta belong to one tree of 2^k seeds, of which the receiver knows all and
 * the sender all but the one at those k bits. For each tree the receiver has u = sum of the seeds' streams and
 * v = sum of x·stream_x, the sender w = v + delta_k·u. The receiver makes all u the same, x, by sending differences; a
 * column of all w is then q = t + x·delta.
 *
 * 1. sender -> receiver: choices of the base transfers, the complement of delta.   2. receiver -> sender: base keys;
 *    sums of both sides of each tree level under them; u_i + u_0 of each tree, a batch at a time.
 *    Malicious: 32 more bytes of all seeds' sum per tree and a hash over all (figure 7's check of the trees); after each
 *    batch the same random linear hash of x and of each column (figure 8's check), its weights from hashing the batch.
 *
 * The sender learns delta and q, the receiver its random choices x and t; correlated: q = t + x·delta. Random: keys
 * H(j, q), H(j, q + delta) and H(j, t), with H correlation robust under fixed-key AES. Adversary: semi-honest; malicious
 * with checks: a malicious receiver may guess bits of delta and is found out when wrong (a guess of j bits passes with
 * 2^-j), a malicious side may choose what it gets itself. Assumptions: AES as ideal cipher, SHA-256 as random oracle, base
 * transfers of `base`. No ciphertext reaches further than 128-bit security.
 *
 * In bulk, semi-honest: keys are AES(x) + x of the same blocks under another key, and all is one pass of a kernel. The blocks of one
 * delta are all different, which is all that correlation robustness asks of them (Guo, Katz, Wang, Yu, S&P 2020, section 7.2); the
 * numbers j serve those who choose blocks.
 *
 * Deviations: the tree's leaf order (see the kernels), 128 consumed transfers per batch for the proof, weights by
 * Fiat-Shamir instead of a message of the sender. Rounds: 2. Bytes for n transfers, k = 4: 8192 to the receiver,
 * 8192 + 496·ceil(n / 128) to the sender; malicious: 1056 + 2560 for each batch of 2^19 more.
 */
import { concat, discard, utf8 } from "@tombolo/base";
import { BLOCK_BYTES, correlations, type KeyForm, sha256 } from "@tombolo/crypto";
import { type BaseOtSenderPeer, baseOtSender } from "../base/index.ts";
import type { OtOptions } from "./options.ts";
import {
  addInto,
  type Batch,
  Batches,
  blockAt,
  COLUMNS,
  checkBulk,
  checkCount,
  LABEL,
  labelled,
  leafProofs,
  saltOf,
} from "./steps.ts";

export interface OtReceiverPeer extends BaseOtSenderPeer {
  send(name: "baseOtKeys" | "otTrees", value: Uint8Array): Promise<void>;
  sendEach(name: "otCorrections", chunks: AsyncIterable<Uint8Array>): Promise<void>;
}

export interface CorrelatedReceived {
  /** Random bits, bit j at bit j mod 8 of byte j / 8. */
  readonly choices: Uint8Array;
  /** count × 16 bytes. */
  readonly t: Uint8Array;
}

export interface BulkReceived {
  readonly choices: Uint8Array;
  /** What the form keeps of the chosen keys. */
  readonly kept: Uint8Array;
}

export interface RandomReceived {
  readonly choices: Uint8Array;
  /** count × 16 bytes: of each pair the chosen key. */
  readonly keys: Uint8Array;
}

interface Setting {
  readonly bits: number;
  readonly malicious: boolean;
  readonly session: Uint8Array;
  readonly leaves: Uint8Array;
  /** Hash of what was sent before the batches. */
  readonly transcript: Uint8Array;
}

/** Any number of transfers after one set-up, as many at a time as are wanted: none has anything of an earlier one. */
export interface OtReceiver {
  correlated(count: number): Promise<CorrelatedReceived>;
  random(count: number): Promise<RandomReceived>;
  /** Semi-honest: random transfers of which no more than the form says is kept, at a third of the cost. */
  bulk(count: number, form: KeyForm): Promise<BulkReceived>;
}

/** The partner must call `otSender`, and take the same counts in the same order. */
export async function otReceiver(peer: OtReceiverPeer, options: OtOptions): Promise<OtReceiver> {
  const setting = await setUp(peer, options);
  const batches = new Batches(setting.malicious);
  const salt = await saltOf(LABEL.hash, setting.session);
  const correlated = async (count: number): Promise<CorrelatedReceived> => {
    const here = batches.of(count);
    // The only batch is the result as it comes; a copy would take as long as the transposition.
    const t = new Uint8Array(here.length === 1 ? 0 : BLOCK_BYTES * count);
    const out = { choices: new Uint8Array(Math.ceil(count / 8)), t };
    await peer.sendEach("otCorrections", extend(count, here, setting, out)); // 2
    return out;
  };
  return {
    correlated,
    async random(count) {
      const first = batches.taken;
      const { choices, t } = await correlated(count);
      const keys = await correlations.correlationHash(t, new Uint8Array(BLOCK_BYTES), salt, first);
      discard(t);
      return { choices, keys };
    },
    bulk: (count, form) => bulk(count, form, batches, setting, peer),
  };
}

async function bulk(count: number, form: KeyForm, batches: Batches, setting: Setting, peer: OtReceiverPeer) {
  const { leaves, bits, session, malicious } = setting;
  checkBulk(count, malicious);
  const { first } = batches.of(count)[0]!;
  const salt = await saltOf(LABEL.bulk, session);
  const made = await correlations.transfersReceived({ leaves, bits, first, count, salt, form });
  // Copies: what is left of the array is much larger, and gone once it is sent.
  const [choices, kept] = [made.choices.slice(), made.kept.slice()];
  await peer.sendEach("otCorrections", once(made.corrections)); // 2
  return { choices, kept };
}

async function* once(corrections: Uint8Array): AsyncGenerator<Uint8Array> {
  yield corrections;
  discard(corrections);
}

export async function correlatedOtReceiver(
  count: number,
  peer: OtReceiverPeer,
  options: OtOptions,
): Promise<CorrelatedReceived> {
  checkCount(count);
  return (await otReceiver(peer, options)).correlated(count);
}

export async function randomOtReceiver(
  count: number,
  peer: OtReceiverPeer,
  options: OtOptions,
): Promise<RandomReceived> {
  checkCount(count);
  return (await otReceiver(peer, options)).random(count);
}

/** Trees of fresh seeds, both sides of each level under the base keys. */
async function setUp(peer: OtReceiverPeer, options: OtOptions): Promise<Setting> {
  const [bits, malicious] = [options.fieldBits ?? 4, options.adversary === "malicious"];
  const session = await labelled(LABEL.session, peer.binding, utf8(options.label));
  const keys = await baseOtSender(peer, { session: await labelled(LABEL.base, session), secrets: options.secrets }); // 1
  const seeds = options.secrets.bytes((BLOCK_BYTES * COLUMNS) / bits);
  const { leaves, sums } = await correlations.ggmExpand(seeds, bits, await saltOf(LABEL.trees, session));
  const masked = sums.slice();
  for (let i = 0; i < COLUMNS; i++)
    for (const side of [0, 1] as const) addInto(blockAt(masked, 2 * i + side), blockAt(keys[side], i));
  const trees = malicious ? concat(masked, await proveTrees(session, leaves, bits)) : masked;
  await peer.send("otTrees", trees); // 2
  return { bits, malicious, session, leaves, transcript: await sha256(trees) };
}

/** Per tree the sum of its leaves' proofs, then a hash over all of them. */
async function proveTrees(session: Uint8Array, leaves: Uint8Array, bits: number): Promise<Uint8Array> {
  const proofs = await leafProofs(session, leaves);
  const sums = new Uint8Array((32 * COLUMNS) / bits);
  for (let leaf = 0; leaf < proofs.length / 32; leaf++)
    addInto(sums.subarray(32 * (leaf >> bits), 32 * (leaf >> bits) + 32), proofs.subarray(32 * leaf, 32 * leaf + 32));
  return concat(sums, await labelled(LABEL.proof, session, proofs));
}

async function* extend(
  count: number,
  batches: readonly Batch[],
  setting: Setting,
  out: { readonly choices: Uint8Array; t: Uint8Array },
): AsyncGenerator<Uint8Array> {
  let done = 0;
  for (const batch of batches) {
    const { sums, rows } = await correlations.smallVole(setting.leaves, setting.bits, batch.first, batch.rowBytes);
    const x = sums.slice(0, batch.rowBytes);
    for (let at = batch.rowBytes; at < sums.length; at += batch.rowBytes)
      addInto(sums.subarray(at, at + batch.rowBytes), x);
    const corrections = sums.subarray(batch.rowBytes);
    const t = await correlations.transposeBits(rows);
    const blocks = t.subarray(0, BLOCK_BYTES * batch.count);
    if (batches.length === 1) out.t = blocks;
    else out.t.set(blocks, BLOCK_BYTES * done);
    out.choices.set(x.subarray(0, Math.ceil(batch.count / 8)), done / 8);
    done += batch.count;
    yield setting.malicious ? concat(corrections, await proveBatch(setting, batch, corrections, x, rows)) : corrections;
    discard(sums, rows);
    if (batches.length > 1) discard(t);
  }
  clearRest(out.choices, count);
}

async function proveBatch(
  { session, transcript }: Setting,
  { index, rowBytes }: Batch,
  corrections: Uint8Array,
  x: Uint8Array,
  rows: Uint8Array,
): Promise<Uint8Array> {
  const weights = await weightsOf(session, transcript, index, corrections);
  return concat(
    await correlations.hashRows(x, rowBytes, weights),
    await correlations.hashRows(rows, rowBytes, weights),
  );
}

/** Known to nobody before the batch is fixed. */
export const weightsOf = (
  session: Uint8Array,
  transcript: Uint8Array,
  index: number,
  corrections: Uint8Array,
): Promise<Uint8Array> =>
  saltOf(LABEL.weights, session, transcript, new Uint8Array(Uint32Array.of(index).buffer), corrections);

/** Bits beyond the last choice belong to nobody. */
function clearRest(choices: Uint8Array, count: number): void {
  if (count % 8 !== 0) choices[choices.length - 1]! &= 2 ** (count % 8) - 1;
}
