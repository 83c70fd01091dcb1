/**
 * Products of many 64-bit integers under encryption by learning with errors over rings: numbers stand in the slots of plaintexts modulo
 * each of a few primes t, whose product T exceeds whatever is computed. A plaintext modulo t is a polynomial of a ring modulo t
 * alone, its slots are the values (rlwe-kernels.ts); encrypted, m is round(q·m / t). Of each `size` numbers there is a plaintext for
 * each t, in their order, and so are ciphertexts, before the next numbers.
 *
 * Streams and constant time: those of rlwe-kernels.ts.
 */
export interface SlotKernels {
  /** Ciphertexts modulo `primes`, plaintexts modulo each of `plain`: two kinds of primes for rings of this size, none of them in both. */
  slots(size: number, primes: BigUint64Array, plain: BigUint64Array): Slots;
}

export interface SlotAnswer {
  readonly terms: number;
  readonly floodBits: number;
  /** Primes that are kept. */
  readonly keep: number;
}

/** Of each `size` results the 64 low bits, and then as many bits, lowest first: whether they are at least (last t - 1) / 2 · T / (last t). */
export type SlotShares = BigUint64Array;

export interface Slots {
  /** Encryptions as by `Ring.seal`: b, as values. */
  seal(
    numbers: BigUint64Array,
    secret: BigUint64Array,
    seed: Uint8Array,
    errorSeed: Uint8Array,
  ): Promise<BigUint64Array>;
  /**
   * Of `terms` times `size` factors, and as many encrypted numbers (b, a), as values: the sum of their products modulo T, less that of
   * `masks`. Released as by `Ring.release`, all places of it, by the first three of four seeds; the fourth is that of the masks.
   */
  answer(
    pairs: BigUint64Array,
    factors: BigUint64Array,
    publicKey: BigUint64Array,
    seeds: Uint8Array,
    how: SlotAnswer,
  ): Promise<BigUint64Array>;
  /** Plaintexts uniform modulo T, by `Ring.uniform`. */
  masks(seed: Uint8Array, count: number): Promise<SlotShares>;
  /** What answers (b, a), as coefficients, decrypt to; `secret` as values. */
  open(b: BigUint64Array, a: BigUint64Array, secret: BigUint64Array): Promise<SlotShares>;
}
