/** Vectors of the asker, encrypted once for any number of owners, block by block as they are sent. */
import { discard, type Secrets } from "@tombolo/base";
import { type SumRings, sumRings } from "@tombolo/crypto";
import { SEED_BYTES, VECTORS_MAX } from "./messages.ts";
import { blockCount, blockPolynomials } from "./public.ts";

/** Numbers, one a row each, several vectors of them: made block by block, so that they need not be in memory at once. */
export interface RowVectors {
  readonly count: number;
  /** Puts the numbers of vector `v` at rows `first` and on into `out`, which is zero. Of blocks in any order, each once. */
  fill(v: number, first: number, out: Int32Array): void;
}

export class VectorSource {
  readonly seed: Uint8Array;
  readonly rows: number;
  readonly #secrets: Secrets;
  readonly #rings: SumRings = sumRings();
  readonly #public: Promise<BigUint64Array>;

  constructor(rows: number, secrets: Secrets) {
    this.rows = rows;
    this.#secrets = secrets;
    this.seed = secrets.bytes(SEED_BYTES);
    this.#public = blockPolynomials(this.seed, this.blocks);
  }

  get blocks(): number {
    return blockCount(this.rows);
  }

  /** Each block is made once, for `takers` owners that all take every block: what `vectors` reads stays as it is until then. */
  batch(vectors: RowVectors, delta: bigint, takers: number): VectorBatch {
    if (vectors.count < 1 || vectors.count > VECTORS_MAX) throw new RangeError("1 to 16 vectors in a batch");
    return new VectorBatch({ vectors, delta, takers, a: this.#public, rings: this.#rings, secrets: this.#secrets });
  }
}

interface BatchParts {
  readonly vectors: RowVectors;
  readonly delta: bigint;
  readonly takers: number;
  readonly a: Promise<BigUint64Array>;
  readonly rings: SumRings;
  readonly secrets: Secrets;
}

/** Fresh secrets for each; never used again. */
export class VectorBatch {
  readonly #parts: BatchParts;
  readonly secretSeed: Uint8Array;
  readonly #errorSeed: Uint8Array;
  /** As values. */
  readonly #keys: Promise<BigUint64Array>;
  readonly #pending = new Map<number, { block: Promise<Uint8Array>; left: number }>();

  constructor(parts: BatchParts) {
    this.#parts = parts;
    this.secretSeed = parts.secrets.bytes(SEED_BYTES);
    this.#errorSeed = parts.secrets.bytes(SEED_BYTES);
    const { wide } = parts.rings;
    this.#keys = wide.ternary(this.secretSeed, parts.vectors.count).then((drawn) => wide.forward(drawn));
  }

  get count(): number {
    return this.#parts.vectors.count;
  }

  /** Of every vector the block's polynomial. */
  block(at: number): Promise<Uint8Array> {
    const entry = this.#pending.get(at) ?? { block: this.#hide(at), left: this.#parts.takers };
    entry.left--;
    if (entry.left === 0) this.#pending.delete(at);
    else this.#pending.set(at, entry);
    return entry.block;
  }

  /** Of every vector's secret one more polynomial that holds nothing. */
  async mask(a: BigUint64Array): Promise<Uint8Array> {
    const { rings, secrets } = this.#parts;
    const zeros = new Int32Array(this.count * rings.size);
    return rings.wide.hide(a, await this.#keys, secrets.bytes(SEED_BYTES), 0, zeros, this.#factors());
  }

  async #hide(at: number): Promise<Uint8Array> {
    const { vectors, rings, a } = this.#parts;
    const { size, wide } = rings;
    const numbers = new Int32Array(this.count * size);
    for (let v = 0; v < this.count; v++) vectors.fill(v, at * size, numbers.subarray(v * size, (v + 1) * size));
    const own = (await a).subarray(2 * at * size, 2 * (at + 1) * size);
    const hidden = await wide.hide(own, await this.#keys, this.#errorSeed, at * this.count, numbers, this.#factors());
    discard(numbers);
    return hidden;
  }

  /** delta times the second prime: whole multiples of delta are left when that prime is dropped. */
  #factors(): BigUint64Array {
    const [first, second] = this.#parts.rings.primes;
    return BigUint64Array.of((this.#parts.delta * second) % first, 0n);
  }
}
