/**
 * ElGamal encryption of small numbers in the exponent, for sums over bins of hidden columns; `protocols/category-sums` says what
 * they are for.
 *
 * The group is edwards25519 (RFC 7748, RFC 8032) of prime order with base point G, cofactor 8. A point is x ‖ y, 32 bytes each,
 * little-endian and below 2^255 - 19: no square root is needed to read it. A ciphertext is two points, (r·G, r·K + v·G) under the key
 * K = secret·G. What a peer sends may have a part of order dividing 8; `elgamalRelease` and `elgamalOpen` multiply by 8 and so remove it.
 * Random scalars are successive 64 bytes of `prgExpand` of a seed, modulo the order. A seed is used once.
 */
export interface ElGamalKernels {
  /** secret·G, for a scalar in 1..order-1. */
  elgamalKey(secret: Uint8Array): Promise<Uint8Array>;
  /** A ciphertext of each byte. Table look-ups depend on random scalars: not constant-time against code on the same core. */
  elgamalEncrypt(values: Uint8Array, secret: Uint8Array, seed: Uint8Array): Promise<Uint8Array>;
  /**
   * Adds ciphertexts, one a row, to the sum of each bin that the row is in, in place: `sums` has `bins[0]` ciphertexts of the first
   * column's bins and so on; its codes, all below, come one a row and column after column. Rejects with `protocol.point` a row whose
   * points are not on the curve.
   */
  elgamalSum(sums: Uint8Array, ciphertexts: Uint8Array, codes: Uint16Array, bins: Uint32Array): Promise<void>;
  /** 8·(ciphertext + encryption of 0) for each; `protocol.point` for a key that is not on the curve. */
  elgamalRelease(ciphertexts: Uint8Array, key: Uint8Array, seed: Uint8Array): Promise<Uint8Array>;
  /**
   * Of each released ciphertext its number, at most `limits[i]`: 8·(second - secret·first) = 64·number·G. Rejects with `protocol.point`
   * what is not on the curve, with `protocol.ciphertext` what has no such number. Steps do not depend on numbers; look-ups do.
   */
  elgamalOpen(ciphertexts: Uint8Array, secret: Uint8Array, limits: Uint32Array): Promise<Uint32Array>;
}
