/**
 * The same retrieval for who keeps no hint: the product of the hint with a query's secret, which an answer is read with, is computed where
 * the hint is, under encryption.
 *
 * Paper: HintlessPIR (Li, Micciancio, Raykova, Schultz, CRYPTO 2024). Deviation: the product is that of `matrix-product` (by coefficients) in place of
 * rotations of slots, and comes for each query before it, in step with it.
 *
 * Once: keys of the guest's, as matrix-product has them. For each query: 1. guest -> host: s, encrypted.  2. host -> guest: H·s - r, encrypted, and r.
 *
 * Learns. Host: nothing more than of a query with a hint (learning with errors over rings, beside the plain one: the encryption's keys have nothing of s).
 * Guest: H·s, which who has the hint computes itself; so what matrix-product hides of H is not needed here.
 * Rounds: 1 more a query. Bytes, at 10^6 keys with values of 48 bytes: 0.19 MB of keys once, 3.0 MB up and 2.6 MB down a query; the hint would be 14 MB.
 */
import type { Secrets } from "@tombolo/base";
import { message, type Peer, u32s } from "@tombolo/channel";
import {
  KeyOwner,
  type KeyOwnerProduct,
  MatrixOwner,
  type MatrixOwnerProduct,
  type ProductMessages,
  type ProductPlan,
  planProduct,
  productMessages,
  ReleaseBudget,
} from "../../matrix-product/index.ts";
import type { Description } from "./database.ts";
import { Prepared, refused } from "./guest.ts";
import { rowsOf } from "./layout.ts";
import { DIMENSION, MODULUS_BITS, ROWS_MAX } from "./parameters.ts";

/** Of one session: millions of queries. */
const RELEASED_MAX = 2 ** 36;
/** For transforms of the hint: that of a table of four million rows fits. */
const CACHE_BYTES_MAX = 2 ** 30;

export const hintlessMessages = {
  ...productMessages("guest", "host"),
  productShares: message("host", "guest", u32s, {
    means: {
      en: "What masks the product before it; only where no hint is kept",
      zh: "其前一乘积的掩码；仅在查询方不保存提示数据时",
    },
    sizeMax: 4 * ROWS_MAX,
  }),
};

const planFor = (description: Description): ProductPlan =>
  planProduct({
    ...{ rows: rowsOf(description), columns: DIMENSION, vectors: 1, entryBits: MODULUS_BITS, bits: MODULUS_BITS },
    releasedMax: RELEASED_MAX,
  });

/** Guest: prepares queries one after another, right before each. */
export class WithoutHint {
  readonly description: Description;
  readonly #peer: Peer<typeof hintlessMessages, "guest">;
  readonly #secrets: Secrets;
  #product: KeyOwnerProduct | undefined;

  constructor(description: Description, peer: Peer<typeof hintlessMessages, "guest">, secrets: Secrets) {
    this.description = description;
    this.#peer = peer;
    this.#secrets = secrets;
  }

  prepare(): Promise<Prepared> {
    return Prepared.makeBy(this.description, (secret) => this.#times(secret), this.#secrets);
  }

  /** H·s */
  async #times(secret: Uint32Array): Promise<Uint32Array> {
    this.#product ??= await this.#open();
    const masked = await this.#product.multiply(BigUint64Array.from(secret, BigInt)); // 1, 2
    const masks = await this.#peer.receive("productShares");
    if (masks.length !== masked.length)
      throw refused("size", "the partner's masks have another size", this.#peer.party);
    return masks.map((mask, row) => mask + Number(BigInt.asUintN(MODULUS_BITS, masked[row]!)));
  }

  async #open(): Promise<KeyOwnerProduct> {
    const plan = planFor(this.description);
    // What the roles of a table are called is for the compiler alone.
    const peer = this.#peer as unknown as Peer<ProductMessages, "keyOwner">;
    return (await KeyOwner.open([plan], peer, this.#secrets)).product(plan);
  }
}

/** Host: answers what `WithoutHint` asks, before each query. */
export class HintProducts {
  readonly #description: Description;
  readonly #hint: Uint32Array;
  readonly #peer: Peer<typeof hintlessMessages, "host">;
  readonly #secrets: Secrets;
  #product: MatrixOwnerProduct | undefined;

  constructor(
    { description, hint }: { readonly description: Description; readonly hint: Uint32Array },
    peer: Peer<typeof hintlessMessages, "host">,
    secrets: Secrets,
  ) {
    this.#description = description;
    this.#hint = hint;
    this.#peer = peer;
    this.#secrets = secrets;
  }

  async answer(): Promise<void> {
    this.#product ??= await this.#open();
    const masks = await this.#product.multiply(null);
    await this.#peer.send(
      "productShares",
      Uint32Array.from(masks, (mask) => Number(BigInt.asUintN(MODULUS_BITS, mask))),
    );
  }

  async #open(): Promise<MatrixOwnerProduct> {
    const plan = planFor(this.#description);
    const budget = new ReleaseBudget(RELEASED_MAX);
    const peer = this.#peer as unknown as Peer<ProductMessages, "matrixOwner">;
    const options = { secrets: this.#secrets, budget, cacheBytesMax: CACHE_BYTES_MAX };
    const owner = await MatrixOwner.open([plan], peer, options);
    // As signed numbers, which are smaller; modulo 2^32 they are the same.
    return owner.product(
      plan,
      BigInt64Array.from(this.#hint, (word) => BigInt(word | 0)),
    );
  }
}
