import type { Secrets } from "@tombolo/base";
import type { HistogramLayout } from "@tombolo/kernels";

export type HeScheme = "okamoto-uchiyama" | "paillier";
export type HeKeyBits = 2048 | 3072;

/**
 * Additive homomorphic encryption in bulk. n plaintexts are one Uint8Array of n·`plaintextBytes`, n ciphertexts one of
 * n·`ciphertextBytes`; all integers are little-endian. A ciphertext is held in Montgomery form (see `Modulus` in
 * kernels): c·2^(8·ciphertextBytes) mod the ciphertext modulus, a public bijection that halves the cost of adding.
 */
export interface HePublicKey {
  readonly scheme: HeScheme;
  readonly keyBits: HeKeyBits;
  /** Messages are 0 <= m < 2^plaintextBits; sums must stay below too. */
  readonly plaintextBits: number;
  readonly plaintextBytes: number;
  readonly ciphertextBytes: number;
  toBytes(): Uint8Array;
  encrypt(plaintexts: Uint8Array, secrets: Secrets): Promise<Uint8Array>;
  /** Element-wise sum. */
  add(a: Uint8Array, b: Uint8Array): Promise<Uint8Array>;
  /** Element-wise difference; the plaintext of `a` must be at least that of `b`. */
  subtract(a: Uint8Array, b: Uint8Array): Promise<Uint8Array>;
  /** Element-wise high·2^bits + low. */
  shiftLeftAdd(high: Uint8Array, low: Uint8Array, bits: number): Promise<Uint8Array>;
  /** `perCiphertext` consecutive cells to one ciphertext of sum cell[j]·2^(bits·j); the last may hold fewer. */
  packShift(cells: Uint8Array, perCiphertext: number, bits: number): Promise<Uint8Array>;
  /**
   * The same plaintexts under fresh randomness that is statistically independent of the old, also for the owner of the
   * private key, who could otherwise test which of its own ciphertexts a sum holds. Always before sums go back.
   */
  rerandomise(ciphertexts: Uint8Array, secrets: Secrets): Promise<Uint8Array>;
  /** Sum per node, feature and bin; an empty cell is an encryption of zero without randomness. */
  histogram(ciphertexts: Uint8Array, layout: HistogramLayout): Promise<Uint8Array>;
  /** Rejects with `protocol.ciphertext` unless each is in 1..modulus-1 and coprime to it. For all that peers send. */
  validate(ciphertexts: Uint8Array): Promise<void>;
}

export interface HePrivateKey {
  readonly publicKey: HePublicKey;
  /** Same distribution as with the public key, several times faster. */
  encrypt(plaintexts: Uint8Array, secrets: Secrets): Promise<Uint8Array>;
  /**
   * Validates first. A plaintext may be anything below the (secret) message modulus: check bounds before anything that
   * depends on it goes back (SECURITY.md rule 10; `GradientPacking.decode` does).
   */
  decrypt(ciphertexts: Uint8Array): Promise<Uint8Array>;
}
