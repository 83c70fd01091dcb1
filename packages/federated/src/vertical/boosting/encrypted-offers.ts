/** A host's offers by additive encryption of each row's gradients, the guest's side. */
import type { HePrivateKey } from "@tombolo/crypto";
import type { Offer, Sums } from "./choose.ts";
import type { EncryptedGradients } from "./encrypted-gradients.ts";
import type { Gradients } from "./objective.ts";
import { planPacking } from "./packing.ts";
import type { BoostingParameters } from "./parameters.ts";
import type { GuestPeer, OfferSource } from "./remote-site.ts";
import type { Level } from "./site.ts";
import { cellCount, collect, decodeShapes, type OfferShape } from "./wire.ts";

export interface EncryptedHost {
  readonly peer: GuestPeer;
  readonly key: HePrivateKey;
  readonly parameters: BoostingParameters;
  /** As the host said. */
  readonly columns: number;
  readonly encrypted: EncryptedGradients;
}

export class EncryptedOffers implements OfferSource {
  private readonly host: EncryptedHost;
  private rows: Int32Array = new Int32Array(0);

  constructor(host: EncryptedHost) {
    this.host = host;
  }

  async startTree(_tree: number, gradients: Gradients, rows: Int32Array): Promise<void> {
    this.rows = rows;
    await this.host.peer.sendEach("gradients", this.host.encrypted.chunks(gradients, rows));
  }

  async offers({ open }: Level): Promise<readonly Offer[]> {
    const { peer, columns } = this.host;
    const shapes = decodeShapes(await peer.receive("offers"), open.length, columns);
    const sums = await this.receiveSums(shapes.reduce((total, shape) => total + cellCount(shape), 0));
    let at = 0;
    return shapes.map((shape) => {
      at += cellCount(shape);
      return offerFrom(shape, sums, at - cellCount(shape));
    });
  }

  /** `protocol.bound` from `decode` ends the session; nothing else about a decrypted value goes back. */
  private async receiveSums(cells: number): Promise<Sums> {
    const { peer, key, parameters } = this.host;
    if (cells === 0) return { g: new Float64Array(0), h: new Float64Array(0) };
    const packing = planPacking(parameters, this.rows.length, key.publicKey);
    const length = Math.ceil(cells / packing.perCiphertext) * key.publicKey.ciphertextBytes;
    return packing.decode(await key.decrypt(await collect(peer.receiveEach("sums"), length)), cells);
  }
}

function offerFrom(shape: OfferShape, sums: Sums, first: number): Offer {
  let at = first;
  const take = (count: number): Sums => {
    at += count;
    return { g: sums.g.subarray(at - count, at), h: sums.h.subarray(at - count, at) };
  };
  return { singles: take(shape.singles), groups: shape.groups.map(take) };
}
