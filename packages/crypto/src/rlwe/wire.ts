/**
 * Bytes of what is sent: a head of 12 bytes, seeds, then residues as bits (`Ring.pack`). The receiver says what it waits for, and
 * anything else is refused with `protocol.rlwe`: another kind, parameter set, level, form, count or length, and residues not below
 * their prime. What remains is an element of the right rings, which no encoding can say more about.
 */
import { concat, discard, TomboloError } from "@tombolo/base";
import { type Ciphertexts, countOf, SEED_BYTES, type SeededCiphertexts } from "./ciphertexts.ts";
import type { GaloisKey, RlwePublicKey } from "./keys.ts";
import type { Places, ReleasedCiphertexts } from "./releasing.ts";
import type { Rlwe } from "./ring.ts";

const VERSION = 1;
const HEAD_BYTES = 12;
const kinds = { seeded: 1, ciphertexts: 2, publicKey: 3, galoisKeys: 4, released: 5 } as const;
type Kind = keyof typeof kinds;

interface Head {
  readonly kind: Kind;
  readonly level: number;
  readonly form: Ciphertexts["form"];
  readonly count: number;
}

const broken = (what: string): TomboloError =>
  new TomboloError("protocol.rlwe", `not the ciphertexts or keys agreed on: ${what}`);

const topOf = (of: Rlwe): number => of.parameters.primes.length;

/** Bytes of a polynomial at a level; of one that switching keys have, with the special prime. */
function polynomialBytes(of: Rlwe, level: number, extended = false): number {
  const { primes, special, size } = of.parameters;
  const moduli = [...primes.slice(0, level), ...(extended ? [special] : [])];
  return (moduli.reduce((sum, p) => sum + p.toString(2).length, 0) * size) / 8;
}

export const seededBytes = (of: Rlwe, count: number): number =>
  HEAD_BYTES + SEED_BYTES + count * polynomialBytes(of, topOf(of));
export const ciphertextBytes = (of: Rlwe, count: number, level: number): number =>
  HEAD_BYTES + 2 * count * polynomialBytes(of, level);
/** With `wanted` coefficients of b. */
export const releasedBytes = (of: Rlwe, count: number, level: number, wanted: number): number =>
  HEAD_BYTES + count * polynomialBytes(of, level) * (1 + wanted / of.parameters.size);
export const publicKeyBytes = (of: Rlwe): number => seededBytes(of, 1);
export const galoisKeyBytes = (of: Rlwe, count: number): number =>
  HEAD_BYTES + count * (SEED_BYTES + topOf(of) * polynomialBytes(of, topOf(of), true));

export async function encodeSeeded(of: Rlwe, { seed, b }: SeededCiphertexts): Promise<Uint8Array> {
  const level = topOf(of);
  const count = b.length / of.words(level);
  return joined(head(of, { kind: "seeded", level, form: "values", count }), seed, await of.ring(level).pack(b));
}

export async function decodeSeeded(of: Rlwe, bytes: Uint8Array, count: number): Promise<SeededCiphertexts> {
  return seeded(of, bytes, { kind: "seeded", level: topOf(of), form: "values", count });
}

export async function encodePublicKey(of: Rlwe, { seed, b }: RlwePublicKey): Promise<Uint8Array> {
  const level = topOf(of);
  return concat(head(of, { kind: "publicKey", level, form: "values", count: 1 }), seed, await of.ring(level).pack(b));
}

export async function decodePublicKey(of: Rlwe, bytes: Uint8Array): Promise<RlwePublicKey> {
  return seeded(of, bytes, { kind: "publicKey", level: topOf(of), form: "values", count: 1 });
}

async function seeded(of: Rlwe, bytes: Uint8Array, wanted: Head): Promise<SeededCiphertexts> {
  requireHead(of, bytes, wanted, seededBytes(of, wanted.count));
  const seed = bytes.slice(HEAD_BYTES, HEAD_BYTES + SEED_BYTES);
  return { seed, b: await below(of.ring(wanted.level).unpack(bytes.subarray(HEAD_BYTES + SEED_BYTES))) };
}

