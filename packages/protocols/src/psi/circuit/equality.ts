/**
 * Shares of whether two parties have the same value in each bin: of all bins of one run at once.
 *
 * A value is compared in parts of four bits. For each part, one of sixteen bits is chosen by the receiver's part among
 * sixteen of the sender, "is it mine", each XORed with the sender's share: an oblivious transfer of one in sixteen from four random
 * ones of one in two (Naor, Pinkas, STOC 1999, with bits of the random keys as pads). The parts' shares are then joined by
 * AND, pair by pair, with multiplication triples from two random transfers each (Beaver 1991; Asharov, Lindell, Schneider,
 * Zohner, CCS 2013). Both see random bits only. Semi-honest.
 *
 * Transfers of a run of n bins: 4 for each part of each bin, part by part; then 2 for each of the n·(parts - 1) triples.
 */
import type { Secrets, TomboloError } from "@tombolo/base";
import { BLOCK_BYTES } from "@tombolo/crypto";
import type { RandomReceived, RandomSent } from "../../oblivious-transfer/softspoken/index.ts";
import { joinsOf } from "./steps.ts";

/** Bit v of the mask says whether bit i of v is set. */
const HALVES = [0xaaaa, 0xcccc, 0xf0f0, 0xff00] as const;

export const bitAt = (bits: Uint8Array, at: number): number => (bits[at >> 3]! >> (at & 7)) & 1;
const wordAt = (keys: Uint8Array, at: number): number => keys[BLOCK_BYTES * at]! | (keys[BLOCK_BYTES * at + 1]! << 8);

/** Part p of the value in each bin. */
export function partOf(values: Uint8Array, bin: number, part: number): number {
  return (values[8 * bin + (part >> 1)]! >> (4 * (part & 1))) & 15;
}

/** The receiver's choice in place of its random ones: four bits a part, two parts a byte. */
export function maskedChoices(
  values: Uint8Array,
  count: number,
  parts: number,
  { choices }: RandomReceived,
): Uint8Array {
  const out = new Uint8Array(Math.ceil((parts * count) / 2));
  for (let at = 0; at < parts * count; at++) {
    const own = partOf(values, at % count, Math.floor(at / count));
    const chance = (choices[at >> 1]! >> (4 * (at & 1))) & 15; // transfers 4·at to 4·at + 3
    out[at >> 1]! |= (own ^ chance) << (4 * (at & 1));
  }
  return out;
}

/** v -> v ^ by, among the bits of a word. */
function permuted(word: number, by: number): number {
  let out = word;
  if (by & 1) out = ((out & 0xaaaa) >> 1) | ((out & 0x5555) << 1);
  if (by & 2) out = ((out & 0xcccc) >> 2) | ((out & 0x3333) << 2);
  if (by & 4) out = ((out & 0xf0f0) >> 4) | ((out & 0x0f0f) << 4);
  if (by & 8) out = ((out & 0xff00) >> 8) | ((out & 0x00ff) << 8);
  return out;
}

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
  for (let at = 0; at < parts * count; at++) {
    let pads = 0;
    for (let i = 0; i < 4; i++)
      pads ^= (wordAt(zero, 4 * at + i) & ~HALVES[i]!) | (wordAt(one, 4 * at + i) & HALVES[i]!);
    const moved = permuted(pads, (masked[at >> 1]! >> (4 * (at & 1))) & 15);
    const own = 1 << partOf(values, at % count, Math.floor(at / count));
    const word = moved ^ own ^ (shares[at] === 1 ? 0xffff : 0);
    tables[2 * at] = word;
    tables[2 * at + 1] = word >> 8;
  }
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
  return Uint8Array.from({ length: parts * count }, (_, at) => {
    const chance = (choices[at >> 1]! >> (4 * (at & 1))) & 15;
    let pad = 0;
    for (let i = 0; i < 4; i++) pad ^= wordAt(keys, 4 * at + i) >> chance;
    const own = partOf(values, at % count, Math.floor(at / count));
    return ((tables[2 * at + (own >> 3)]! >> (own & 7)) ^ pad) & 1;
  });
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
