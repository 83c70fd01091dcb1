/**
 * Shares of whether the sum of two private numbers, one of each party, has a carry, or whether they are equal; for all pairs of a
 * vector at once. Of the carry follows the sign of a shared word.
 *
 * Rathee et al., "CrypTFlow2: Practical 2-Party Secure Inference", CCS 2020, section 3.1 (and Huang, Lu, Hong, Ding, "Cheetah",
 * USENIX Security 2022), with sums in place of comparisons of complements. Numbers are cut into digits of four bits. For each digit
 * the one party makes a table over the other's sixteen: does the sum with mine carry, would it pass a carry on, each XORed with a
 * random share; the other reads its entry by one-of-sixteen transfer. Then neighbours are joined, until one is left:
 *
 *   carry = carry_high + whole_high·carry_low        whole = whole_high·whole_low
 *
 * two ANDs with one factor in common, from one pair triple. Each party makes tables for half of the pairs. What is sent is
 * masked with one-time material: neither learns anything. Adversary and assumptions: those of the transfers.
 *
 * With L digits: L transfers of one in sixteen (each counted as the four of one in two that it would take) and L - 1 pair triples a pair, 2 + ceil(log2 L) rounds; bytes, both ways together and
 * without making these, L/2 + 4·L (2·L for equality alone), and 3/4·(L - 1) (1/2 of it for equality).
 */
import { discard, type Secrets } from "@tombolo/base";
import { type DigitCut, correlations as kernels } from "@tombolo/crypto";
import { DIGIT_TRANSFERS } from "../../oblivious-transfer/one-of-sixteen/index.ts";
import type { BitRange } from "../backend.ts";
import type { Cut } from "./correlations.ts";
import { andPairs, type Joining } from "./joining.ts";
import { bitsOfWords, byteLength, halvesOfBytes, padded, xorBytes } from "./packed.ts";
import { addWords, joinWords } from "./ring.ts";

const DIGIT_BITS = 4;

export interface Comparing extends Joining {
  readonly secrets: Secrets;
}

/** One bit of each pair, for each digit: from the lowest. */
interface Digits {
  /** Both digits' sum is the largest digit: a carry from below goes on. Where no carries are asked for: they are equal. */
  readonly whole: Uint8Array[];
  readonly carry: Uint8Array[];
}

/** Where this party makes tables, and where it reads: both of whole bytes of bits. */
interface Halves {
  readonly sent: readonly [number, number];
  readonly received: readonly [number, number];
}

function halvesOf(count: number, role: "first" | "second"): Halves {
  const [middle, end] = [8 * Math.ceil(byteLength(count) / 2), padded(count)];
  return role === "first"
    ? { sent: [0, middle], received: [middle, end] }
    : { sent: [middle, end], received: [0, middle] };
}

/** Shares of whether v + v' >= 2^width, of the low bits v, v' of both parties' words. */
export async function carries(values: BigUint64Array, width: number, with_: Comparing): Promise<Uint8Array> {
  const [made, read] = halved(values, with_);
  return (await passed([made], read, values.length, { low: 0, width }, with_))[0]!;
}

/**
 * For each offset, shares of whether v + v' + offset is negative, of the bits of them that `range` says (../backend.ts): the carry
 * into the top bit of those looked at, and both top bits. Shares modulo 2^width are shares of a word modulo 2^width, whose sign is
 * that of the word where that is in range. Without its low bits, a share is that of a word whose part above them is the own
 * or one less. The offset is with who makes the tables, so that one reading serves all.
 */
export async function signs(
  values: BigUint64Array,
  offsets: readonly bigint[],
  { width, dropped }: Required<BitRange>,
  with_: Comparing,
): Promise<readonly Uint8Array[]> {
  const { sent, received } = halvesOf(values.length, with_.wire.role);
  const top = width - 1;
  const [own, read] = halved(values, with_);
  const made = offsets.map((offset) => moved(own, offset));
  const carried = await passed(made, read, values.length, { low: dropped, width: top - dropped }, with_);
  const readTops = bitsOfWords(read, top);
  return carried.map((carry, k) => {
    const tops = new Uint8Array(padded(values.length) / 8);
    tops.set(bitsOfWords(made[k]!, top), sent[0] / 8);
    tops.set(readTops, received[0] / 8);
    return xorBytes(carry, tops);
  });
}

function moved(values: BigUint64Array, offset: bigint): BigUint64Array {
  if (offset === 0n) return values;
  const out = new BigUint64Array(values.length).fill(BigInt.asUintN(64, offset));
  return addWords(out, values);
}

/** Words of the pairs that this party makes tables for, and of those that it reads; zeros up to a whole byte's bits. */
function halved(values: BigUint64Array, { wire }: Comparing): readonly [BigUint64Array, BigUint64Array] {
  const whole = values.length % 8 === 0 ? values : new BigUint64Array(padded(values.length));
  if (whole !== values) whole.set(values);
  const { sent, received } = halvesOf(values.length, wire.role);
  return [whole.subarray(...sent), whole.subarray(...received)];
}

