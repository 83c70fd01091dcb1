import type { SumKernels } from "./sum-kernels.ts";

/**
 * Polynomials modulo X^size + 1 with residues modulo each of several primes, for encryption by learning with errors over rings.
 *
 * A polynomial is one row of `size` words for each prime, in their order, each word below its prime; polynomials lie one after
 * the other in an array. It is held as coefficients, or as values: place j is that at psi^(2·brv(j) + 1), brv reverses
 * log2 size bits and psi = x^((p - 1) / (2·size)) for the least x >= 2 for which psi^size = -1. Sums work on both.
 *
 * Native: constant-time in residues and samples. Streams are AES-256-CTR with the seed as key; the upper 64 bits of its big-endian
 * counter are the number of the row or polynomial. Anything out of range is our own bug and a RangeError, but in `unpack`.
 */
export interface RlweKernels {
  /** `size`: a power of two from 16 to 32768. Primes: 1 to 16 distinct ones of 17 to 50 bits, 1 modulo 2·size. */
  ring(size: number, primes: BigUint64Array): Ring;
}

export interface Release {
  readonly bits: number;
  readonly floodBits: number;
  readonly keep: number;
  readonly stride: number;
  readonly wanted: number;
}

export interface Ring extends SumKernels {
  /** Coefficients to values. */
  forward(polynomials: BigUint64Array): Promise<BigUint64Array>;
  /** Values to coefficients. */
  inverse(polynomials: BigUint64Array): Promise<BigUint64Array>;
  add(a: BigUint64Array, b: BigUint64Array): Promise<BigUint64Array>;
  subtract(a: BigUint64Array, b: BigUint64Array): Promise<BigUint64Array>;
  /** Times a number, given as its residue for each prime. */
  scale(polynomials: BigUint64Array, factors: BigUint64Array): Promise<BigUint64Array>;
  /**
   * A matrix of polynomials, rows × terms, times another, terms × width, all as values: rows × width of them. The first comes row after
   * row, or, where it is `turned`, column after column.
   */
  products(
    plain: BigUint64Array,
    others: BigUint64Array,
    terms: number,
    width: number,
    turned: boolean,
  ): Promise<BigUint64Array>;
  /** Coefficients times X^by, `by` below 2·size. */
  shift(polynomials: BigUint64Array, by: number): Promise<BigUint64Array>;
  /** X to X^exponent, of coefficients; the exponent is odd and below 2·size. */
  automorphism(polynomials: BigUint64Array, exponent: number): Promise<BigUint64Array>;

  /** Uniform. A stream a row: the low bits of each word, as many as the prime has, left out where they are not below it. */
  uniform(seed: Uint8Array, count: number): Promise<BigUint64Array>;
  /** Uniform coefficients in -1, 0, 1. A stream a polynomial: bytes modulo 3, where 2 stands for -1, 255 left out. */
  ternary(seed: Uint8Array, count: number): Promise<BigUint64Array>;
  /**
   * Centred binomial coefficients, at most 21, of variance 10.5. A stream a polynomial: the ones in the low 21 bits of a
   * word less those in the next 21.
   */
  binomial(seed: Uint8Array, count: number): Promise<BigUint64Array>;
  /** Uniform coefficients from -2^bits to 2^bits - 1. A stream a polynomial: bits + 1 low bits of floor(bits / 64) + 1 words. */
  flood(seed: Uint8Array, count: number, bits: number): Promise<BigUint64Array>;

  /** Signed numbers of 64 bits, in two's complement, as residues; `size` of them are a polynomial. */
  lift(values: BigUint64Array): Promise<BigUint64Array>;
  /** round(q·m / 2^bits) of each number m modulo 2^bits, with q the product of the primes. */
  encode(values: BigUint64Array, bits: number): Promise<BigUint64Array>;
  /** round(2^bits·x / q) modulo 2^bits of each coefficient x, where it is not within 2^-8 of two of them. */
  decode(polynomials: BigUint64Array, bits: number): Promise<BigUint64Array>;
  /** round(x / p) of each coefficient, p the last prime, modulo the others. */
  dropLast(polynomials: BigUint64Array): Promise<BigUint64Array>;
  /**
   * Of polynomials modulo all primes but the last (coefficients) two each: round(sum of digit_i(x)·key_i / last prime), where
   * digit_i(x) is x modulo prime i, centred, and the key is two polynomials for each of these primes, as values.
   */
  switchKey(polynomials: BigUint64Array, key: BigUint64Array): Promise<BigUint64Array>;

  /**
   * Pairs of ciphertexts, (b, a) each, as coefficients modulo all primes but the last, to one each: with z = X^offset·second and g
   * the automorphism X to X^exponent, (first + z) + (g(b'), 0) + switchKey(g(a')) of (b', a') = first - z.
   */
  merge(ciphertexts: BigUint64Array, offset: number, exponent: number, key: BigUint64Array): Promise<BigUint64Array>;

  /**
   * Encryption with the secret key, in one pass: forward(encode(numbers, bits) + binomial(errorSeed)) - uniform(seed)·secret, where the
   * secret is one polynomial, as values.
   */
  seal(
    numbers: BigUint64Array,
    bits: number,
    secret: BigUint64Array,
    seed: Uint8Array,
    errorSeed: Uint8Array,
  ): Promise<BigUint64Array>;
  /** Pairs (b + forward(encode(numbers, bits)), uniform(seed)); no numbers are zeros. */
  unseal(b: BigUint64Array, seed: Uint8Array, numbers: BigUint64Array, bits: number): Promise<BigUint64Array>;
  /**
   * Of ciphertexts (b, a), as values, what their key's owner gets: with a public key (b', a'), as values, and u = ternary, e = binomial,
   * f = flood by the three seeds of 32 bytes in `seeds`, a + u·a' + e, and of b + u·b' the coefficients at 0, stride, 2·stride...,
   * `wanted` of them, plus encode(masks) + f, these of polynomials of `wanted` coefficients; all rounded to the first `keep` primes as
   * by `dropLast`. First all a, `size` coefficients a prime, then all b, `wanted` a prime. Strides are powers of two up to size / 16.
   */
  release(
    pairs: BigUint64Array,
    publicKey: BigUint64Array,
    masks: BigUint64Array,
    seeds: Uint8Array,
    how: Release,
  ): Promise<BigUint64Array>;
  /** decode(b + a·secret, bits) at these coefficients, which is all that is given of b; `a` as coefficients, `secret` as values. */
  open(
    b: BigUint64Array,
    a: BigUint64Array,
    secret: BigUint64Array,
    bits: number,
    stride: number,
    wanted: number,
  ): Promise<BigUint64Array>;

  /** Of each row as many bits a residue as its prime has, little-endian. */
  pack(polynomials: BigUint64Array): Promise<Uint8Array>;
  /** Rejects with `protocol.ciphertext` and the number of the first polynomial with a residue not below its prime. */
  unpack(bytes: Uint8Array): Promise<BigUint64Array>;
}
