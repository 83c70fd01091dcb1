/**
 * The owner's half: fresh keys, fast encryption and decryption.
 *
 * Let p^2 and o (q for Okamoto-Uchiyama, q^2 for Paillier) be the coprime parts of the ciphertext modulus N, and let
 * the blinding base have prime order t_p modulo p^2 and t_q modulo o.
 *
 * Encrypt: (1 + m·K)·x mod N, where x is a^s mod p^2 and b^s' mod o with s, s' uniform below t_p, t_q. With K = n
 * (Paillier), or K = p·k mod p^2 and 0 mod q where g^m is (1 + p·k)^m modulo the subgroup (Okamoto-Uchiyama), this has
 * the distribution of encryption with the public key.
 *
 * Decrypt: c^t mod p^2 removes the blinding and leaves 1 + p·(m·constant); Paillier does it modulo q^2 too. A value
 * that is not 1 mod p was not made from honest ciphertexts and is refused with `protocol.ciphertext`.
 */
import type { Secrets } from "@tombolo/base";
import { type FixedBase, kernels, type Modulus, type PrimeSquareLog, toLittleEndian } from "@tombolo/kernels";
import { bitLength, crt, gcd, inverse, power, randomBelow, uniformBelow } from "./integers.ts";
import { type SchemeSizes, SUBGROUP_BITS, SUBGROUP_BYTES, schemeSizes } from "./parameters.ts";
import { randomPrime, randomPrimeWithFactor } from "./primes.ts";
import { linearPart, PublicKey } from "./public-key.ts";
import type { HeKeyBits, HePrivateKey, HeScheme } from "./types.ts";

export interface HeKeyOptions {
  readonly scheme: HeScheme;
  /** 2048 by default, or 3072. Smaller keys are refused with `input.key-size`. */
  readonly keyBits?: HeKeyBits;
}

/** A fresh key; takes about a second without the native kernels. */
export async function generateHeKey(options: HeKeyOptions, secrets: Secrets): Promise<HePrivateKey> {
  const sizes = schemeSizes(options.scheme, options.keyBits ?? 2048);
  const primes = await generatePrimes(sizes, secrets);
  return options.scheme === "paillier"
    ? paillierKey(sizes, primes, secrets)
    : okamotoUchiyamaKey(sizes, primes, secrets);
}

/** p and q with the prime orders tp | p - 1 and tq | q - 1 of the blinding subgroup. */
interface Primes {
  readonly p: bigint;
  readonly q: bigint;
  readonly tp: bigint;
  readonly tq: bigint;
}

async function generatePrimes(sizes: SchemeSizes, secrets: Secrets): Promise<Primes> {
  for (;;) {
    const tp = await randomPrime(SUBGROUP_BITS, secrets);
    const tq = await randomPrime(SUBGROUP_BITS, secrets);
    const p = await randomPrimeWithFactor(sizes.primeBits[0], tp, secrets);
    const q = await randomPrimeWithFactor(sizes.primeBits[1], tq, secrets);
    const n = sizes.scheme === "paillier" ? p * q : p * p * q;
    // Common factors of p - 1 and q - 1 beyond 2 would help factoring (McKee, Pinch 1998).
    if (bitLength(n) === sizes.keyBits && p !== q && gcd(p - 1n, q - 1n) === 2n && gcd(n, (p - 1n) * (q - 1n)) === 1n)
      return { p, q, tp, tq };
  }
}

async function okamotoUchiyamaKey(sizes: SchemeSizes, primes: Primes, secrets: Secrets): Promise<HePrivateKey> {
  const { p, q, tp, tq } = primes;
  const [n, square] = [p * p * q, p * p];
  const gp = await elementWhere(
    (x) => power(x, (p - 1n) / tp, square),
    square,
    secrets,
    (x) => x % p !== 1n,
  ); // order p·tp or tp
  const gq = await elementWhere(
    (x) => power(x, (q - 1n) / tq, q),
    q,
    secrets,
    (x) => x !== 1n,
  ); // order tq
  const g = crt(gp, square, gq, q);
  const lifted = ((await power(gp, tp, square)) - 1n) / p; // L(g^tp) = k·tp
  if (lifted % p === 0n) return okamotoUchiyamaKey(sizes, primes, secrets); // probability 1/p
  const k = (lifted * inverse(tp, p)) % p;
  const publicKey = new PublicKey(sizes, { n, g, h: await power(g, n, n) });
  const parts = [
    { modulus: square, base: await power(gp, n, square), order: tp },
    { modulus: q, base: await power(gq, n, q), order: tq },
  ] as const;
  const logs = [logarithm(publicKey, p, tp, inverse(lifted, p))];
  return new PrivateKey(publicKey, crt(p * k, square, 0n, q), await makeBlinding(publicKey.modulus, parts), logs, null);
}

async function paillierKey(sizes: SchemeSizes, { p, q, tp, tq }: Primes, secrets: Secrets): Promise<HePrivateKey> {
  const n = p * q;
  const yp = await elementWhere(
    (x) => power(x, (p - 1n) / tp, p),
    p,
    secrets,
    (x) => x !== 1n,
  ); // order tp
  const yq = await elementWhere(
    (x) => power(x, (q - 1n) / tq, q),
    q,
    secrets,
    (x) => x !== 1n,
  ); // order tq
  const h = crt(yp, p, yq, q);
  const publicKey = new PublicKey(sizes, { n, g: null, h });
  const parts = [
    { modulus: p * p, base: await power(h, n, p * p), order: tp },
    { modulus: q * q, base: await power(h, n, q * q), order: tq },
  ] as const;
  // (1 + m·n)^t = 1 + m·n·t, so the logarithm modulo p is m·q·t.
  const logs = [logarithm(publicKey, p, tp, inverse(q * tp, p)), logarithm(publicKey, q, tq, inverse(p * tq, q))];
  return new PrivateKey(publicKey, n, await makeBlinding(publicKey.modulus, parts), logs, await makeCombiner(n, p, q));
}

