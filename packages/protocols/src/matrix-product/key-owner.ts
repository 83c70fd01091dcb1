/**
 * Product of one party's plaintext matrix with vectors that both hold additive shares of, modulo 2^bits, as shares.
 *
 * Huang, Lu, Hong, Ding, "Cheetah", USENIX Security 2022 (coefficient packing, section 3.1). Deviations: results lie at multiples of the period (layout.ts), so that no shift is needed,
 * and one layout serves the matrix and its transpose; of an answer only wanted coefficients leave; worst-case instead
 * of average noise, and re-randomised flooding from it; the share of the owner of the matrix is added under encryption, so that
 * no product is left to be made in the clear.
 *
 * 1. key owner -> matrix owner, once for all plans of a job: for each ring a public key.
 * 2. key owner -> matrix owner: its share of each vector, encrypted under its secret key, halves replaced by a seed.
 * 3. matrix owner -> key owner: matrix times (share + own share), wanted coefficients alone, plus uniform masks r, flooded, modulo
 *    fewer primes. Its share of the product is -r.
 *
 * The owner of the key learns a uniformly masked product, within statistical distance 2^-40 in the whole job from that alone, and
 * the shape; the owner of the matrix learns nothing but the shape. Adversary: semi-honest. A malicious owner of the matrix
 * learns nothing more but can answer wrongly; a malicious owner of the key could make keys under which answers tell about the matrix.
 * Assumption: learning with errors over rings, 128 bits (crypto/src/rlwe). 2 messages a product, keys once before.
 */
import { discard, type Secrets } from "@tombolo/base";
import type { Peer } from "@tombolo/channel";
import { decodeReleased, encodePublicKey, encodeSeeded, type RlweName, RlweSecretKey } from "@tombolo/crypto";
import { blaming, wrongCount } from "../ciphertexts.ts";
import { takeResults, vectorPolynomials } from "./layout.ts";
import { AT_ONCE, type productMessages } from "./messages.ts";
import { type ProductPlan, ringsOf, type Side } from "./plan.ts";

export type ProductMessages = ReturnType<typeof productMessages<"keyOwner", "matrixOwner">>;
type KeyPeer = Peer<ProductMessages, "keyOwner">;

export class KeyOwner {
  readonly #peer: KeyPeer;
  readonly #secrets: Secrets;
  readonly #keys = new Map<RlweName, RlweSecretKey>();

  private constructor(peer: KeyPeer, secrets: Secrets) {
    this.#peer = peer;
    this.#secrets = secrets;
  }

  /** Fresh keys for products of all these plans, whose public parts go to the partner: once for any number of matrices. */
  static async open(plans: readonly ProductPlan[], peer: KeyPeer, secrets: Secrets): Promise<KeyOwner> {
    const owner = new KeyOwner(peer, secrets);
    for (const of of ringsOf(plans)) {
      const key = new RlweSecretKey(of, secrets);
      owner.#keys.set(of.parameters.name, key);
      await peer.send("productKey", await encodePublicKey(of, await key.publicKey(secrets)));
    }
    return owner;
  }

  /** Of one matrix of the partner's. Nothing is sent. */
  product(plan: ProductPlan): KeyOwnerProduct {
    const key = this.#keys.get(plan.of.parameters.name);
    if (key === undefined) throw new RangeError("a plan that keys were made for");
    return new KeyOwnerProduct(plan, this.#peer, this.#secrets, key);
  }
}

export class KeyOwnerProduct {
  readonly #plan: ProductPlan;
  readonly #peer: KeyPeer;
  readonly #secrets: Secrets;
  readonly #key: RlweSecretKey;

  constructor(plan: ProductPlan, peer: KeyPeer, secrets: Secrets, key: RlweSecretKey) {
    this.#plan = plan;
    this.#peer = peer;
    this.#secrets = secrets;
    this.#key = key;
  }

  /** `vectors`: shares, one vector of `columns` after the other. Returns shares: of each vector `rows`. */
  multiply(vectors: BigUint64Array): Promise<BigUint64Array> {
    return this.#multiply(this.#plan.forward, vectors);
  }

  /** The same with the transposed matrix: vectors of `rows`, results of `columns`. */
  multiplyTransposed(vectors: BigUint64Array): Promise<BigUint64Array> {
    return this.#multiply(bothWays(this.#plan), vectors);
  }

  async #multiply(side: Side, vectors: BigUint64Array): Promise<BigUint64Array> {
    const { of, vectors: given, lots: count, bits } = this.#plan;
    const { length, results, outputs, releaseLevel: level, places } = side;
    if (vectors.length !== length * given) throw new RangeError("vectors as the plan has them");
    await this.#peer.sendEach("productVectors", this.#encrypted(vectorPolynomials(this.#plan, side, vectors)));
    const out = new BigUint64Array(results * given);
    let at = 0;
    for await (const answer of this.#peer.receiveEach("productAnswers")) {
      const here = Math.min(AT_ONCE, outputs * count - at);
      if (here === 0) throw wrongCount(this.#peer.party);
      const released = await blaming(this.#peer.party, () =>
        decodeReleased(of, answer, { count: here, level, places }),
      );
      const numbers = await this.#key.decryptReleased(released, bits);
      for (let i = 0; i < here; i++, at++) {
        const own = numbers.subarray(i * places.wanted, (i + 1) * places.wanted);
        takeResults(this.#plan, side, own, { output: Math.floor(at / count), lot: at % count }, out);
      }
      discard(released.a, released.b);
    }
    if (at !== outputs * count) throw wrongCount(this.#peer.party);
    return out;
  }

  async *#encrypted(polynomials: BigUint64Array): AsyncGenerator<Uint8Array> {
    const { of, bits } = this.#plan;
    const width = AT_ONCE * of.parameters.size;
    for (let at = 0; at < polynomials.length; at += width) {
      const sealed = await this.#key.encrypt(polynomials.subarray(at, at + width), bits, this.#secrets);
      const bytes = await encodeSeeded(of, sealed);
      discard(sealed.b);
      yield bytes;
    }
  }
}

export function bothWays({ transposed }: ProductPlan): Side {
  if (transposed === null) throw new RangeError("a plan for both ways");
  return transposed;
}
