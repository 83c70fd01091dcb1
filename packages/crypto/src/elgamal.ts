/**
 * ElGamal encryption of small numbers in the exponent (ElGamal 1985; Cramer, Gennaro, Schoenmakers, EUROCRYPT 1997), in the
 * prime-order group of edwards25519: ciphertexts add up, whoever has the key finds sums up to some millions.
 *
 * Secure under chosen plaintexts by the decisional Diffie-Hellman assumption in that group, 128 bits. `release` makes of a sum one
 * that is distributed as a fresh encryption of its number, perfectly, whatever ciphertexts it was made of and whoever chose the key: a
 * fresh encryption of 0 is added and everything multiplied by the cofactor.
 */
import type { Secrets } from "@tombolo/base";
import { kernels } from "@tombolo/kernels";
import { ristretto255 } from "./groups.ts";

const POINT_BYTES = 64;
const SEED_BYTES = 32;
const BYTE_BITS = 8;
/** Ciphertexts that one call of the kernel has codes for. */
const CODES_MAX = 2 ** 16;
/** Of a key: one point. */
export const ELGAMAL_KEY_BYTES = POINT_BYTES;
export const ELGAMAL_CIPHERTEXT_BYTES = 2 * POINT_BYTES;

export class ElGamalSecretKey {
  readonly #secret: Uint8Array;
  readonly publicKey: Uint8Array;

  private constructor(secret: Uint8Array, publicKey: Uint8Array) {
    this.#secret = secret;
    this.publicKey = publicKey;
  }

  static async generate(secrets: Secrets): Promise<ElGamalSecretKey> {
    // The same group order.
    const secret = ristretto255.randomScalar(secrets);
    return new ElGamalSecretKey(secret, await kernels.elgamalKey(secret));
  }

  /** A ciphertext of each byte. */
  encrypt(values: Uint8Array, secrets: Secrets): Promise<Uint8Array> {
    return kernels.elgamalEncrypt(values, this.#secret, secrets.bytes(SEED_BYTES));
  }

  /** A ciphertext of each number below 2^32, its bytes encrypted and put together: as many bytes for all as the largest has. */
  async encryptNumbers(values: Uint32Array, secrets: Secrets): Promise<Uint8Array> {
    const largest = values.reduce((most, value) => Math.max(most, value), 0);
    let out = emptySums(values.length);
    for (let bit = BYTE_BITS * Math.floor(Math.log2(Math.max(1, largest)) / BYTE_BITS); bit >= 0; bit -= BYTE_BITS) {
      for (let doubled = 0; doubled < BYTE_BITS; doubled++) out = await added(out, out.slice());
      out = await added(
        out,
        await this.encrypt(
          Uint8Array.from(values, (value) => value >>> bit),
          secrets,
        ),
      );
    }
    return out;
  }

  /** The numbers of released ciphertexts; `protocol.ciphertext` where one is above its limit or is none. */
  open(ciphertexts: Uint8Array, limits: Uint32Array): Promise<Uint32Array> {
    return kernels.elgamalOpen(ciphertexts, this.#secret, limits);
  }
}

/** Sums of nothing. */
export function emptySums(count: number): Uint8Array {
  const out = new Uint8Array(count * ELGAMAL_CIPHERTEXT_BYTES);
  // (0, 1) is the neutral element.
  for (let point = 0; point < out.length; point += POINT_BYTES) out[point + POINT_BYTES / 2] = 1;
  return out;
}

/**
 * Adds a ciphertext a row to the sums of its bins, in place: `codes` column after column, each code below its column's `bins`.
 * `protocol.point` if a ciphertext is none.
 */
export const addToBins = (
  sums: Uint8Array,
  ciphertexts: Uint8Array,
  codes: Uint16Array,
  bins: Uint32Array,
): Promise<void> => kernels.elgamalSum(sums, ciphertexts, codes, bins);

/** One with one, in the place of the first. */
async function added(sums: Uint8Array, ciphertexts: Uint8Array): Promise<Uint8Array> {
  const count = sums.length / ELGAMAL_CIPHERTEXT_BYTES;
  for (let from = 0; from < count; from += CODES_MAX) {
    const some = Math.min(CODES_MAX, count - from);
    const [at, end] = [from * ELGAMAL_CIPHERTEXT_BYTES, (from + some) * ELGAMAL_CIPHERTEXT_BYTES];
    const codes = Uint16Array.from({ length: some }, (_, i) => i);
    await addToBins(sums.subarray(at, end), ciphertexts.subarray(at, end), codes, Uint32Array.of(some));
  }
  return sums;
}

/** Fresh ciphertexts of the same numbers under that key, for its owner alone. `protocol.point` if the key is none. */
export const releaseSums = (sums: Uint8Array, publicKey: Uint8Array, secrets: Secrets): Promise<Uint8Array> =>
  kernels.elgamalRelease(sums, publicKey, secrets.bytes(SEED_BYTES));
