/**
 * The public half of both schemes.
 *
 *   Okamoto-Uchiyama (EUROCRYPT 1998): n = p^2·q; c = g^m·h^r mod n
 *   Paillier, DJN form (IJIS 2010):    n = p·q;   c = (1 + m·n)·h^r mod n^2, h = y^n for y in the subgroup
 *
 * g and h come from the key's owner. A receiver checks sizes, oddness, small factors and coprimality; that h generates
 * the subgroup cannot be checked, so re-randomisation hides from a semi-honest owner only.
 *
 * Deviation from DJN: their h = -x^2 mod n carries a sign. Ours has none and odd order. Squaring turns their
 * ciphertexts into ours, so whoever breaks ours breaks theirs.
 */
import { concat, type Secrets, TomboloError } from "@tombolo/base";
import {
  type FixedBase,
  fromLittleEndian,
  type HistogramLayout,
  kernels,
  type Modulus,
  toLittleEndian,
} from "@tombolo/kernels";
import { bitLength, gcd } from "./integers.ts";
import { BLINDING_BYTES, type SchemeSizes, schemeSizes } from "./parameters.ts";
import { hasSmallFactor } from "./primes.ts";
import type { HeKeyBits, HePublicKey, HeScheme } from "./types.ts";

const VERSION = 1;
const SCHEME_CODES: Readonly<Record<HeScheme, number>> = { "okamoto-uchiyama": 1, paillier: 2 };
const HEADER_BYTES = 4;

/** What the owner publishes; `g` is null for Paillier, whose message base is 1 + n. */
export interface PublicValues {
  readonly n: bigint;
  readonly g: bigint | null;
  readonly h: bigint;
}

/** Parses and checks a peer's public key: version, scheme, key bits (16 bits), then n, g (Okamoto-Uchiyama only), h. */
export function hePublicKeyFromBytes(bytes: Uint8Array): HePublicKey {
  const scheme = (Object.keys(SCHEME_CODES) as HeScheme[]).find((name) => SCHEME_CODES[name] === bytes[1]);
  const keyBits = bytes.length < HEADER_BYTES ? 0 : bytes[2]! | (bytes[3]! << 8);
  if (bytes[0] !== VERSION || scheme === undefined || (keyBits !== 2048 && keyBits !== 3072))
    throw badKey("its header");
  const sizes = schemeSizes(scheme, keyBits);
  const fields = scheme === "paillier" ? 2 : 3;
  if (bytes.length !== HEADER_BYTES + fields * sizes.modulusBytes) throw badKey("its length");
  const values = Array.from({ length: fields }, (_, i) => {
    const at = HEADER_BYTES + i * sizes.modulusBytes;
    return fromLittleEndian(bytes.subarray(at, at + sizes.modulusBytes));
  });
  const published = { n: values[0]!, g: scheme === "paillier" ? null : values[1]!, h: values.at(-1)! };
  checkPublicValues(sizes, published);
  return new PublicKey(sizes, published);
}

const badKey = (what: string): TomboloError =>
  new TomboloError("protocol.public-key", `a homomorphic encryption key was refused for ${what}`);

function checkPublicValues(sizes: SchemeSizes, { n, g, h }: PublicValues): void {
  if (bitLength(n) !== sizes.keyBits) throw badKey("its size");
  if ((n & 1n) === 0n || hasSmallFactor(n)) throw badKey("a small factor");
  for (const base of g === null ? [h] : [g, h]) {
    if (base <= 1n || base >= n - 1n || gcd(base, n) !== 1n) throw badKey("a base out of range");
  }
}

export class PublicKey implements HePublicKey {
  readonly scheme: HeScheme;
  readonly keyBits: HeKeyBits;
  readonly plaintextBits: number;
  readonly plaintextBytes: number;
  readonly ciphertextBytes: number;
  /** The ciphertext modulus: n, or n^2 for Paillier. */
  readonly modulus: Modulus;
  readonly #sizes: SchemeSizes;
  readonly #values: PublicValues;
  #messageBase: Promise<FixedBase> | undefined;
  #blindingBase: Promise<FixedBase> | undefined;

  constructor(sizes: SchemeSizes, values: PublicValues) {
    this.#sizes = sizes;
    this.#values = values;
    this.scheme = sizes.scheme;
    this.keyBits = sizes.keyBits;
    this.plaintextBits = sizes.plaintextBits;
    this.plaintextBytes = sizes.plaintextBytes;
    this.ciphertextBytes = sizes.ciphertextBytes;
    const { n } = values;
    this.modulus = kernels.modulus(toLittleEndian(values.g === null ? n * n : n, sizes.ciphertextBytes));
  }

