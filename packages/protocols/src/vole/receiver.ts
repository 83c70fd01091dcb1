/**
 * Vector oblivious linear evaluation: the receiver gets random a and c, the sender delta and b with c = a·delta + b in
 * GF(2^128), element by element.
 *
 * A pseudorandom correlation generator (Boyle, Couteau, Gilboa, Ishai, CCS 2018; dual LPN) with the expand-convolute code
 * of Raghuraman, Rindal, Tanguy (CRYPTO 2023) over GF(2^128) and regular noise. The noise has one random value in each of t
 * blocks, at a place hidden by a punctured tree of seeds: the sender has all leaves k, the receiver all but one, where it
 * gets k + value·delta. Both compress their leaves by the same public code; the noise becomes a.
 *
 * 1., 2. Correlated oblivious transfers (`softspoken`) with the sender's delta: 128 for each noise value make a base VOLE
 *    u = value·delta + w (the choices are the value's bits), `depth` for each tree make random keys, whose choices are the
 *    complement of the noise's place.
 * 3. sender -> receiver: each level's left and right sums under the keys; the sum of all leaves of each tree + w.
 * Malicious, after Wolverine (Weng, Yang, Katz, Wang, S&P 2021, figure 7):
 * 4. receiver -> sender: x* = sum of weight·noise + one more base value, weights from hashing message 3.
 * 5. sender -> receiver: hash of (sum of weight·k + w + x*·delta), which the receiver compares.
 *
 * The sender learns nothing about a, the receiver nothing about delta or b beyond c. Adversary: semi-honest, or malicious
 * with checks: a malicious sender may guess places of noise and is found out when wrong (one bit of leakage on average); a
 * malicious receiver may guess bits of delta likewise; either may choose its own outputs. Assumptions: dual LPN for this
 * code over GF(2^128) with regular noise, AES-128 as ideal cipher, SHA-256 as random oracle, base transfers. 128 bits:
 * `security.ts`. Deviations from the paper: README.md.
 *
 * Rounds: 3, malicious 5. Bytes: `voleBytes`.
 */
import { equalBytes } from "@tombolo/base";
import { BLOCK_BYTES, correlations } from "@tombolo/crypto";
import {
  type CorrelatedReceived,
  correlatedOtReceiver,
  type OtReceiverPeer,
} from "../oblivious-transfer/softspoken/index.ts";
import { type Parameters, parametersOf } from "./parameters.ts";
import { compose, elementAt, proofOf, refused, type Session, sessionOf, type VoleOptions, weightsOf } from "./steps.ts";
import { added, openSums, sumsBytes } from "./trees.ts";

export interface VoleReceiverPeer extends OtReceiverPeer {
  readonly party: string;
  send(name: "baseOtKeys" | "otTrees" | "voleCheck", value: Uint8Array): Promise<void>;
  receive(name: "baseOtChoices" | "voleSums" | "voleProof"): Promise<Uint8Array>;
}

export interface VoleReceived {
  /** count × 16 bytes, random. */
  readonly a: Uint8Array;
  /** count × 16 bytes. */
  readonly c: Uint8Array;
}

export async function voleReceiver(count: number, peer: VoleReceiverPeer, options: VoleOptions): Promise<VoleReceived> {
  const parameters = parametersOf(count, options.adversary);
  const transfers = await correlatedOtReceiver(parameters.transfers, peer, options); // 1, 2
  // value and u of the base VOLE
  const values = transfers.choices.slice(0, BLOCK_BYTES * parameters.baseCount);
  const products = await compose(transfers.t, parameters);
  if (parameters.trees === 0) return { a: values, c: products };
  const session = await sessionOf(peer.binding, options.label);
  const sums = (await peer.receive("voleSums")).slice(); // 3
  if (sums.length !== sumsBytes(parameters)) throw refused("tree sums of another size", peer.party);
  const trees = await openTrees(sums, transfers, values, products, parameters, session);
  const weights = options.adversary === "malicious" ? await weightsOf(session, sums) : new Uint8Array(0);
  const { trees: t, depth } = parameters;
  if (options.adversary === "malicious") {
    const noise = await correlations.voleNoiseCheck(trees.positions, trees.values, depth, weights);
    await peer.send("voleCheck", added(noise, elementAt(values, t))); // 4: x*
  }
  const { a, c, check } = await correlations.voleExpandPunctured(trees, depth, session.salt, count, weights);
  if (options.adversary === "malicious") {
    const own = await proofOf(session, added(check, elementAt(products, t)));
    if (!equalBytes(await peer.receive("voleProof"), own)) throw refused("the trees are not consistent", peer.party); // 5
  }
  return { a, c };
}

/** Places of noise from the transfers' choices, the sums beside each path, and what the punctured leaves lack. */
async function openTrees(
  sums: Uint8Array,
  { choices, t }: CorrelatedReceived,
  values: Uint8Array,
  products: Uint8Array,
  parameters: Parameters,
  session: Session,
) {
  const { trees, depth, baseCount } = parameters;
  const rest = { choices: choices.subarray(BLOCK_BYTES * baseCount), t: t.subarray(128 * BLOCK_BYTES * baseCount) };
  const { others, positions } = await openSums(sums, parameters, rest, session);
  const totals = sums.subarray(2 * BLOCK_BYTES * trees * depth);
  const corrections = added(totals, products.subarray(0, BLOCK_BYTES * trees));
  return { others, positions, values: values.subarray(0, BLOCK_BYTES * trees), corrections };
}
