/** Vectors of the asker, encrypted once for any number of owners, block by block as they are sent. */
import type { Secrets } from "@tombolo/base";
import { type SumRings, sumRings } from "@tombolo/crypto";
import { SEED_BYTES, VECTORS_MAX } from "./messages.ts";
import { blockCount, blockPolynomials } from "./public.ts";

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

  /** `vectors`: a number a row each. Each block is made once, for `takers` owners that all take every block. */
  batch(vectors: readonly Int32Array[], delta: bigint, takers: number): VectorBatch {
    if (vectors.length === 0 || vectors.length > VECTORS_MAX) throw new RangeError("1 to 16 vectors in a batch");
    if (vectors.some(({ length }) => length !== this.rows)) throw new RangeError("a number a row");
    return new VectorBatch({ vectors, delta, takers, a: this.#public, rings: this.#rings, secrets: this.#secrets });
  }
}

interface BatchParts {
  readonly vectors: readonly Int32Array[];
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
    this.#keys = wide.ternary(this.secretSeed, parts.vectors.length).then((drawn) => wide.forward(drawn));
  }

  get count(): number {
    return this.#parts.vectors.length;
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
    vectors.forEach((vector, v) => {
      numbers.set(vector.subarray(at * size, (at + 1) * size), v * size);
    });
    const own = (await a).subarray(2 * at * size, 2 * (at + 1) * size);
    return wide.hide(own, await this.#keys, this.#errorSeed, at * this.count, numbers, this.#factors());
  }

  /** delta times the second prime: whole multiples of delta are left when that prime is dropped. */
  #factors(): BigUint64Array {
    const [first, second] = this.#parts.rings.primes;
    return BigUint64Array.of((this.#parts.delta * second) % first, 0n);
  }
}
