/**
 * Shares of whether two private numbers, one of each party, are in order or equal; for all pairs of a vector at once.
 *
 * Rathee et al., "CrypTFlow2: Practical 2-Party Secure Inference", CCS 2020, section 3.1 (and Huang, Lu, Hong, Ding, "Cheetah",
 * USENIX Security 2022). Numbers are cut into digits of four bits. For each digit the one party makes a table over the other's
 * sixteen: is mine below it, is mine equal, each XORed with a random share; the other reads its entry by one-of-sixteen
 * transfer. Then neighbours are joined, as in any comparison of digits, until one is left:
 *
 *   less = less_high + equal_high·less_low        equal = equal_high·equal_low
 *
 * two ANDs with one factor in common, from one pair triple. Each party makes tables for half of the pairs. What is sent is
 * masked with one-time material: neither learns anything. Adversary and assumptions: those of the transfers.
 *
 * With L digits: 4·L transfers and L - 1 pair triples a pair, 2 + ceil(log2 L) rounds; bytes, both ways together and
 * without making these, L/2 + 4·L (2·L for equality alone), and 3/4·(L - 1) (1/2 of it for equality).
 */
import type { Secrets } from "@tombolo/base";
import { chosenPads, DIGIT_TRANSFERS, maskedDigits, tablePads } from "../../oblivious-transfer/one-of-sixteen/index.ts";
import { andPairs, type Joining } from "./joining.ts";
import { bitsOfHalves, byteLength, bytesOf, padded, xorBytes } from "./packed.ts";

const DIGIT_BITS = 4;
/** A second bit of an entry stands here. */
const SECOND = 16;

export interface Comparing extends Joining {
  readonly secrets: Secrets;
}

/** One bit of each pair, for each digit: from the lowest. */
interface Digits {
  readonly less: Uint8Array[];
  readonly equal: Uint8Array[];
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

/** Shares of whether v + v' >= 2^width, of own v and the partner's v', both below 2^width. */
export async function carries(values: BigUint64Array, width: number, with_: Comparing): Promise<Uint8Array> {
  const { sent } = halvesOf(values.length, with_.wire.role);
  const own = new BigUint64Array(padded(values.length));
  own.set(values);
  const top = 2n ** BigInt(width) - 1n;
  for (let i = sent[0]; i < sent[1]; i++) own[i] = top - own[i]!; // v + v' >= 2^width if and only if top - v < v'
  const digits = await readDigits(own, values.length, Math.ceil(width / DIGIT_BITS), true, with_);
  let { less, equal } = digits;
  while (less.length > 1) {
    const [low, high] = [alternate(less, 0), alternate(equal, 1)];
    const { one, too } = await andPairs(flat(high), flat(low), flat(alternate(equal, 0)), with_);
    const left = less.length % 2 === 1 ? [less.at(-1)!, equal.at(-1)!] : [];
    less = [...cut(xorBytes(flat(alternate(less, 1)), one), high.length), ...left.slice(0, 1)];
    equal = [...cut(too, high.length), ...left.slice(1)];
  }
  return less[0]!.slice(0, byteLength(values.length));
}

/** Shares of whether own v and the partner's v' are the same, both below 2^width. */
export async function equals(values: BigUint64Array, width: number, with_: Comparing): Promise<Uint8Array> {
  const own = new BigUint64Array(padded(values.length));
  own.set(values);
  let { equal } = await readDigits(own, values.length, Math.ceil(width / DIGIT_BITS), false, with_);
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

/** Digit after digit, the elements from `from` to `to`. */
function digitsOf(values: BigUint64Array, count: number, [from, to]: readonly [number, number]): Uint8Array {
  const bytes = bytesOf(values);
  const out = new Uint8Array(count * (to - from));
  for (let digit = 0, at = 0; digit < count; digit++)
    for (let i = from; i < to; i++) out[at++] = (bytes[8 * i + (digit >> 1)]! >> (DIGIT_BITS * (digit & 1))) & 15;
  return out;
}

async function readDigits(
  values: BigUint64Array,
  count: number,
  digits: number,
  ordered: boolean,
  { wire, correlations, secrets }: Comparing,
): Promise<Digits> {
  const { sent, received } = halvesOf(count, wire.role);
  const [made, read] = [digits * (sent[1] - sent[0]), digits * (received[1] - received[0])];
  const transfers = await correlations.narrow(DIGIT_TRANSFERS * made, DIGIT_TRANSFERS * read);
  const [mine, theirs] = [digitsOf(values, digits, sent), digitsOf(values, digits, received)];
  const choices = maskedDigits(theirs, transfers.received.choices);
  const masked = await wire.exchange("Digits", choices, made / 2);

  const entry = ordered ? 4 : 2;
  const pads = tablePads(transfers.sent.zero, transfers.sent.one, masked);
  const shares = sharesOf(secrets, made);
  fillTables(pads, mine, shares);
  const sending = entry === 4 ? bytesOf(pads) : bytesOf(new Uint16Array(pads));
  const got = await wire.exchange("Tables", sending, entry * read);
  const tables =
    entry === 4 ? new Uint32Array(got.buffer, got.byteOffset, read) : new Uint16Array(got.buffer, got.byteOffset, read);
  const entries = chosenPads(transfers.received.choices, transfers.received.chosen);
  for (let at = 0; at < read; at++) entries[at] = entries[at]! ^ (tables[at]! >>> theirs[at]!);

  const plane = (place: number): Uint8Array[] => {
    const [own, other] = [bitsOfHalves(shares, place), bitsOfHalves(entries, place)];
    return Array.from({ length: digits }, (_, digit) => {
      const out = new Uint8Array(values.length / 8);
      out.set(cut(own, digits)[digit]!, sent[0] / 8);
      out.set(cut(other, digits)[digit]!, received[0] / 8);
      return out;
    });
  };
  return { equal: plane(0), less: ordered ? plane(SECOND) : [] };
}

/** A random bit for each of the two bits of an entry, all else 0. */
function sharesOf(secrets: Secrets, count: number): Uint32Array {
  const random = secrets.bytes(count);
  const out = new Uint32Array(count);
  for (let at = 0; at < count; at++) out[at] = (random[at]! & 1) | ((random[at]! & 2) << (SECOND - 1));
  return out;
}

/** Adds to the pads: bit v says whether v is equal, bit 16 + v whether own is below v; and the shares on all of them. */
function fillTables(pads: Uint32Array, own: Uint8Array, shares: Uint32Array): void {
  for (let at = 0; at < pads.length; at++) {
    const equal = 1 << own[at]!;
    const less = (0xfffe << own[at]!) & 0xffff;
    const share = shares[at]!;
    pads[at] =
      pads[at]! ^ (equal | (less << SECOND)) ^ ((share & 1 ? 0xffff : 0) | (share >>> SECOND ? 0xffff0000 : 0));
  }
}
