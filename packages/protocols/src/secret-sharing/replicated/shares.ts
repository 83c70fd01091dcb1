/**
 * A party's part of shared vectors: of three components that add up to the value modulo 2^64 (of bits: XOR to it), the party at
 * place i has component i and the next. What they hold is private to this folder; printed, they show nothing of it.
 */
import type { Bits, Words } from "../backend.ts";
import { byteLength } from "../two-party/packed.ts";

export interface Two<T> {
  /** Component i. */
  readonly own: T;
  /** Component i + 1. */
  readonly next: T;
}

export class WordShares implements Words {
  readonly kind = "words";
  readonly length: number;
  readonly #values: Two<BigUint64Array>;

  constructor(own: BigUint64Array, next: BigUint64Array) {
    if (own.length !== next.length) throw new RangeError("components of one length");
    this.#values = { own, next };
    this.length = own.length;
  }

  static of(words: Words): Two<BigUint64Array> {
    if (!(words instanceof WordShares)) throw new TypeError("words of another way of sharing");
    return words.#values;
  }
}

export class BitShares implements Bits {
  readonly kind = "bits";
  readonly length: number;
  readonly #packed: Two<Uint8Array>;

  /** Bits after the last are 0. */
  constructor(own: Uint8Array, next: Uint8Array, length: number) {
    if (own.length !== byteLength(length) || next.length !== own.length)
      throw new RangeError("as many bytes as the bits fill");
    this.#packed = { own, next };
    this.length = length;
  }

  static of(bits: Bits): Two<Uint8Array> {
    if (!(bits instanceof BitShares)) throw new TypeError("bits of another way of sharing");
    return bits.#packed;
  }
}
