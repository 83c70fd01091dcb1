/**
 * Products made ahead: of the matrix with random vectors that the owner of the key draws, several at a time, so that a later product with
 * a shared vector is one message and work in the clear.
 *
 * Beaver, CRYPTO 1991, with one factor in the clear at one party (Mohassel, Zhang, "SecureML", IEEE S&P 2017, section 4.2). Both have
 * shares of X·u, u known to the owner of the key. For a shared vector v = v_k + v_m that one sends v_k - u; the owner of the matrix adds
 * X·(v_m + v_k - u), which it computes by itself, to its share.
 *
 * Learns: what is sent is uniform, since each u serves once; else as key-owner.ts, of whose products these are made. One message,
 * eight bytes a number of the vector.
 */
import { type Secrets, TomboloError } from "@tombolo/base";
import type { Peer } from "@tombolo/channel";
import type { ClearMatrix, Way } from "./clear-product.ts";
import { bothWays, type KeyOwner } from "./key-owner.ts";
import type { MatrixOwner } from "./matrix-owner.ts";
import type { aheadMessages } from "./messages.ts";
import type { ProductPlan, Side } from "./plan.ts";

export type AheadMessages = ReturnType<typeof aheadMessages<"keyOwner", "matrixOwner">>;

const sideOf = (plan: ProductPlan, way: Way): Side => (way === "forward" ? plan.forward : bothWays(plan));

function* parted(words: BigUint64Array, count: number): Generator<BigUint64Array> {
  for (let i = 0; i < count; i++) yield words.slice((i * words.length) / count, ((i + 1) * words.length) / count);
}

export class KeyOwnerAhead {
  readonly #plan: ProductPlan;
  readonly #owner: KeyOwner;
  readonly #peer: Peer<AheadMessages, "keyOwner">;
  readonly #secrets: Secrets;
  readonly #stock = {
    forward: [] as { readonly mask: BigUint64Array; readonly share: BigUint64Array }[],
    transposed: [] as { readonly mask: BigUint64Array; readonly share: BigUint64Array }[],
  };

  constructor(plan: ProductPlan, owner: KeyOwner, peer: Peer<AheadMessages, "keyOwner">, secrets: Secrets) {
    this.#plan = plan;
    this.#owner = owner;
    this.#peer = peer;
    this.#secrets = secrets;
  }

  /** As many of each as the plan has vectors. The partner does the same. */
  async make(ways: readonly Way[]): Promise<void> {
    for (const way of ways) await this.#make(way);
  }

  async #make(way: Way): Promise<void> {
    const { vectors } = this.#plan;
    const count = sideOf(this.#plan, way).length * vectors;
    const masks = new BigUint64Array(this.#secrets.bytes(8 * count).slice().buffer);
    const product = this.#owner.product(this.#plan);
    const shares = await (way === "forward" ? product.multiply(masks) : product.multiplyTransposed(masks));
    const own = [...parted(shares, vectors)];
    for (const mask of parted(masks, vectors)) this.#stock[way].push({ mask, share: own.shift()! });
  }

  /** Own share of the product, from that of the vector. */
  async multiply(way: Way, share: BigUint64Array): Promise<BigUint64Array> {
    const made = this.#stock[way].shift();
    if (made === undefined || share.length !== made.mask.length) throw new RangeError("a product made ahead");
    const masked = share.map((word, i) => word - made.mask[i]!);
    await this.#peer.send("productMasked", new Uint8Array(masked.buffer));
    return made.share;
  }
}

export class MatrixOwnerAhead {
  readonly #plan: ProductPlan;
  readonly #owner: MatrixOwner;
  readonly #peer: Peer<AheadMessages, "matrixOwner">;
  readonly #matrix: ClearMatrix;
  readonly #stock = { forward: [] as BigUint64Array[], transposed: [] as BigUint64Array[] };

  /** The matrix is read for as long as there are products. */
  constructor(plan: ProductPlan, owner: MatrixOwner, peer: Peer<AheadMessages, "matrixOwner">, matrix: ClearMatrix) {
    this.#plan = plan;
    this.#owner = owner;
    this.#peer = peer;
    this.#matrix = matrix;
  }

  /** Those of all ways from one set of transforms, which are then forgotten. */
  async make(ways: readonly Way[]): Promise<void> {
    const product = this.#owner.product(this.#plan, this.#matrix.entries);
    for (const way of ways) {
      const shares = await (way === "forward" ? product.multiply(null) : product.multiplyTransposed(null));
      this.#stock[way].push(...parted(shares, this.#plan.vectors));
    }
    product.forget();
  }

  /** Own share of the product, from that of the vector. */
  async multiply(way: Way, share: BigUint64Array): Promise<BigUint64Array> {
    const made = this.#stock[way].shift();
    if (made === undefined || share.length !== sideOf(this.#plan, way).length)
      throw new RangeError("a product made ahead");
    const bytes = await this.#peer.receive("productMasked");
    if (bytes.length !== 8 * share.length)
      throw new TomboloError("protocol.count", "the partner sent a vector of another length", {
        blame: this.#peer.party,
      });
    const masked = new BigUint64Array(new Uint8Array(bytes).buffer); // a copy: what came may be a part of a frame
    for (let i = 0; i < share.length; i++) masked[i] = masked[i]! + share[i]!;
    const product = this.#matrix.times(masked, way);
    for (let i = 0; i < product.length; i++) product[i] = product[i]! + made[i]!;
    return product;
  }
}