  toBytes(): Uint8Array {
    const { n, g, h } = this.#values;
    const header = Uint8Array.of(VERSION, SCHEME_CODES[this.scheme], this.keyBits & 0xff, this.keyBits >> 8);
    const fields = (g === null ? [n, h] : [n, g, h]).map((value) => toLittleEndian(value, this.#sizes.modulusBytes));
    return concat(header, ...fields);
  }

  async encrypt(plaintexts: Uint8Array, secrets: Secrets): Promise<Uint8Array> {
    const count = this.checkPlaintexts(plaintexts);
    const messages = await this.#messagePart(plaintexts);
    return this.modulus.multiply(messages, await this.#blinding(count, secrets));
  }

  add(a: Uint8Array, b: Uint8Array): Promise<Uint8Array> {
    return this.modulus.multiply(a, b);
  }

  async subtract(a: Uint8Array, b: Uint8Array): Promise<Uint8Array> {
    return this.modulus.multiply(a, await this.modulus.invert(b));
  }

  async shiftLeftAdd(high: Uint8Array, low: Uint8Array, bits: number): Promise<Uint8Array> {
    if (high.length !== low.length) throw new RangeError("both lists have the same length");
    const width = this.ciphertextBytes;
    const pairs = new Uint8Array(2 * low.length);
    for (let at = 0; at < low.length; at += width) {
      pairs.set(low.subarray(at, at + width), 2 * at);
      pairs.set(high.subarray(at, at + width), 2 * at + width);
    }
    return this.modulus.packShift(pairs, 2, bits);
  }

  packShift(cells: Uint8Array, perCiphertext: number, bits: number): Promise<Uint8Array> {
    if (perCiphertext * bits > this.plaintextBits) throw new RangeError("the packed cells would wrap");
    return this.modulus.packShift(cells, perCiphertext, bits);
  }

  async rerandomise(ciphertexts: Uint8Array, secrets: Secrets): Promise<Uint8Array> {
    const count = ciphertexts.length / this.ciphertextBytes;
    return this.modulus.multiply(ciphertexts, await this.#blinding(count, secrets));
  }

  histogram(ciphertexts: Uint8Array, layout: HistogramLayout): Promise<Uint8Array> {
    return this.modulus.histogram(ciphertexts, layout);
  }

  validate(ciphertexts: Uint8Array): Promise<void> {
    if (ciphertexts.length % this.ciphertextBytes !== 0)
      return Promise.reject(new TomboloError("protocol.ciphertext", "ciphertexts of a wrong length"));
    return this.modulus.validate(ciphertexts);
  }

  /** Throws a RangeError, since plaintexts are ours. */
  checkPlaintexts(plaintexts: Uint8Array): number {
    const width = this.plaintextBytes;
    if (plaintexts.length % width !== 0) throw new RangeError("plaintexts of a wrong length");
    const topBits = this.plaintextBits - 8 * (width - 1);
    for (let at = width - 1; at < plaintexts.length; at += width)
      if (plaintexts[at]! >> Math.max(0, topBits) !== 0) throw new RangeError("a plaintext is out of range");
    return plaintexts.length / width;
  }

  /** g^m, or 1 + m·n. */
  async #messagePart(plaintexts: Uint8Array): Promise<Uint8Array> {
    const { n, g } = this.#values;
    if (g === null) return linearPart(this.modulus, plaintexts, this.plaintextBytes, n);
    this.#messageBase ??= this.#table(g, this.plaintextBytes);
    return (await this.#messageBase).power(plaintexts);
  }

  /** h^r with fresh r. */
  async #blinding(count: number, secrets: Secrets): Promise<Uint8Array> {
    this.#blindingBase ??= this.#blindingTable();
    return (await this.#blindingBase).power(secrets.bytes(count * BLINDING_BYTES));
  }

  async #blindingTable(): Promise<FixedBase> {
    const { n, g, h } = this.#values;
    if (g !== null) return this.#table(h, BLINDING_BYTES);
    const lifted = await this.modulus.power(
      await this.modulus.enter(toLittleEndian(h, this.modulus.bytes)),
      toLittleEndian(n, this.#sizes.modulusBytes),
    );
    return this.modulus.fixedBase(lifted, BLINDING_BYTES); // h^n mod n^2
  }

  async #table(base: bigint, exponentBytes: number): Promise<FixedBase> {
    return this.modulus.fixedBase(await this.modulus.enter(toLittleEndian(base, this.modulus.bytes)), exponentBytes);
  }
}

/** 1 + m·slope for each m. */
export async function linearPart(modulus: Modulus, m: Uint8Array, width: number, slope: bigint): Promise<Uint8Array> {
  const one = await modulus.enter(toLittleEndian(1n, modulus.bytes));
  return modulus.multiplyAdd(m, width, await modulus.enter(toLittleEndian(slope, modulus.bytes)), one);
}
