/**
 * A party's part of shared vectors: the sum of both parties' words modulo 2^64, the XOR of both parties' bits, is the value.
 * Printed, they show nothing of what they hold.
 */
import type { Bits, Words } from "../backend.ts";
import { byteLength } from "./packed.ts";

export class WordShares implements Words {
  readonly kind = "words";
  readonly length: number;
  readonly #values: BigUint64Array;

  constructor(values: BigUint64Array) {
    this.#values = values;
    this.length = values.length;
  }

  static valuesOf(words: Words): BigUint64Array {
    if (!(words instanceof WordShares)) throw new TypeError("words of another way of sharing");
    return words.#values;
  }
}

export class BitShares implements Bits {
  readonly kind = "bits";
  readonly length: number;
  readonly #packed: Uint8Array;

  /** Bits after the last are 0. */
  constructor(packed: Uint8Array, length: number) {
    if (packed.length !== byteLength(length)) throw new RangeError("as many bytes as the bits fill");
    this.#packed = packed;
    this.length = length;
  }

  static packedOf(bits: Bits): Uint8Array {
    if (!(bits instanceof BitShares)) throw new TypeError("bits of another way of sharing");
    return bits.#packed;
  }
}

/** For protocols that make or use up shares beside the engine, as products with a matrix in the clear do. */
export const sharesOf = (words: Words): BigUint64Array => WordShares.valuesOf(words);
export const wordsOfShares = (shares: BigUint64Array): Words => new WordShares(shares);
