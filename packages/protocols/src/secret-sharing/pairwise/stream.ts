/**
 * Random bytes that two parties have in common, from a key that one of them drew: to third parties uniform as long as AES-128 is
 * a pseudorandom permutation and SHA-256 a random oracle. Both take as many at the same points of a program; none comes twice.
 */
import { blockStream, sha256Truncated } from "@tombolo/crypto";

export const KEY_BYTES = 16;
const LABEL = "tombolo/pairwise/1\0";
const SEED_BYTES = 16;
const COUNTER_BYTES = 8;

export class CommonStream {
  readonly #prefix: Uint8Array;
  #taken = 0n;

  /** `binding`: of the session that the key went through. */
  constructor(key: Uint8Array, binding: Uint8Array) {
    if (key.length !== KEY_BYTES) throw new RangeError(`a key of ${KEY_BYTES} bytes`);
    const label = new TextEncoder().encode(LABEL);
    this.#prefix = new Uint8Array(label.length + binding.length + key.length);
    this.#prefix.set(label);
    this.#prefix.set(binding, label.length);
    this.#prefix.set(key, label.length + binding.length);
  }

  async bytes(length: number): Promise<Uint8Array> {
    if (length === 0) return new Uint8Array(0);
    const counter = new Uint8Array(COUNTER_BYTES);
    new DataView(counter.buffer).setBigUint64(0, this.#taken++, true);
    // A seed for each call, so that the calls' lengths do not matter.
    return blockStream(await sha256Truncated(this.#prefix, counter, COUNTER_BYTES, SEED_BYTES), length);
  }

  async words(count: number): Promise<BigUint64Array> {
    return new BigUint64Array((await this.bytes(8 * count)).slice().buffer);
  }
}
