/**
 * Silent oblivious transfer: batches of correlated transfers at a fifth of a byte each.
 *
 * A pseudorandom correlation generator (Boyle, Couteau, Gilboa, Ishai, Kohl, Scholl, CRYPTO 2019; Yang, Weng, Lan, Zhang, Wang,
 * "Ferret", CCS 2020) on dual LPN over bits with regular noise and a binary expand-convolute code (Raghuraman, Rindal, Tanguy,
 * CRYPTO 2023). The noise has one 1 in each of t blocks, at a place hidden by a punctured tree of seeds: the sender has all
 * leaves k, the receiver all but one, where it gets k + delta. Both compress their leaves by the same public code to q and t;
 * the noise becomes the choices: q = t + choice·delta. A choice is the lowest bit of t, whose place is free since delta's
 * lowest bit is 1 and that of q is 0.
 *
 * For each batch:
 * 1. receiver -> sender: corrections of correlated transfers (`softspoken`) under delta, one for each level of each tree,
 *    whose choices are the complement of the noise's places.
 * 2. sender -> receiver: each level's left and right sums under their keys; of each tree the sum of all leaves + delta.
 * Malicious, after Wolverine (Weng, Yang, Katz, Wang, S&P 2021, figure 7) with noise values of 1:
 * 3. receiver -> sender: x* = sum of the weights at the noise's places + 128 random choices as one element, weights from
 *    hashing message 2.
 * 4. sender -> receiver: hash of (sum of weight·k + that element's side + x*·delta), which the receiver compares.
 *
 * The sender learns nothing about choices, the receiver nothing about delta or other keys. Adversary: semi-honest, or
 * malicious with checks: a malicious sender may guess places of noise and is found out when wrong (one bit of leakage on
 * average); a malicious receiver may guess bits of delta likewise; either may choose its own outputs. Assumptions: dual LPN
 * for this code with regular noise, AES-128 as ideal cipher, SHA-256 as random oracle, the base transfers. 128 bits by
 * `security.ts`, of which delta has 127. Deviations from the papers: README.md.
 *
 * Rounds: 3 for the first batch, 2 for others; malicious 5 and 4. Bytes: `setUpBytes`, `batchBytes`.
 */
import { discard, equalBytes } from "@tombolo/base";
import { BLOCK_BYTES, correlations } from "@tombolo/crypto";
import { added, openSums, sumsBytes } from "../../vole/trees.ts";
import { type CorrelatedReceived, type OtReceiver, type OtReceiverPeer, otReceiver } from "../softspoken/index.ts";
import { checkBulk } from "../softspoken/steps.ts";
import { BASE_BITS, baseTransfers, MASK_TRANSFERS, NOISE, transfersOf, treesOf } from "./parameters.ts";
import {
  type BatchKeys,
  baseLabel,
  batchKeys,
  type Made,
  proofOf,
  refused,
  type SilentOptions,
  Stock,
  sessionOf,
  weightsOf,
} from "./steps.ts";

export interface SilentReceiverPeer extends OtReceiverPeer {
  readonly party: string;
  send(name: "baseOtKeys" | "otTrees" | "otCheck", value: Uint8Array): Promise<void>;
  receive(name: "baseOtChoices" | "otSums" | "otProof"): Promise<Uint8Array>;
}

/** As `otReceiver`; the partner must call `silentOtSender`, and take the same counts in the same order. */
export async function silentOtReceiver(peer: SilentReceiverPeer, options: SilentOptions): Promise<OtReceiver> {
  const session = await sessionOf(peer.binding, options.label);
  const base = await otReceiver(peer, { ...options, label: baseLabel(options.label), fieldBits: BASE_BITS });
  const stock = new Stock(async (index, depth) =>
    makeBatch(depth, await batchKeys(session, index), base, peer, options.adversary),
  );
  return {
    async correlated(count) {
      const { blocks, choices } = await stock.take(count);
      return { choices, t: blocks };
    },
    async random(count) {
      const first = stock.taken;
      const { blocks, choices } = await stock.take(count);
      const keys = await correlations.correlationHash(blocks, new Uint8Array(BLOCK_BYTES), session.keys, first);
      discard(blocks);
      return { choices, keys };
    },
    async bulk(count, form) {
      checkBulk(count, options.adversary === "malicious");
      const { blocks, choices } = await stock.take(count);
      const kept = await correlations.keysReceived(blocks, choices, session.bulk, form);
      discard(blocks);
      return { choices, kept };
    },
  };
}

async function makeBatch(
  depth: number,
  keys: BatchKeys,
  base: OtReceiver,
  peer: SilentReceiverPeer,
  adversary: SilentOptions["adversary"],
): Promise<Made> {
  const malicious = adversary === "malicious";
  const transfers = await base.correlated(baseTransfers(depth, adversary)); // 1
  const sums = (await peer.receive("otSums")).slice(); // 2
  if (sums.length !== sumsBytes(treesOf(depth))) throw refused("tree sums of another size", peer.party);
  const masks = malicious ? MASK_TRANSFERS : 0;
  const rest = { choices: transfers.choices.subarray(masks / 8), t: transfers.t.subarray(BLOCK_BYTES * masks) };
  const { others, positions } = await openSums(sums, treesOf(depth), rest, keys);
  const corrections = sums.subarray(2 * BLOCK_BYTES * NOISE * depth);
  const weights = malicious ? await weightsOf(keys, sums) : new Uint8Array(0);
  if (malicious) {
    const noise = await correlations.voleNoiseCheck(positions, ones(NOISE), depth, weights);
    await peer.send("otCheck", added(noise, transfers.choices.subarray(0, BLOCK_BYTES))); // 3: x*
  }
  const trees = { others, positions, corrections };
  const made = await correlations.silentExpandPunctured(trees, depth, keys.salt, transfersOf(depth), weights);
  if (malicious) await compareProof(made.check, transfers, keys, peer);
  return { blocks: made.t, choices: made.choices };
}

async function compareProof(
  check: Uint8Array,
  { t }: CorrelatedReceived,
  keys: BatchKeys,
  peer: SilentReceiverPeer,
): Promise<void> {
  const mask = await correlations.gf128Compose(t.subarray(0, BLOCK_BYTES * MASK_TRANSFERS));
  const own = await proofOf(keys, added(check, mask));
  if (!equalBytes(await peer.receive("otProof"), own)) throw refused("the trees are not consistent", peer.party); // 4
}

/** The element 1 of GF(2^128), so many times. */
function ones(count: number): Uint8Array {
  const out = new Uint8Array(BLOCK_BYTES * count);
  for (let at = 0; at < out.length; at += BLOCK_BYTES) out[at] = 1;
  return out;
}
