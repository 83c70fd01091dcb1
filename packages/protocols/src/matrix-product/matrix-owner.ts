/** Who has the matrix: goal, messages and guarantees are in key-owner.ts. */
import { discard, type Secrets } from "@tombolo/base";
import type { Peer } from "@tombolo/channel";
import {
  addPlain,
  type Ciphertexts,
  decodeGaloisKeys,
  decodePublicKey,
  decodeSeeded,
  type ExpandedGaloisKey,
  encodeCiphertexts,
  expandGaloisKey,
  expandSeeded,
  flood,
  inForm,
  liftPlain,
  mergeCiphertexts,
  multiplyPlain,
  type RlwePublicKey,
  switchModulus,
} from "@tombolo/crypto";
import type { ReleaseBudget } from "./budget.ts";
import { blaming, type ProductMessages, wrongCount } from "./key-owner.ts";
import { matrixPolynomials, takeRows, vectorPolynomials } from "./layout.ts";
import type { ProductPlan } from "./plan.ts";

export interface MatrixOwnerOptions {
  readonly secrets: Secrets;
  /** One for the whole job; the plan's `releasedMax` is its size. */
  readonly budget: ReleaseBudget;
  /** For transforms of the matrix, kept for later products; what does not fit is made anew each time. */
  readonly cacheBytesMax: number;
}

type MatrixPeer = Peer<ProductMessages, "matrixOwner">;

export class MatrixOwner {
  readonly #plan: ProductPlan;
  readonly #matrix: BigInt64Array;
  readonly #peer: MatrixPeer;
  readonly #options: MatrixOwnerOptions;
  readonly #publicKey: RlwePublicKey;
  readonly #keys: readonly ExpandedGaloisKey[];
  /** By output. */
  readonly #transforms = new Map<number, BigUint64Array>();
  #cachedBytes = 0;

  private constructor(
    plan: ProductPlan,
    matrix: BigInt64Array,
    peer: MatrixPeer,
    options: MatrixOwnerOptions,
    keys: { readonly publicKey: RlwePublicKey; readonly switching: readonly ExpandedGaloisKey[] },
  ) {
    this.#plan = plan;
    this.#matrix = matrix;
    this.#peer = peer;
    this.#options = options;
    this.#publicKey = keys.publicKey;
    this.#keys = keys.switching;
  }

  /** `matrix`: row after row, entries within the plan's `entryBits`. Receives the partner's keys, once for any number of products. */
  static async open(
    plan: ProductPlan,
    matrix: BigInt64Array,
    peer: MatrixPeer,
    options: MatrixOwnerOptions,
  ): Promise<MatrixOwner> {
    const bound = 1n << BigInt(plan.entryBits);
    if (matrix.length !== plan.rows * plan.columns) throw new RangeError("a matrix as the plan has it");
    if (!matrix.every((entry) => entry < bound && entry > -bound)) throw new RangeError("entries within their bits");
    if (options.budget.max !== plan.releasedMax) throw new RangeError("a plan is made for the job's budget");
    const { of, exponents } = plan;
    const key = await peer.receive("productKey");
    const publicKey = await blaming(peer.party, () => decodePublicKey(of, key));
    const switching: ExpandedGaloisKey[] = [];
    for await (const one of peer.receiveEach("productSwitchingKeys")) {
      const exponent = exponents[switching.length];
      if (exponent === undefined) throw wrongCount(peer.party);
      const [decoded] = await blaming(peer.party, () => decodeGaloisKeys(of, one, [exponent]));
      switching.push(await expandGaloisKey(of, decoded!));
    }
    if (switching.length !== exponents.length) throw wrongCount(peer.party);
    return new MatrixOwner(plan, matrix, peer, options, { publicKey, switching });
  }

  /** `shares`: own shares of the vectors, or null where the partner has them whole. Returns own shares of the products. */
  async multiply(shares: BigUint64Array | null): Promise<BigUint64Array> {
    const { columns, rows, vectors: count, released } = this.#plan;
    if (shares !== null && shares.length !== columns * count) throw new RangeError("vectors as the plan has them");
    const vectors = await this.#receiveVectors(shares);
    this.#options.budget.take(released);
    const out = new BigUint64Array(rows * count);
    await this.#peer.sendEach("productAnswers", this.#answers(vectors, out));
    return out;
  }

