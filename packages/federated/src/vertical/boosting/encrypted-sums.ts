/** Candidates' sums by additive encryption of each row's gradients, the host's side. */
import { type Secrets, TomboloError } from "@tombolo/base";
import { type HePublicKey, hePublicKeyFromBytes } from "@tombolo/crypto";
import type { Feature } from "./binning.ts";
import { EncryptedHistograms, takeCells } from "./encrypted-histogram.ts";
import { binOffsets, countBins } from "./histogram.ts";
import type { HostPeer, HostSums } from "./host.ts";
import { planPacking } from "./packing.ts";
import type { BoostingParameters } from "./parameters.ts";
import type { Partition } from "./partition.ts";
import { offeredCells, type ShuffledPlan, shapeOf, shufflePlan } from "./shuffle.ts";
import { planNode } from "./split.ts";
import { CELLS_MAX, cellCount, chunked, encodeShapes } from "./wire.ts";

export async function receiveKey({ scheme, keyBits }: BoostingParameters, peer: HostPeer): Promise<HePublicKey> {
  const key = hePublicKeyFromBytes(await peer.receive("key"));
  if (key.scheme !== scheme || key.keyBits !== keyBits)
    throw new TomboloError("protocol.public-key", "the guest's key is not of the agreed scheme and size");
  return key;
}

interface Encryption {
  readonly peer: HostPeer;
  readonly key: HePublicKey;
  readonly features: readonly Feature[];
  readonly parameters: BoostingParameters;
  readonly secrets: Secrets;
}

export class EncryptedSums implements HostSums {
  readonly features: readonly Feature[];
  private readonly host: Encryption;
  private readonly offsets: Int32Array;
  private rows: Int32Array = new Int32Array(0);
  private histograms: EncryptedHistograms | undefined;

  constructor(host: Encryption) {
    this.host = host;
    this.features = host.features;
    this.offsets = binOffsets(host.features);
  }

  async startTree(rows: Int32Array, active: Uint8Array): Promise<void> {
    const { key, features } = this.host;
    this.rows = rows;
    this.histograms = new EncryptedHistograms({
      key,
      features,
      active,
      ciphertexts: await this.receiveGradients(),
      rows,
    });
  }

  /** Sends the sums of all candidates of the level, shuffled, packed and under fresh randomness. */
  async offer(open: readonly number[], active: Uint8Array, partition: Partition): Promise<ShuffledPlan[]> {
    const { features, key, peer, secrets, parameters } = this.host;
    const offsets = this.offsets;
    const histograms = this.histograms!;
    const counts = open.map((node) => countBins(features, offsets, partition.sampledRows(node)));
    const plans = counts.map((own) => planNode(features, active, own, offsets, parameters.minimumRows));
    const shuffled = plans.map((plan) => shufflePlan(plan, secrets));
    checkSize(shuffled);
    await peer.send("offers", encodeShapes(shuffled.map(shapeOf)));
    const order = levelOrder(shuffled);
    if (order.length === 0) return shuffled;
    await histograms.advance(open, partition);
    const level = await histograms.candidates(open, plans, counts, offsets);
    const packing = planPacking(parameters, this.rows.length, key);
    const cells = takeCells(level.cells, order, key.ciphertextBytes);
    const packed = await key.packShift(cells, packing.perCiphertext, packing.cellBits);
    // Adding an encryption of the completion also makes the randomness fresh, independent of the rows summed.
    const completion = await key.encrypt(packing.completion(order.map((at) => level.counts[at]!)), secrets);
    await peer.sendEach("sums", chunked(await key.add(packed, completion)));
    return shuffled;
  }

  /** Each chunk is validated while the next is on its way. */
  private async receiveGradients(): Promise<Uint8Array> {
    const { key, peer } = this.host;
    const ciphertexts = new Uint8Array(this.rows.length * key.ciphertextBytes);
    let at = 0;
    for await (const chunk of peer.receiveEach("gradients")) {
      if (at + chunk.length > ciphertexts.length)
        throw new TomboloError("protocol.malformed", "more gradients than rows");
      await key.validate(chunk);
      ciphertexts.set(chunk, at);
      at += chunk.length;
    }
    if (at !== ciphertexts.length) throw new TomboloError("protocol.malformed", "fewer gradients than rows");
    return ciphertexts;
  }
}

function checkSize(level: readonly ShuffledPlan[]): void {
  const cells = level.reduce((sum, plan) => sum + cellCount(shapeOf(plan)), 0);
  if (cells > CELLS_MAX)
    throw new TomboloError("resource.candidates", "a level of the tree has more candidate splits than fit in memory", {
      remedy: "Use fewer columns or bins, or less depth.",
    });
}

/** Where each offered cell of the level is in plan order. */
function levelOrder(shuffled: readonly ShuffledPlan[]): number[] {
  let first = 0;
  return shuffled.flatMap((plan) => {
    const cells = offeredCells(plan).map((at) => first + at);
    first += cells.length;
    return cells;
  });
}
