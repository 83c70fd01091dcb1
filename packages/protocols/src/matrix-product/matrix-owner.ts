/** Who has the matrix: goal, messages and guarantees are in key-owner.ts. */
import { discard, type Secrets } from "@tombolo/base";
import type { Peer } from "@tombolo/channel";
import {
  addCiphertexts,
  type Ciphertexts,
  countOf,
  decodeGaloisKeys,
  decodePublicKey,
  decodeSeeded,
  type ExpandedGaloisKey,
  encodeReleased,
  expandGaloisKey,
  expandPublicKey,
  expandSeeded,
  inForm,
  liftPlain,
  mergeCiphertexts,
  multiplyPlain,
  type Rlwe,
  type RlweName,
  releaseCiphertexts,
  someOf,
} from "@tombolo/crypto";
import type { ReleaseBudget } from "./budget.ts";
import { blaming, bothWays, type ProductMessages, wrongCount } from "./key-owner.ts";
import {
  entriesWithin,
  entryCount,
  type MatrixEntries,
  matrixPolynomials,
  takeResults,
  vectorPolynomials,
} from "./layout.ts";
import { AT_ONCE } from "./messages.ts";
import { type ProductPlan, ringsOf, type Side } from "./plan.ts";

export interface MatrixOwnerOptions {
  readonly secrets: Secrets;
  /** One for the whole job; the plans' `releasedMax` is its size. */
  readonly budget: ReleaseBudget;
  /** For transforms of all matrices, kept for later products; what does not fit is made anew each time. */
  readonly cacheBytesMax: number;
}

type MatrixPeer = Peer<ProductMessages, "matrixOwner">;

/** Transforms in memory at once, besides those that are kept: 64 MiB in ring 8,192. */
const STRIP_POLYNOMIALS = 256;

interface PartnerKeys {
  readonly publicKey: BigUint64Array;
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
  const publicKey = await expandPublicKey(of, await blaming(peer.party, () => decodePublicKey(of, key)));
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
  /** By strip of rows. */
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
  multiply(shares: BigUint64Array | null): Promise<BigUint64Array> {
    return this.#multiply(this.#plan.forward, shares);
  }

  /** The same with the transposed matrix: vectors of `rows`, results of `columns`. */
  multiplyTransposed(shares: BigUint64Array | null): Promise<BigUint64Array> {
    return this.#multiply(bothWays(this.#plan), shares);
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
    const { of, vectors, bits } = this.#plan;
    const { size, primes } = of.parameters;
    const [all, width] = [side.inputs * vectors, 2 * of.words(primes.length)];
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
    const { of, vectors: count } = this.#plan;
    let done = 0;
    for await (const products of side.turned ? this.#columnSums(vectors) : this.#rowSums(side, vectors)) {
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
  async *#rowSums({ depth }: Side, vectors: Ciphertexts): AsyncGenerator<Ciphertexts> {
    const { of, blocks } = this.#plan;
    for (let strip = 0; strip < this.#strips; strip++) {
      const transformed = await this.#transformed(strip);
      const products = await multiplyPlain(of, transformed, vectors, blocks);
      this.#giveBack(strip, transformed);
      yield depth === 0 ? products : await this.#merged(products, depth);
    }
  }

  /** 2^depth groups of rows to one ciphertext, of each vector. */
  async #merged(products: Ciphertexts, depth: number): Promise<Ciphertexts> {
    const { of, vectors: count, period } = this.#plan;
    const { polynomials, level } = await inForm(of, products, "coefficients");
    const width = 2 * of.words(level);
    const outputs = Math.ceil(countOf(of, products) / count / 2 ** depth);
    // Of each output, of each vector the groups; those that are not there are zeros.
    const sorted = new BigUint64Array(outputs * count * 2 ** depth * width);
    for (let at = 0; at < polynomials.length / width; at++) {
      const [group, vector] = [Math.floor(at / count), at % count];
      const to = (Math.floor(group / 2 ** depth) * count + vector) * 2 ** depth + (group % 2 ** depth);
      sorted.set(polynomials.subarray(at * width, (at + 1) * width), to * width);
    }
    discard(products.polynomials, polynomials);
    const groups = { level, form: "coefficients", polynomials: sorted } as const;
    const merged = await mergeCiphertexts(of, groups, period, depth, this.#keys.switching);
    discard(sorted);
    return inForm(of, merged, "values");
  }

  async *#columnSums(vectors: Ciphertexts): AsyncGenerator<Ciphertexts> {
    const { of, vectors: count } = this.#plan;
    let sum: Ciphertexts | null = null;
    for (let strip = 0; strip < this.#strips; strip++) {
      const transformed = await this.#transformed(strip);
      const [first, groups] = this.#groupsOf(strip);
      const own = someOf(of, vectors, first * count, (first + groups) * count);
      const products: Ciphertexts = await multiplyPlain(of, transformed, own, groups, true);
      this.#giveBack(strip, transformed);
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
    const { of, bits, vectors: count } = this.#plan;
    const { results, floodBits, releaseLevel: level, places } = side;
    const { secrets } = this.#options;
    const answers = countOf(of, products);
    const masks = new BigUint64Array(secrets.bytes(8 * places.wanted * answers).slice().buffer);
    const options = { places, masks, bits, floodBits, level };
    const released = await releaseCiphertexts(of, this.#keys.publicKey, products, options, secrets);
    const bytes = await encodeReleased(of, released);
    discard(released.a, released.b);
    for (let i = 0; i < masks.length; i++) masks[i] = BigInt.asUintN(bits, -masks[i]!);
    for (let i = 0; i < answers; i++) {
      const [output, to] = [Math.floor((from + i) / count), ((from + i) % count) * results];
      const own = masks.subarray(i * places.wanted, (i + 1) * places.wanted);
      takeResults(this.#plan, side, own, output, out.subarray(to, to + results));
    }
    return bytes;
  }

  get #strips(): number {
    return Math.ceil(this.#plan.groups / this.#groupsAtOnce);
  }

  /** Whole answers, whole messages. */
  get #groupsAtOnce(): number {
    const { blocks, forward } = this.#plan;
    const step = AT_ONCE * 2 ** forward.depth;
    return step * Math.max(1, Math.floor(STRIP_POLYNOMIALS / blocks / step));
  }

  /** The first and how many. */
  #groupsOf(strip: number): readonly [number, number] {
    const first = strip * this.#groupsAtOnce;
    return [first, Math.min(this.#groupsAtOnce, this.#plan.groups - first)];
  }

  #giveBack(strip: number, transformed: BigUint64Array): void {
    if (!this.#transforms.has(strip)) discard(transformed);
  }

  async #transformed(strip: number): Promise<BigUint64Array> {
    const found = this.#transforms.get(strip);
    if (found !== undefined) return found;
    if (this.#matrix === null) throw new RangeError("a matrix is read until its transforms are kept");
    const { of } = this.#plan;
    const polynomials = matrixPolynomials(this.#plan, this.#matrix, ...this.#groupsOf(strip));
    const made = await liftPlain(of, of.parameters.primes.length, polynomials);
    discard(polynomials);
    if (made.byteLength > this.#room.bytes) return made;
    this.#room.bytes -= made.byteLength;
    this.#transforms.set(strip, made);
    if (this.#transforms.size === this.#strips) this.#matrix = null;
    return made;
  }
}