/**
 * Shares of whether the sum of the maker's bits and the reader's has a carry; for each vector of the maker's, with one of the
 * reader's.
 */
async function passed(
  made: readonly BigUint64Array[],
  read: BigUint64Array,
  count: number,
  bits: DigitCut,
  with_: Comparing,
): Promise<readonly Uint8Array[]> {
  let each = await readDigits(made, read, count, { bits, sums: true }, with_);
  while (each[0]!.carry.length > 1) {
    const take = (of: "carry" | "whole", first: 0 | 1): Uint8Array =>
      flat(each.flatMap((vector) => alternate(vector[of], first)));
    const { one, too } = await andPairs(take("whole", 1), take("carry", 0), take("whole", 0), with_);
    const [carry, whole] = [xorBytes(take("carry", 1), one), too].map((parts) => cut(parts, each.length));
    each = each.map((vector, k) => {
      const [pairs, odd] = [vector.carry.length >> 1, vector.carry.length % 2 === 1];
      return {
        carry: [...cut(carry![k]!, pairs), ...(odd ? vector.carry.slice(-1) : [])],
        whole: [...cut(whole![k]!, pairs), ...(odd ? vector.whole.slice(-1) : [])],
      };
    });
  }
  return each.map(({ carry }) => carry[0]!.slice(0, byteLength(count)));
}

/** Shares of whether the low bits v, v' of both parties' words are the same. */
export async function equals(values: BigUint64Array, width: number, with_: Comparing): Promise<Uint8Array> {
  const [made, read] = halved(values, with_);
  const comparison = { bits: { low: 0, width }, sums: false };
  let equal = (await readDigits([made], read, values.length, comparison, with_))[0]!.whole;
  while (equal.length > 1) {
    const high = alternate(equal, 1);
    const { one } = await andPairs(flat(high), flat(alternate(equal, 0)), null, with_);
    equal = [...cut(one, high.length), ...(equal.length % 2 === 1 ? [equal.at(-1)!] : [])];
  }
  return equal[0]!.slice(0, byteLength(values.length));
}

/** Every other vector from `first` on, as far as there are pairs. */
const alternate = (vectors: readonly Uint8Array[], first: 0 | 1): Uint8Array[] =>
  Array.from({ length: vectors.length >> 1 }, (_, i) => vectors[2 * i + first]!);

function flat(vectors: readonly Uint8Array[]): Uint8Array {
  const width = vectors[0]!.length;
  const out = new Uint8Array(width * vectors.length);
  vectors.forEach((vector, i) => {
    out.set(vector, i * width);
  });
  return out;
}

const cut = (bits: Uint8Array, parts: number): Uint8Array[] =>
  Array.from({ length: parts }, (_, i) => bits.subarray((i * bits.length) / parts, ((i + 1) * bits.length) / parts));

/** Planes of a table: `whole`, and `carry` where digits are added; of one vector of the maker's, or of two. */
const FORMS: Readonly<Record<number, Cut>> = { 1: "equal", 2: "order", 4: "range" };

async function readDigits(
  made: readonly BigUint64Array[],
  read: BigUint64Array,
  count: number,
  { bits, sums }: { readonly bits: DigitCut; readonly sums: boolean },
  { wire, correlations, secrets }: Comparing,
): Promise<readonly Digits[]> {
  const { sent, received } = halvesOf(count, wire.role);
  const [digits, results] = [Math.ceil(bits.width / DIGIT_BITS), sums ? 2 : 1];
  const planes = results * made.length;
  const [making, reading] = [digits * (sent[1] - sent[0]), digits * (received[1] - received[0])];
  const transfers = await correlations.transfers(FORMS[planes]!, DIGIT_TRANSFERS * making, DIGIT_TRANSFERS * reading);
  const choices = await kernels.digitChoices(read, bits, transfers.received.choices);
  const masked = await wire.exchange("Digits", choices, making / 2);
  const shares = secrets.bytes((planes * making) / 8);
  const pads = halvesOfBytes(transfers.sent.pads!);
  const tables = await kernels.digitTables(joinWords(made), bits, sums, pads, masked, shares);
  const got = await wire.exchange("Tables", tables, 2 * planes * reading);
  const entries = await kernels.digitEntries(read, bits, transfers.received.kept, got);
  discard(choices, masked, tables, got);

  const [own, other] = [cut(shares, planes * digits), cut(entries, planes * digits)];
  const vectors = (place: number): Uint8Array[] =>
    Array.from({ length: digits }, (_, digit) => {
      const out = new Uint8Array(padded(count) / 8);
      out.set(own[place * digits + digit]!, sent[0] / 8);
      out.set(other[place * digits + digit]!, received[0] / 8);
      return out;
    });
  return made.map((_, k) => ({ whole: vectors(results * k), carry: sums ? vectors(results * k + 1) : [] }));
}
