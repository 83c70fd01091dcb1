/** Who has the matrix: goal, messages and guarantees are in key-owner.ts. */
import { discard, type Secrets } from "@tombolo/base";
import type { Peer } from "@tombolo/channel";
import {
  addCiphertexts,
  type Ciphertexts,
  countOf,
  decodePublicKey,
  decodeSeeded,
  encodeReleased,
  expandPublicKey,
  expandSeeded,
  liftPlain,
  multiplyPlain,
  type Rlwe,
  type RlweName,
  releaseCiphertexts,
  someOf,
} from "@tombolo/crypto";
import { blaming, wrongCount } from "../ciphertexts.ts";
import type { ReleaseBudget } from "./budget.ts";
import { KeptTransforms, type TransformRoom, type TransformStore } from "./kept-transforms.ts";
import { bothWays, type ProductMessages } from "./key-owner.ts";
import {
  entriesWithin,
  hasShape,
  type MatrixEntries,
  matrixPolynomials,
  takeResults,
  vectorPolynomials,
} from "./layout.ts";
import { AT_ONCE } from "./messages.ts";
import { type ProductPlan, ringsOf, type Side } from "./plan.ts";

export interface MatrixOwnerOptions {
  readonly secrets: Secrets;
  /** One for an attempt at the whole job; the plans' `releasedMax` is its size. */
  readonly budget: ReleaseBudget;
  /** Of memory, for transforms of all matrices, kept for later products. */
  readonly cacheBytesMax: number;
  /** For those that do not fit. Without it they are made anew each time. */
  readonly store?: TransformStore | undefined;
}

type MatrixPeer = Peer<ProductMessages, "matrixOwner">;

/** Transforms in memory at once, besides those that are kept: 64 MiB in ring 8,192. */
const STRIP_POLYNOMIALS = 256;

export class MatrixOwner {
  readonly #peer: MatrixPeer;
  readonly #options: MatrixOwnerOptions;
  readonly #keys = new Map<RlweName, BigUint64Array>();
  readonly #room: TransformRoom;

  private constructor(peer: MatrixPeer, options: MatrixOwnerOptions) {
    this.#peer = peer;
    this.#options = options;
    this.#room = { bytes: options.cacheBytesMax, store: options.store ?? null };
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
    for (const of of ringsOf(plans)) owner.#keys.set(of.parameters.name, await receiveKey(of, peer));
    return owner;
  }

  /** `matrix`: entries within the plan's `entryBits`; it is read until all its transforms are kept. Nothing is sent. */
  product(plan: ProductPlan, matrix: MatrixEntries): MatrixOwnerProduct {
    const publicKey = this.#keys.get(plan.of.parameters.name);
    if (publicKey === undefined || plan.releasedMax !== this.#options.budget.max)
      throw new RangeError("a plan that keys were made for");
    if (!hasShape(matrix, plan.rows, plan.columns)) throw new RangeError("a matrix as the plan has it");
    if (!entriesWithin(matrix, plan.entryBits)) throw new RangeError("entries within their bits");
    return new MatrixOwnerProduct(plan, matrix, {
      peer: this.#peer,
      options: this.#options,
      publicKey,
      room: this.#room,
    });
  }
}

async function receiveKey(of: Rlwe, peer: MatrixPeer): Promise<BigUint64Array> {
  const key = await peer.receive("productKey");
  return expandPublicKey(of, await blaming(peer.party, () => decodePublicKey(of, key)));
}

interface Opened {
  readonly peer: MatrixPeer;
  readonly options: MatrixOwnerOptions;
  readonly publicKey: BigUint64Array;
  readonly room: TransformRoom;
}

export class MatrixOwnerProduct {
  readonly #plan: ProductPlan;
  /** Null when all its transforms are kept. */
  #matrix: MatrixEntries | null;
  readonly #peer: MatrixPeer;
  readonly #options: MatrixOwnerOptions;
  readonly #publicKey: BigUint64Array;
  /** By strip of rows. */
  readonly #transforms: KeptTransforms;

  constructor(plan: ProductPlan, matrix: MatrixEntries, { peer, options, publicKey, room }: Opened) {
    this.#plan = plan;
    this.#matrix = matrix;
    this.#peer = peer;
    this.#options = options;
    this.#publicKey = publicKey;
    this.#transforms = new KeptTransforms(room);
  }

  /** `shares`: own shares of the vectors, or null where the partner has them whole. Returns own shares of the products. */
  multiply(shares: BigUint64Array | null): Promise<BigUint64Array> {
    return this.#multiply(this.#plan.forward, shares);
  }

  /** The same with the transposed matrix: vectors of `rows`, results of `columns`. */
  multiplyTransposed(shares: BigUint64Array | null): Promise<BigUint64Array> {
    return this.#multiply(bothWays(this.#plan), shares);
  }

  /** Gives back the room of transforms: no product follows. */
  forget(): void {
    this.#transforms.forget();
  }

  async #multiply(side: Side, shares: BigUint64Array | null): Promise<BigUint64Array> {
    const { vectors: count } = this.#plan;
    if (shares !== null && shares.length !== side.length * count) throw new RangeError("vectors as the plan has them");
    const vectors = await this.#receiveVectors(side, shares);
    this.#options.budget.take(side.released);
    const out = new BigUint64Array(side.results * count);
    await this.#peer.sendEach("productAnswers", this.#answers(side, vectors, out));
    discard(vectors.polynomials);
    return out;
  }

