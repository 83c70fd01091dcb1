/**
 * Shares of whether two parties have the same value in each bin: of all bins of one run at once.
 *
 * A value is compared in parts of four bits. For each part, one of sixteen bits is chosen by the receiver's part among
 * sixteen of the sender, "is it mine", each XORed with the sender's share (`oblivious-transfer/one-of-sixteen`). The parts' shares are then joined by
 * AND, pair by pair, with multiplication triples from two random transfers each (Beaver 1991; Asharov, Lindell, Schneider,
 * Zohner, CCS 2013). Both see random bits only. Semi-honest.
 *
 * Transfers of a run of n bins: 4 for each part of each bin, part by part; then 2 for each of the n·(parts - 1) triples.
 */
import type { Secrets, TomboloError } from "@tombolo/base";
import { BLOCK_BYTES } from "@tombolo/crypto";
import {
  chosenPads,
  DIGIT_TRANSFERS,
  keyWords,
  maskedDigits,
  tablePads,
} from "../../oblivious-transfer/one-of-sixteen/index.ts";
import type { RandomReceived, RandomSent } from "../../oblivious-transfer/softspoken/index.ts";
import { joinsOf } from "./steps.ts";

export const bitAt = (bits: Uint8Array, at: number): number => (bits[at >> 3]! >> (at & 7)) & 1;

/** Part p of the value in each bin. */
export function partOf(values: Uint8Array, bin: number, part: number): number {
  return (values[8 * bin + (part >> 1)]! >> (4 * (part & 1))) & 15;
}

/** Part after part the digit of each bin. */
function digitsOf(values: Uint8Array, count: number, parts: number): Uint8Array {
  return Uint8Array.from({ length: parts * count }, (_, at) => partOf(values, at % count, Math.floor(at / count)));
}

/** Of the first transfers, four for each digit. */
const keysOf = (keys: Uint8Array, digits: number): Uint32Array =>
  keyWords(keys.subarray(0, BLOCK_BYTES * DIGIT_TRANSFERS * digits));

/** The receiver's choice in place of its random ones: four bits a part, two parts a byte. */
export const maskedChoices = (
  values: Uint8Array,
  count: number,
  parts: number,
  { choices }: RandomReceived,
): Uint8Array => maskedDigits(digitsOf(values, count, parts), choices);

/** The sender's sixteen bits of each part, of which the receiver can read one; and the sender's own shares. */
export function equalTables(
  values: Uint8Array,
  count: number,
  parts: number,
  masked: Uint8Array,
  { zero, one }: RandomSent,
  secrets: Secrets,
): { readonly tables: Uint8Array; readonly shares: Uint8Array } {
  const tables = new Uint8Array(2 * parts * count);
  const shares = secrets.bytes(parts * count).map((byte) => byte & 1);
  const pads = tablePads(keysOf(zero, parts * count), keysOf(one, parts * count), masked);
  digitsOf(values, count, parts).forEach((own, at) => {
    const word = pads[at]! ^ (1 << own) ^ (shares[at] === 1 ? 0xffff : 0);
    tables[2 * at] = word;
    tables[2 * at + 1] = word >> 8;
  });
  return { tables, shares };
}

/** The receiver's shares: the bit it can read of each part. */
export function readTables(
  values: Uint8Array,
  count: number,
  parts: number,
  tables: Uint8Array,
  { choices, keys }: RandomReceived,
): Uint8Array {
  const pads = chosenPads(choices, keysOf(keys, parts * count));
  return digitsOf(values, count, parts).map((own, at) => ((tables[2 * at + (own >> 3)]! >> (own & 7)) ^ pads[at]!) & 1);
}

/** One party's shares of a·b = c, bit by bit. */
export interface Triples {
  readonly a: Uint8Array;
  readonly b: Uint8Array;
  readonly c: Uint8Array;
}

/** From the transfers after the first `skip`; of each two, the first gives this party's b or the partner's times a. */
export function receiverTriples({ choices, keys }: RandomReceived, skip: number, count: number): Triples {
  const [a, b, c] = [new Uint8Array(count), new Uint8Array(count), new Uint8Array(count)];
  for (let i = 0; i < count; i++) {
    const at = skip + 2 * i;
    b[i] = bitAt(choices, at);
    a[i] = bitAt(choices, at + 1);
    c[i] = (a[i]! & b[i]!) ^ (keys[BLOCK_BYTES * at]! & 1) ^ (keys[BLOCK_BYTES * (at + 1)]! & 1);
  }
  return { a, b, c };
}

export function senderTriples({ zero, one }: RandomSent, skip: number, count: number): Triples {
  const [a, b, c] = [new Uint8Array(count), new Uint8Array(count), new Uint8Array(count)];
  for (let i = 0; i < count; i++) {
    const at = skip + 2 * i;
    const [first, second] = [zero[BLOCK_BYTES * at]! & 1, zero[BLOCK_BYTES * (at + 1)]! & 1];
    a[i] = first ^ (one[BLOCK_BYTES * at]! & 1);
    b[i] = second ^ (one[BLOCK_BYTES * (at + 1)]! & 1);
    c[i] = (a[i]! & b[i]!) ^ first ^ second;
  }
  return { a, b, c };
}

/** Gives what this party has masked to the partner and gets the partner's. */
export type Crossing = (masked: Uint8Array) => Promise<Uint8Array>;

/** AND over all parts of each bin, share by share. `first`: one of the two parties, and only one, adds the public term. */
export async function joinParts(
  shares: Uint8Array,
  count: number,
  parts: number,
  triples: Triples,
  first: boolean,
  cross: Crossing,
  wrongSize: () => TomboloError,
): Promise<Uint8Array> {
  let left = shares;
  let used = 0;
  for (const pairs of joinsOf(parts)) {
    const n = pairs * count;
    const own = maskedPairs(left, n, triples, used);
    const theirs = await cross(own);
    if (theirs.length !== own.length) throw wrongSize();
    const joined = new Uint8Array(left.length - n);
    for (let i = 0; i < n; i++) {
      const [d, e] = [bitAt(own, i) ^ bitAt(theirs, i), bitAt(own, n + i) ^ bitAt(theirs, n + i)];
      const { a, b, c } = triples;
      joined[i] = c[used + i]! ^ (d & b[used + i]!) ^ (e & a[used + i]!) ^ (first ? d & e : 0);
    }
    joined.set(left.subarray(2 * n), n);
    left = joined;
    used += n;
  }
  return left;
}

/** x + a of each pair's first, then y + b of each pair's second. */
function maskedPairs(left: Uint8Array, n: number, { a, b }: Triples, used: number): Uint8Array {
  const out = new Uint8Array(Math.ceil((2 * n) / 8));
  for (let i = 0; i < n; i++) {
    out[i >> 3]! |= (left[i]! ^ a[used + i]!) << (i & 7);
    out[(n + i) >> 3]! |= (left[n + i]! ^ b[used + i]!) << ((n + i) & 7);
  }
  return out;
}
