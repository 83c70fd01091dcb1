/** The sender's part of VOLE: goal, messages and guarantees are in receiver.ts. */
import { concat } from "@tombolo/base";
import { BLOCK_BYTES, correlations, gf128Multiply } from "@tombolo/crypto";
import { type CorrelatedSent, correlatedOtSender, type OtSenderPeer } from "../oblivious-transfer/softspoken/index.ts";
import { type Parameters, parametersOf } from "./parameters.ts";
import { compose, elementAt, proofOf, type Session, sessionOf, type VoleOptions, weightsOf } from "./steps.ts";
import { added, maskSums } from "./trees.ts";

export interface VoleSenderPeer extends OtSenderPeer {
  send(name: "baseOtChoices" | "voleSums" | "voleProof", value: Uint8Array): Promise<void>;
  receive(name: "baseOtKeys" | "otTrees" | "voleCheck"): Promise<Uint8Array>;
}

export interface VoleSent {
  /** 16 bytes. */
  readonly delta: Uint8Array;
  /** count × 16 bytes. */
  readonly b: Uint8Array;
}

/** Without `delta` a random one. */
export async function voleSender(
  count: number,
  delta: Uint8Array | undefined,
  peer: VoleSenderPeer,
  options: VoleOptions,
): Promise<VoleSent> {
  const parameters = parametersOf(count, options.adversary);
  const transfers = await correlatedOtSender(parameters.transfers, delta, peer, options); // 1, 2
  const products = await compose(transfers.q, parameters); // w
  if (parameters.trees === 0) return { delta: transfers.delta, b: products };
  const session = await sessionOf(peer.binding, options.label);
  const { trees, depth } = parameters;
  const seeds = options.secrets.bytes(BLOCK_BYTES * trees);
  const sums = await sumsOf(seeds, transfers, products, parameters, session);
  await peer.send("voleSums", sums); // 3
  const weights = options.adversary === "malicious" ? await weightsOf(session, sums) : new Uint8Array(0);
  const { b, check } = await correlations.voleExpand(seeds, depth, session.salt, count, weights);
  if (options.adversary === "malicious") {
    const masked = (await peer.receive("voleCheck")).slice(); // 4: x*
    const product = await gf128Multiply(masked, transfers.delta);
    const own = added(added(check, elementAt(products, trees)), product);
    await peer.send("voleProof", await proofOf(session, own)); // 5
  }
  return { delta: transfers.delta, b };
}

/** Both sums of each level under the two keys of its transfer, then of each tree the sum of all leaves + w. */
async function sumsOf(
  seeds: Uint8Array,
  { delta, q }: CorrelatedSent,
  products: Uint8Array,
  { trees, depth, baseCount }: Parameters,
  session: Session,
): Promise<Uint8Array> {
  const rest = { delta, q: q.subarray(128 * BLOCK_BYTES * baseCount) };
  const { masked, totals } = await maskSums(seeds, depth, rest, session);
  return concat(masked, added(totals, products.subarray(0, BLOCK_BYTES * trees)));
}