export async function encodeCiphertexts(of: Rlwe, x: Ciphertexts): Promise<Uint8Array> {
  const { level, form, polynomials } = x;
  const start = head(of, { kind: "ciphertexts", level, form, count: countOf(of, x) });
  return concat(start, await of.ring(level).pack(polynomials));
}

export async function decodeCiphertexts(
  of: Rlwe,
  bytes: Uint8Array,
  { count, level, form }: Omit<Head, "kind">,
): Promise<Ciphertexts> {
  requireHead(of, bytes, { kind: "ciphertexts", level, form, count }, ciphertextBytes(of, count, level));
  return { level, form, polynomials: await below(of.ring(level).unpack(bytes.subarray(HEAD_BYTES))) };
}

/** Residues of a, then those of b. */
export async function encodeReleased(of: Rlwe, { level, places, b, a }: ReleasedCiphertexts): Promise<Uint8Array> {
  const count = a.length / of.words(level);
  const start = head(of, { kind: "released", level, form: "coefficients", count });
  return joined(start, await of.ring(level).pack(a), await of.part(level, places.wanted).pack(b));
}

export async function decodeReleased(
  of: Rlwe,
  bytes: Uint8Array,
  { count, level, places }: { readonly count: number; readonly level: number; readonly places: Places },
): Promise<ReleasedCiphertexts> {
  requireHead(
    of,
    bytes,
    { kind: "released", level, form: "coefficients", count },
    releasedBytes(of, count, level, places.wanted),
  );
  const split = HEAD_BYTES + count * polynomialBytes(of, level);
  const a = await below(of.ring(level).unpack(bytes.subarray(HEAD_BYTES, split)));
  return { level, places, a, b: await below(of.part(level, places.wanted).unpack(bytes.subarray(split))) };
}

/** In the order of the exponents, which both sides know. */
export async function encodeGaloisKeys(of: Rlwe, keys: readonly GaloisKey[]): Promise<Uint8Array> {
  const level = topOf(of);
  const parts = keys.map(async ({ seed, b }) => concat(seed, await of.extended(level).pack(b)));
  return concat(
    head(of, { kind: "galoisKeys", level, form: "values", count: keys.length }),
    ...(await Promise.all(parts)),
  );
}

export async function decodeGaloisKeys(
  of: Rlwe,
  bytes: Uint8Array,
  exponents: readonly number[],
): Promise<GaloisKey[]> {
  const [level, count] = [topOf(of), exponents.length];
  requireHead(of, bytes, { kind: "galoisKeys", level, form: "values", count }, galoisKeyBytes(of, count));
  const width = galoisKeyBytes(of, 1) - HEAD_BYTES;
  return Promise.all(
    exponents.map(async (exponent, i) => {
      const one = bytes.slice(HEAD_BYTES + i * width, HEAD_BYTES + (i + 1) * width);
      const b = await below(of.extended(level).unpack(one.subarray(SEED_BYTES)));
      return { exponent, seed: one.slice(0, SEED_BYTES), b };
    }),
  );
}

/** Large parts, of which nothing is left. */
function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const all = concat(...parts);
  discard(...parts.filter(({ length }) => length > SEED_BYTES));
  return all;
}

function head(of: Rlwe, { kind, level, form, count }: Head): Uint8Array {
  const out = new Uint8Array(HEAD_BYTES);
  out.set([VERSION, kinds[kind], of.parameters.id, level, form === "values" ? 1 : 0]);
  new DataView(out.buffer).setUint32(8, count, true);
  return out;
}

function requireHead(of: Rlwe, bytes: Uint8Array, wanted: Head, length: number): void {
  if (bytes.length !== length) throw broken(`${bytes.length} bytes, not ${length}`);
  const names = ["version", "kind", "parameters", "level", "form", "padding", "padding", "padding"];
  const expected = head(of, wanted);
  for (let i = 0; i < HEAD_BYTES; i++) if (bytes[i] !== expected[i]) throw broken(`another ${names[i] ?? "count"}`);
}

async function below(unpacked: Promise<BigUint64Array>): Promise<BigUint64Array> {
  try {
    return await unpacked;
  } catch (error) {
    if (error instanceof TomboloError) throw broken("a residue is not below its prime");
    throw error;
  }
}