  async #receiveVectors(side: Side, shares: BigUint64Array | null): Promise<Ciphertexts> {
    const { of, lots, bits } = this.#plan;
    const { size, primes } = of.parameters;
    const [all, width] = [side.inputs * lots, 2 * of.words(primes.length)];
    const polynomials = new BigUint64Array(all * width);
    const own = shares === null ? new BigUint64Array(0) : vectorPolynomials(this.#plan, side, shares);
    let at = 0;
    for await (const one of this.#peer.receiveEach("productVectors")) {
      const here = Math.min(AT_ONCE, all - at);
      if (here === 0) throw wrongCount(this.#peer.party);
      const seeded = await blaming(this.#peer.party, () => decodeSeeded(of, one, here));
      const more = { values: own.subarray(at * size, (at + here) * size), bits };
      const expanded = await expandSeeded(of, seeded, more);
      polynomials.set(expanded.polynomials, width * at);
      at += here;
      discard(seeded.b, expanded.polynomials);
    }
    if (at !== all) throw wrongCount(this.#peer.party);
    return { level: primes.length, form: "values", polynomials };
  }

  /** Own shares go into `out`. */
  async *#answers(side: Side, vectors: Ciphertexts, out: BigUint64Array): AsyncGenerator<Uint8Array> {
    const { of, lots: count } = this.#plan;
    let done = 0;
    for await (const products of side.turned ? this.#columnSums(vectors) : this.#rowSums(vectors)) {
      const here = countOf(of, products);
      for (let from = 0; from < here; from += AT_ONCE) {
        const some = someOf(of, products, from, Math.min(here, from + AT_ONCE));
        yield this.#release(side, some, done + from, out);
      }
      done += here;
      discard(products.polynomials);
    }
    if (done !== side.outputs * count) throw new Error("as many answers as planned");
  }

  /** A multiple of what is sent at once, but for the last. */
  async *#rowSums(vectors: Ciphertexts): AsyncGenerator<Ciphertexts> {
    const { of, blocks } = this.#plan;
    for (let strip = 0; strip < this.#strips; strip++) {
      const transformed = await this.#transformed(strip);
      const products = await multiplyPlain(of, transformed, vectors, blocks);
      this.#transforms.giveBack(strip, transformed);
      yield products;
    }
  }

  async *#columnSums(vectors: Ciphertexts): AsyncGenerator<Ciphertexts> {
    const { of, lots: count } = this.#plan;
    let sum: Ciphertexts | null = null;
    for (let strip = 0; strip < this.#strips; strip++) {
      const transformed = await this.#transformed(strip);
      const [first, groups] = this.#groupsOf(strip);
      const own = someOf(of, vectors, first * count, (first + groups) * count);
      const products: Ciphertexts = await multiplyPlain(of, transformed, own, groups, true);
      this.#transforms.giveBack(strip, transformed);
      if (sum === null) {
        sum = products;
        continue;
      }
      const both: Ciphertexts = await addCiphertexts(of, sum, products);
      discard(sum.polynomials, products.polynomials);
      sum = both;
    }
    if (sum !== null) yield sum;
  }

  /** Answers `from`, `from` + 1..., of each output one of each vector. */
  async #release(side: Side, products: Ciphertexts, from: number, out: BigUint64Array): Promise<Uint8Array> {
    const { of, bits, lots: count } = this.#plan;
    const { floodBits, releaseLevel: level, places } = side;
    const { secrets } = this.#options;
    const answers = countOf(of, products);
    const masks = new BigUint64Array(secrets.bytes(8 * places.wanted * answers).slice().buffer);
    const options = { places, masks, bits, floodBits, level };
    const released = await releaseCiphertexts(of, this.#publicKey, products, options, secrets);
    const bytes = await encodeReleased(of, released);
    discard(released.a, released.b);
    for (let i = 0; i < masks.length; i++) masks[i] = BigInt.asUintN(bits, -masks[i]!);
    for (let i = 0; i < answers; i++) {
      const [output, lot] = [Math.floor((from + i) / count), (from + i) % count];
      const own = masks.subarray(i * places.wanted, (i + 1) * places.wanted);
      takeResults(this.#plan, side, own, { output, lot }, out);
    }
    return bytes;
  }

  get #strips(): number {
    return Math.ceil(this.#plan.groups / this.#groupsAtOnce);
  }

  /** Whole answers, whole messages. */
  get #groupsAtOnce(): number {
    return AT_ONCE * Math.max(1, Math.floor(STRIP_POLYNOMIALS / this.#plan.blocks / AT_ONCE));
  }

  /** The first and how many. */
  #groupsOf(strip: number): readonly [number, number] {
    const first = strip * this.#groupsAtOnce;
    return [first, Math.min(this.#groupsAtOnce, this.#plan.groups - first)];
  }

  async #transformed(strip: number): Promise<BigUint64Array> {
    const found = await this.#transforms.take(strip);
    if (found !== null) return found;
    if (this.#matrix === null) throw new RangeError("a matrix is read until its transforms are kept");
    const { of } = this.#plan;
    const polynomials = matrixPolynomials(this.#plan, this.#matrix, ...this.#groupsOf(strip));
    const made = await liftPlain(of, of.parameters.primes.length, polynomials);
    discard(polynomials);
    await this.#transforms.keep(strip, made);
    if (this.#transforms.count === this.#strips) this.#matrix = null;
    return made;
  }
}
