/** The sender's part of silent oblivious transfer: goal, messages and guarantees are in receiver.ts. */
import { concat, discard } from "@tombolo/base";
import { BLOCK_BYTES, correlations, gf128Multiply } from "@tombolo/crypto";
import { added, maskSums } from "../../vole/trees.ts";
import { type OtSender, type OtSenderPeer, otSender } from "../softspoken/index.ts";
import { checkBulk } from "../softspoken/steps.ts";
import { BASE_BITS, baseTransfers, MASK_TRANSFERS, NOISE, transfersOf } from "./parameters.ts";
import {
  type BatchKeys,
  baseLabel,
  batchKeys,
  type Made,
  proofOf,
  type SilentOptions,
  Stock,
  sessionOf,
  weightsOf,
} from "./steps.ts";

export interface SilentSenderPeer extends OtSenderPeer {
  send(name: "baseOtChoices" | "otSums" | "otProof", value: Uint8Array): Promise<void>;
  receive(name: "baseOtKeys" | "otTrees" | "otCheck"): Promise<Uint8Array>;
}

/** As `otSender`. Without `delta` a random one; its lowest bit is 1. */
export async function silentOtSender(
  delta: Uint8Array | undefined,
  peer: SilentSenderPeer,
  options: SilentOptions,
): Promise<OtSender> {
  const own = (delta ?? options.secrets.bytes(BLOCK_BYTES)).slice();
  if (delta === undefined) own[0]! |= 1;
  if (own.length !== BLOCK_BYTES || (own[0]! & 1) === 0) throw new RangeError("delta has 16 bytes and is odd");
  const session = await sessionOf(peer.binding, options.label);
  const base = await otSender(own, peer, { ...options, label: baseLabel(options.label), fieldBits: BASE_BITS });
  const stock = new Stock(async (index, depth) =>
    makeBatch(depth, await batchKeys(session, index), base, peer, options),
  );
  return {
    async correlated(count) {
      return { delta: own, q: (await stock.take(count)).blocks };
    },
    async random(count) {
      const first = stock.taken;
      const { blocks } = await stock.take(count);
      const [zero, one] = await Promise.all([
        correlations.correlationHash(blocks, new Uint8Array(BLOCK_BYTES), session.keys, first),
        correlations.correlationHash(blocks, own, session.keys, first),
      ]);
      discard(blocks);
      return { zero, one };
    },
    async bulk(count, form) {
      checkBulk(count, options.adversary === "malicious");
      const { blocks } = await stock.take(count);
      const kept = await correlations.keysSent(blocks, own, session.bulk, form);
      discard(blocks);
      return kept;
    },
  };
}

async function makeBatch(
  depth: number,
  keys: BatchKeys,
  base: OtSender,
  peer: SilentSenderPeer,
  { adversary, secrets }: SilentOptions,
): Promise<Made> {
  const malicious = adversary === "malicious";
  const { delta, q } = await base.correlated(baseTransfers(depth, adversary)); // 1
  const seeds = secrets.bytes(BLOCK_BYTES * NOISE);
  const rest = { delta, q: malicious ? q.subarray(BLOCK_BYTES * MASK_TRANSFERS) : q };
  const { masked, totals } = await maskSums(seeds, depth, rest, keys);
  const sums = concat(masked, corrections(totals, delta));
  await peer.send("otSums", sums); // 2
  const weights = malicious ? await weightsOf(keys, sums) : new Uint8Array(0);
  const made = await correlations.silentExpand(seeds, depth, keys.salt, transfersOf(depth), weights);
  if (malicious) {
    const product = await gf128Multiply((await peer.receive("otCheck")).slice(), delta); // 3: x*·delta
    const mask = await correlations.gf128Compose(q.subarray(0, BLOCK_BYTES * MASK_TRANSFERS));
    await peer.send("otProof", await proofOf(keys, added(added(made.check, mask), product))); // 4
  }
  return { blocks: made.q, choices: new Uint8Array(transfersOf(depth) / 8) };
}

/** Per tree the sum of all leaves, their lowest bits cleared, plus delta. */
const corrections = (totals: Uint8Array, delta: Uint8Array): Uint8Array =>
  totals.map((byte, i) => (i % BLOCK_BYTES === 0 ? byte & ~1 : byte) ^ delta[i % BLOCK_BYTES]!);