/** map(x) for random units x, until it passes. */
async function elementWhere(
  map: (x: bigint) => Promise<bigint>,
  modulus: bigint,
  secrets: Secrets,
  accept: (x: bigint) => boolean,
): Promise<bigint> {
  for (;;) {
    const x = await map(2n + randomBelow(modulus - 2n, secrets));
    if (x > 0n && accept(x)) return x;
  }
}

const bytesOf = (value: bigint): Uint8Array => toLittleEndian(value, Math.max(1, Math.ceil(bitLength(value) / 8)));

/** R of a modulus: see `Modulus`. */
const radix = (n: bigint): bigint => 1n << BigInt(256 * Math.ceil(bitLength(n) / 256));

function logarithm(publicKey: PublicKey, p: bigint, exponent: bigint, scale: bigint): PrimeSquareLog {
  const valueBytes = publicKey.ciphertextBytes;
  return kernels.primeSquareLog({
    prime: bytesOf(p),
    entry: bytesOf(inverse(1n << BigInt(8 * valueBytes), p * p)), // undoes the Montgomery form of ciphertexts
    exponent: bytesOf(exponent),
    scale: bytesOf(scale),
    valueBytes,
  });
}

interface BlindingPart {
  readonly modulus: bigint;
  readonly base: bigint;
  readonly order: bigint;
}

/** Uniform elements of the blinding subgroup, by CRT. */
type Blinding = (count: number, secrets: Secrets) => Promise<Uint8Array>;

async function makeBlinding(product: Modulus, parts: readonly [BlindingPart, BlindingPart]): Promise<Blinding> {
  const [first, second] = parts;
  const sides = await Promise.all([
    blindingSide(product, first, second.modulus),
    blindingSide(product, second, first.modulus),
  ]);
  const zero = new Uint8Array(product.bytes);
  return async (count, secrets) => {
    let sum: Uint8Array = zero;
    for (const { table, order, width, slope } of sides) {
      const powers = await table.power(uniformBelow(order, count, secrets));
      sum = await product.multiplyAdd(powers, width, slope, sum);
    }
    return sum;
  };
}

interface BlindingSide {
  readonly table: FixedBase;
  readonly order: Uint8Array;
  readonly width: number;
  readonly slope: Uint8Array;
}

async function blindingSide(product: Modulus, part: BlindingPart, other: bigint): Promise<BlindingSide> {
  const modulus = kernels.modulus(bytesOf(part.modulus));
  const base = await modulus.enter(toLittleEndian(part.base, modulus.bytes));
  // Takes x·R mod part.modulus to x at this part and 0 at the other.
  const slope = crt(inverse(radix(part.modulus), part.modulus), part.modulus, 0n, other);
  return {
    table: modulus.fixedBase(base, SUBGROUP_BYTES),
    order: toLittleEndian(part.order, SUBGROUP_BYTES),
    width: modulus.bytes,
    slope: await product.enter(toLittleEndian(slope, product.bytes)),
  };
}

/** Messages modulo p and q to messages modulo n. */
type Combiner = (mp: Uint8Array, mq: Uint8Array) => Promise<Uint8Array>;

async function makeCombiner(n: bigint, p: bigint, q: bigint): Promise<Combiner> {
  const modulus = kernels.modulus(bytesOf(n));
  const enter = (value: bigint): Promise<Uint8Array> => modulus.enter(toLittleEndian(value, modulus.bytes));
  const [ep, eq] = [await enter(crt(1n, p, 0n, q)), await enter(crt(0n, p, 1n, q))];
  const [widthP, widthQ] = [p, q].map((prime) => Math.ceil(bitLength(prime) / 8));
  return async (mp, mq) => {
    const partial = await modulus.multiplyAdd(mp, widthP!, ep, new Uint8Array(modulus.bytes));
    return modulus.leave(await modulus.multiplyAdd(mq, widthQ!, eq, partial));
  };
}

class PrivateKey implements HePrivateKey {
  readonly publicKey: PublicKey;
  readonly #slope: bigint;
  readonly #blinding: Blinding;
  readonly #logs: readonly PrimeSquareLog[];
  readonly #combine: Combiner | null;

  constructor(
    publicKey: PublicKey,
    slope: bigint,
    blinding: Blinding,
    logs: readonly PrimeSquareLog[],
    combine: Combiner | null,
  ) {
    this.publicKey = publicKey;
    this.#slope = slope;
    this.#blinding = blinding;
    this.#logs = logs;
    this.#combine = combine;
  }

  async encrypt(plaintexts: Uint8Array, secrets: Secrets): Promise<Uint8Array> {
    const { modulus, plaintextBytes } = this.publicKey;
    const count = this.publicKey.checkPlaintexts(plaintexts);
    const messages = await linearPart(modulus, plaintexts, plaintextBytes, this.#slope); // 1 + m·K
    return modulus.multiply(messages, await this.#blinding(count, secrets));
  }

  async decrypt(ciphertexts: Uint8Array): Promise<Uint8Array> {
    await this.publicKey.validate(ciphertexts);
    const messages: Uint8Array[] = [];
    for (const log of this.#logs) messages.push(await log.logarithms(ciphertexts));
    return this.#combine === null ? messages[0]! : this.#combine(messages[0]!, messages[1]!);
  }

  toJSON(): string {
    return `[private key: ${this.publicKey.scheme}, ${this.publicKey.keyBits} bits]`;
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toJSON();
  }
}
