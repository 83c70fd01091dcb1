/**
 * Keys. The secret is uniform ternary; encryption, public keys and switching keys are one thing, encryptions of something under
 * it with fresh errors. Kernels are constant-time in secrets; nothing here branches on one.
 */
import { inspect } from "node:util";
import type { Secrets } from "@tombolo/base";
import { type Ciphertexts, half, inForm, SEED_BYTES, type SeededCiphertexts } from "./ciphertexts.ts";
import type { ReleasedCiphertexts } from "./releasing.ts";
import type { Rlwe } from "./ring.ts";
import { type Shares, slotShares, slotsAt } from "./slots.ts";

/** An encryption of zero for each release: at the highest level, as values; a belongs to the seed. */
export interface RlwePublicKey {
  readonly seed: Uint8Array;
  readonly b: BigUint64Array;
}

/** From X -> X^exponent of the secret back to it: for each prime one polynomial b modulo all primes, as values. */
export interface GaloisKey {
  readonly exponent: number;
  readonly seed: Uint8Array;
  readonly b: BigUint64Array;
}

export class RlweSecretKey {
  readonly #of: Rlwe;
  readonly #seed: Uint8Array;
  /** The secret as values, by level. */
  readonly #values = new Map<number, Promise<BigUint64Array>>();

  constructor(of: Rlwe, secrets: Secrets) {
    this.#of = of;
    this.#seed = secrets.bytes(SEED_BYTES);
  }

  /** `values`: numbers modulo 2^bits, as many for each ciphertext as the ring has coefficients. */
  async encrypt(values: BigUint64Array, bits: number, secrets: Secrets): Promise<SeededCiphertexts> {
    const seed = secrets.bytes(SEED_BYTES);
    const secret = await this.#secret(this.#top);
    return { seed, b: await this.#of.ring(this.#top).seal(values, bits, secret, seed, secrets.bytes(SEED_BYTES)) };
  }

  /** `numbers` of 64 bits, whole batches (slots.ts): of each a ciphertext for each of the primes. */
  async encryptSlots(numbers: BigUint64Array, secrets: Secrets): Promise<SeededCiphertexts> {
    const [seed, errors] = [secrets.bytes(SEED_BYTES), secrets.bytes(SEED_BYTES)];
    return { seed, b: await slotsAt(this.#top).seal(numbers, await this.#secret(this.#top), seed, errors) };
  }

  /** Own shares of what was answered. */
  async openSlots({ level, a, b }: ReleasedCiphertexts): Promise<Shares> {
    return slotShares(await slotsAt(level).open(b, a, await this.#secret(level)));
  }

  async publicKey(secrets: Secrets): Promise<RlwePublicKey> {
    return this.encrypt(new BigUint64Array(this.#of.parameters.size), 1, secrets);
  }

  /** Keys for automorphisms X -> X^exponent, exponents odd and below twice the ring's size. */
  async galoisKeys(exponents: readonly number[], secrets: Secrets): Promise<GaloisKey[]> {
    return Promise.all(exponents.map((exponent) => this.#galoisKey(exponent, secrets)));
  }

  /** b + a·s, decoded: numbers modulo 2^bits. Right while the noise is below q / 2^(bits + 1). */
  async decrypt(x: Ciphertexts, bits: number): Promise<BigUint64Array> {
    return this.#of.ring(x.level).decode(await this.#phases(x), bits);
  }

  /** The numbers wanted of each ciphertext, modulo 2^bits. */
  async decryptReleased({ level, places, b, a }: ReleasedCiphertexts, bits: number): Promise<BigUint64Array> {
    return this.#of.ring(level).open(b, a, await this.#secret(level), bits, places.stride, places.wanted);
  }

  /** log2 of the largest noise of any coefficient, against the numbers decrypted: for its owner's tests and diagnosis. */
  async noiseBits(x: Ciphertexts, bits: number): Promise<number> {
    const ring = this.#of.ring(x.level);
    const phases = await this.#phases(x);
    const errors = await ring.subtract(phases, await ring.encode(await ring.decode(phases, bits), bits));
    const { primes, size } = this.#of.parameters;
    const q = this.#of.modulus(x.level);
    const units = primes.slice(0, x.level).map((p) => (q / p) * inverse((q / p) % p, p));
    let largest = 0n;
    for (let at = 0; at < errors.length; at += size * x.level)
      for (let i = 0; i < size; i++) {
        const error = units.reduce((sum, unit, k) => sum + unit * errors[at + k * size + i]!, 0n) % q;
        const distance = error > q / 2n ? q - error : error;
        if (distance > largest) largest = distance;
      }
    return largest.toString(2).length;
  }

  [inspect.custom](): string {
    return this.toJSON();
  }

  toJSON(): string {
    return `[secret key: ${this.#of.parameters.name}]`;
  }

  get #top(): number {
    return this.#of.parameters.primes.length;
  }

  /** For prime i an encryption of special·s(X^exponent), modulo prime i, and zero modulo the others. */
  async #galoisKey(exponent: number, secrets: Secrets): Promise<GaloisKey> {
    const { primes, special, size } = this.#of.parameters;
    const ring = this.#of.extended(this.#top);
    const secret = await ring.ternary(this.#seed, 1);
    const factors = BigUint64Array.from([...primes.map((p) => special % p), 0n]);
    const turned = await ring.scale(await ring.automorphism(secret, exponent), factors);
    const errors = await ring.binomial(secrets.bytes(SEED_BYTES), primes.length);
    const spread = new BigUint64Array(errors.length);
    const words = size * (primes.length + 1);
    for (let i = 0; i < primes.length; i++) spread.set(turned.subarray(i * size, (i + 1) * size), i * words + i * size);
    const seed = secrets.bytes(SEED_BYTES);
    const noisy = await ring.forward(await ring.add(errors, spread));
    const a = await ring.uniform(seed, primes.length);
    const b = await ring.subtract(noisy, await ring.products(a, await ring.forward(secret), 1, 1, false));
    return { exponent, seed, b };
  }

  #secret(level: number): Promise<BigUint64Array> {
    const ring = this.#of.ring(level);
    const found = this.#values.get(level) ?? ring.ternary(this.#seed, 1).then((secret) => ring.forward(secret));
    this.#values.set(level, found);
    return found;
  }

  async #phases(x: Ciphertexts): Promise<BigUint64Array> {
    const [ring, words] = [this.#of.ring(x.level), this.#of.words(x.level)];
    const { polynomials } = await inForm(this.#of, x, "values");
    const masks = await ring.products(half(words, polynomials, 1), await this.#secret(x.level), 1, 1, false);
    return ring.inverse(await ring.add(half(words, polynomials, 0), masks));
  }
}

function inverse(x: bigint, p: bigint): bigint {
  let [out, square] = [1n, x];
  for (let exponent = p - 2n; exponent > 0n; exponent >>= 1n) {
    if (exponent & 1n) out = (out * square) % p;
    square = (square * square) % p;
  }
  return out;
}
