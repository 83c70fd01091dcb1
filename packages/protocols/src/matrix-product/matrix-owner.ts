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
  type Rlwe,
  type RlweName,
  type RlwePublicKey,
  switchModulus,
} from "@tombolo/crypto";
import type { ReleaseBudget } from "./budget.ts";
import { blaming, type ProductMessages, wrongCount } from "./key-owner.ts";
import {
  entriesWithin,
  entryCount,
  type MatrixEntries,
  matrixPolynomials,
  takeRows,
  vectorPolynomials,
} from "./layout.ts";
import { type ProductPlan, ringsOf } from "./plan.ts";

export interface MatrixOwnerOptions {
  readonly secrets: Secrets;
  /** One for the whole job; the plans' `releasedMax` is its size. */
  readonly budget: ReleaseBudget;
  /** For transforms of all matrices, kept for later products; what does not fit is made anew each time. */
  readonly cacheBytesMax: number;
}

type MatrixPeer = Peer<ProductMessages, "matrixOwner">;

interface PartnerKeys {
  readonly publicKey: RlwePublicKey;
  readonly switching: readonly ExpandedGaloisKey[];
}

export class MatrixOwner {
  readonly #peer: MatrixPeer;
  readonly #options: MatrixOwnerOptions;
  readonly #keys = new Map<RlweName, PartnerKeys>();
  readonly #room: { bytes: number };

  private constructor(peer: MatrixPeer, options: MatrixOwnerOptions) {
    this.#peer = peer;
    this.#options = options;
    this.#room = { bytes: options.cacheBytesMax };
  }

  /** Receives the partner's keys, once for any number of matrices: the partner opens the same plans. */
  static async open(
    plans: readonly ProductPlan[],
    peer: MatrixPeer,
    options: MatrixOwnerOptions,
  ): Promise<MatrixOwner> {
    if (plans.some(({ releasedMax }) => releasedMax !== options.budget.max))
      throw new RangeError("plans are made for the job's budget");
    const owner = new MatrixOwner(peer, options);
    for (const { of, exponents } of ringsOf(plans))
      owner.#keys.set(of.parameters.name, await receiveKeys(of, exponents, peer));
    return owner;
  }

  /** `matrix`: entries within the plan's `entryBits`; it is read until all its transforms are kept. Nothing is sent. */
  product(plan: ProductPlan, matrix: MatrixEntries): MatrixOwnerProduct {
    const keys = this.#keys.get(plan.of.parameters.name);
    if (keys === undefined || plan.releasedMax !== this.#options.budget.max)
      throw new RangeError("a plan that keys were made for");
    if (entryCount(matrix) !== plan.rows * plan.columns) throw new RangeError("a matrix as the plan has it");
    if (!entriesWithin(matrix, plan.entryBits)) throw new RangeError("entries within their bits");
    return new MatrixOwnerProduct(plan, matrix, { peer: this.#peer, options: this.#options, keys, room: this.#room });
  }
}

async function receiveKeys(of: Rlwe, exponents: readonly number[], peer: MatrixPeer): Promise<PartnerKeys> {
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
  return { publicKey, switching };
}

interface Opened {
  readonly peer: MatrixPeer;
  readonly options: MatrixOwnerOptions;
  readonly keys: PartnerKeys;
  /** Left for transforms of all matrices. */
  readonly room: { bytes: number };
}

export class MatrixOwnerProduct {
  readonly #plan: ProductPlan;
  /** Null when all its transforms are kept. */
  #matrix: MatrixEntries | null;
  readonly #peer: MatrixPeer;
  readonly #options: MatrixOwnerOptions;
  readonly #keys: PartnerKeys;
  readonly #room: { bytes: number };
  /** By output. */
  readonly #transforms = new Map<number, BigUint64Array>();

  constructor(plan: ProductPlan, matrix: MatrixEntries, { peer, options, keys, room }: Opened) {
    this.#plan = plan;
    this.#matrix = matrix;
    this.#peer = peer;
    this.#options = options;
    this.#keys = keys;
    this.#room = room;
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
    const packed = await mergeCiphertexts(of, groups, period, depth, this.#keys.switching);
    const masks = new BigUint64Array(secrets.bytes(8 * of.parameters.size).slice().buffer);
    const masked = await addPlain(of, packed, masks, bits);
    const flooded = await flood(of, this.#keys.publicKey, masked, floodBits, secrets);
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
    if (this.#matrix === null) throw new RangeError("a matrix is read until its transforms are kept");
    const polynomials = matrixPolynomials(this.#plan, this.#matrix, first, groups);
    const made = await liftPlain(of, of.parameters.primes.length, polynomials);
    discard(polynomials);
    if (made.byteLength > this.#room.bytes) return made;
    this.#room.bytes -= made.byteLength;
    this.#transforms.set(output, made);
    if (this.#transforms.size === this.#plan.outputs) this.#matrix = null;
    return made;
  }
}
