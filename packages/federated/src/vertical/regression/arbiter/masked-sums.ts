/**
 * What an owner of columns has the arbiter decrypt: its own sums Xᵀ·r, under masks, and the same sums times a secret number, under
 * other masks.
 *
 * Masks are 40 bits longer than what they hide, so the arbiter sees numbers within 2^-40 of uniform for each sum, and two of each that
 * it cannot tell apart. An answer that is not the plaintext fits both only if its error in the second is the secret number, of 32 bits, times
 * that in the first: a wrong answer passes with a chance of 2^-31 at most. Fresh encryptions of the masks re-randomise.
 *
 * Several sums share a plaintext, in slots; its top 64 bits stay zero, which is what the arbiter decrypts by (SECURITY.md,
 * rule 10: a plaintext of Okamoto-Uchiyama beyond that may be one reduced by the secret modulus, and would tell it).
 */
import { bytesToBigint, concat, type Secrets, TomboloError } from "@tombolo/base";
import { type HePublicKey, sumOfAll, timesNumbers, WEIGHT_BITS, weightedSums } from "@tombolo/crypto";
import { residualBits } from "./contributions.ts";
import type { WholeColumn } from "./matrix.ts";

/** Top bits of a plaintext that stay zero. */
const HEADROOM_BITS = 64;
const FACTOR_BITS = 32;
const MASK_BITS = 40;

export interface SlotPlan {
  /** |sum| is below two to it. */
  readonly sumBits: number;
  readonly slotBits: number;
  readonly perCiphertext: number;
}

export function slotPlan(key: Pick<HePublicKey, "plaintextBits">, rows: number, parties: number): SlotPlan {
  const sumBits = WEIGHT_BITS + residualBits(parties) + Math.ceil(Math.log2(rows));
  // A sum with its offset has a bit more, the mask's carry another.
  const slotBits = sumBits + 1 + FACTOR_BITS + MASK_BITS + 1;
  return { sumBits, slotBits, perCiphertext: Math.floor((key.plaintextBits - HEADROOM_BITS) / slotBits) };
}

/** Ciphertexts that an owner of `columns` columns sends for a part: half of them are the second copy. */
export const ciphertextsOf = ({ perCiphertext }: SlotPlan, columns: number): number =>
  2 * Math.ceil(columns / perCiphertext);

export interface MaskedSums {
  readonly ciphertexts: Uint8Array;
  /** From what the arbiter answers. Throws `protocol.answer`. */
  open(plaintexts: Uint8Array): bigint[];
}

export interface SumsInput {
  readonly key: HePublicKey;
  readonly plan: SlotPlan;
  /** Of the part's rows, with the offset of contributions.ts. */
  readonly residuals: Uint8Array;
  readonly columns: readonly WholeColumn[];
  readonly part: number;
}

/** Σ (k - zero)·residual of each column. */
export async function maskedSums(input: SumsInput, secrets: Secrets): Promise<MaskedSums> {
  const { key, plan, columns } = input;
  const { slotBits, perCiphertext, sumBits } = plan;
  const zero = await key.encrypt(new Uint8Array(key.plaintextBytes), secrets);
  const packed = await key.packShift(await signedSums(input, zero), perCiphertext, slotBits);
  const factor = 2n ** BigInt(FACTOR_BITS - 1) + randomBits(FACTOR_BITS - 1, secrets);
  const count = packed.length / key.ciphertextBytes;
  const factors = Array.from({ length: count }, () => Number(factor));
  const times = await timesNumbers(key, packed, factors, { bits: FACTOR_BITS, zero });
  const offset = 1n << BigInt(sumBits);
  const draw = (by: bigint): bigint[] => columns.map(() => by * offset + randomBits(slotBits - 1, secrets));
  const [masks, timesMasks] = [draw(1n), draw(factor)];
  const encrypted = await Promise.all(
    [masks, timesMasks].map((all) => key.encrypt(inSlots(all, plan, key.plaintextBytes), secrets)),
  );
  return {
    ciphertexts: await key.add(concat(packed, times), concat(...encrypted)),
    open(plaintexts) {
      const half = plaintexts.length / 2;
      const sums = minus(slotsOf(plaintexts.subarray(0, half), plan, key.plaintextBytes), masks);
      const again = minus(slotsOf(plaintexts.subarray(half), plan, key.plaintextBytes), timesMasks);
      if (sums.some((sum, j) => factor * sum !== again[j] || sum >= offset || sum <= -offset))
        throw new TomboloError("protocol.answer", "the arbiter's answer is not what the sums decrypt to");
      return sums;
    },
  };
}

/** Negative sums are multiples of the base's inverse: masks bring them back. */
async function signedSums({ key, residuals, columns, part }: SumsInput, zero: Uint8Array): Promise<Uint8Array> {
  const numbers = columns.map((column) => column.numbers[part]!);
  const all = await sumOfAll(key, residuals);
  const ofAll = concat(...columns.map(() => all));
  const zeros = columns.map((column) => column.zero);
  const taken = await timesNumbers(key, ofAll, zeros, { bits: WEIGHT_BITS, zero });
  return key.subtract(await weightedSums(key, residuals, numbers), taken);
}

/** What the arbiter sends back, if it is what honest sums can be: below the headroom. Throws `protocol.bound`. */
export function requireHeadroom(
  plaintexts: Uint8Array,
  key: Pick<HePublicKey, "plaintextBytes" | "plaintextBits">,
  party: string,
): void {
  const bits = key.plaintextBits - HEADROOM_BITS;
  for (let at = 0; at < plaintexts.length; at += key.plaintextBytes)
    if (fromLittleEndian(plaintexts.subarray(at, at + key.plaintextBytes)) >> BigInt(bits) !== 0n)
      throw new TomboloError("protocol.bound", "a decrypted sum is outside the bounds of honest sums", {
        blame: party,
      });
}

function inSlots(values: readonly bigint[], { slotBits, perCiphertext }: SlotPlan, width: number): Uint8Array {
  const out = new Uint8Array(Math.ceil(values.length / perCiphertext) * width);
  for (let first = 0, at = 0; first < values.length; first += perCiphertext, at += width) {
    const own = values.slice(first, first + perCiphertext);
    writeLittleEndian(
      out.subarray(at, at + width),
      own.reduceRight((high, low) => (high << BigInt(slotBits)) + low, 0n),
    );
  }
  return out;
}

/** As many as fit; those past the last sum are 0 if the answer is right. */
function slotsOf(plaintexts: Uint8Array, { slotBits, perCiphertext }: SlotPlan, width: number): bigint[] {
  const out: bigint[] = [];
  for (let at = 0; at < plaintexts.length; at += width) {
    let rest = fromLittleEndian(plaintexts.subarray(at, at + width));
    for (let slot = 0; slot < perCiphertext; slot++) {
      out.push(BigInt.asUintN(slotBits, rest));
      rest >>= BigInt(slotBits);
    }
  }
  return out;
}

const minus = (values: readonly bigint[], masks: readonly bigint[]): bigint[] =>
  masks.map((mask, j) => (values[j] ?? 0n) - mask);

const randomBits = (bits: number, secrets: Secrets): bigint =>
  BigInt.asUintN(bits, bytesToBigint(secrets.bytes(Math.ceil(bits / 8))));

const fromLittleEndian = (bytes: Uint8Array): bigint => bytesToBigint(Uint8Array.from(bytes).reverse());

function writeLittleEndian(out: Uint8Array, value: bigint): void {
  for (let i = 0, rest = value; i < out.length; i++, rest >>= 8n) out[i] = Number(rest & 255n);
}