  async #receiveVectors(shares: BigUint64Array | null): Promise<Ciphertexts> {
    const { of, blocks, vectors: count, bits } = this.#plan;
    const [level, width] = [of.parameters.primes.length, 2 * of.words(of.parameters.primes.length)];
    const polynomials = new BigUint64Array(blocks * count * width);
    let at = 0;
    for await (const one of this.#peer.receiveEach("productVectors")) {
      if (at === blocks * count) throw wrongCount(this.#peer.party);
      const seeded = await blaming(this.#peer.party, () => decodeSeeded(of, one, 1));
      const expanded = await expandSeeded(of, seeded);
      polynomials.set(expanded.polynomials, width * at++);
      discard(seeded.b, expanded.polynomials);
    }
    if (at !== blocks * count) throw wrongCount(this.#peer.party);
    const received: Ciphertexts = { level, form: "values", polynomials };
    if (shares === null) return received;
    const sum = await addPlain(of, received, vectorPolynomials(this.#plan, shares), bits);
    discard(polynomials);
    return sum;
  }

  /** For each output one ciphertext a vector; own shares go into `out`. */
  async *#answers(vectors: Ciphertexts, out: BigUint64Array): AsyncGenerator<Uint8Array> {
    const { rows, outputs, vectors: count } = this.#plan;
    for (let output = 0; output < outputs; output++) {
      const products = await this.#products(vectors, output);
      for (let vector = 0; vector < count; vector++)
        yield this.#release(products[vector]!, output, out.subarray(vector * rows, (vector + 1) * rows));
    }
    discard(vectors.polynomials);
  }

  /** Of each vector the 2^depth ciphertexts that make up an output. */
  async #products(vectors: Ciphertexts, output: number): Promise<Ciphertexts[]> {
    const { of, blocks, vectors: count, depth } = this.#plan;
    const transformed = await this.#transformed(output);
    const product = await multiplyPlain(of, transformed, vectors, blocks);
    const { polynomials, level } = await inForm(of, product, "coefficients");
    if (!this.#transforms.has(output)) discard(transformed);
    const width = 2 * of.words(level);
    const results = Array.from({ length: count }, (_, vector) => {
      const own = new BigUint64Array(2 ** depth * width);
      for (let group = 0; (group * count + vector) * width < polynomials.length; group++)
        own.set(
          polynomials.subarray((group * count + vector) * width, (group * count + vector + 1) * width),
          group * width,
        );
      return { level, form: "coefficients" as const, polynomials: own };
    });
    discard(product.polynomials, polynomials);
    return results;
  }

  async #release(groups: Ciphertexts, output: number, out: BigUint64Array): Promise<Uint8Array> {
    const { of, period, depth, bits, floodBits, releaseLevel } = this.#plan;
    const { secrets } = this.#options;
    const packed = await mergeCiphertexts(of, groups, period, depth, this.#keys);
    const masks = new BigUint64Array(secrets.bytes(8 * of.parameters.size).slice().buffer);
    const masked = await addPlain(of, packed, masks, bits);
    const flooded = await flood(of, this.#publicKey, masked, floodBits, secrets);
    const own = masks.map((mask) => BigInt.asUintN(bits, -mask));
    takeRows(this.#plan, own, output, out);
    const released = await encodeCiphertexts(of, await switchModulus(of, flooded, releaseLevel));
    discard(groups.polynomials, packed.polynomials, masked.polynomials, flooded.polynomials);
    return released;
  }

  async #transformed(output: number): Promise<BigUint64Array> {
    const found = this.#transforms.get(output);
    if (found !== undefined) return found;
    const { of, rows, rowsAtOnce, depth } = this.#plan;
    const first = output * 2 ** depth;
    const groups = Math.min(2 ** depth, Math.ceil(rows / rowsAtOnce) - first);
    const polynomials = matrixPolynomials(this.#plan, this.#matrix, first, groups);
    const made = await liftPlain(of, of.parameters.primes.length, polynomials);
    if (this.#cachedBytes + made.byteLength <= this.#options.cacheBytesMax) {
      this.#transforms.set(output, made);
      this.#cachedBytes += made.byteLength;
    }
    return made;
  }
}
