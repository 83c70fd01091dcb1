/**
 * An oblivious key-value store: a table that gives each key its value and any other key a random-looking one, and does
 * not show which keys are in it.
 *
 * Paper: RB-OKVS, Bienstock, Patel, Seo, Yeo, "Near-Optimal Oblivious Key-Value Stores for Efficient PSI, PSU and
 * Volume-Hiding Multi-Maps", USENIX Security 2023. A key is a random band of BAND bits at a random place of the table;
 * its value is the XOR of the slots at the band's ones. Filling solves that system by elimination in order of place.
 * Slots the system leaves free are random, without which the table would tell where no key is.
 *
 * Failure (the bands are linearly dependent) is 2^-40 at most; README.md has the measured figures.
 *
 * A key here is the 32-byte digest of a point: place (4 bytes), band (16 bytes), and a mask for the value (12 bytes).
 */
import type { Secrets } from "@tombolo/base";
import { radixSort } from "./sorting.ts";

/** Words of 32 bits. */
export const KEY_WORDS = 8;
export const VALUE_WORDS = 3;
const BAND_WORDS = 4;
const BAND = 32 * BAND_WORDS;
const EXPANSION = 1.25;

export const slotCount = (keyCount: number): number => Math.ceil(EXPANSION * keyCount) + BAND;

const placeOf = (word: number, slots: number): number => Math.floor((word / 2 ** 32) * (slots - BAND + 1));

interface System {
  /** The row whose leading one is at slot s is at s; bit 0 of its first word says whether there is one. */
  readonly bands: Uint32Array;
  readonly values: Uint32Array;
}

/** `values` holds VALUE_WORDS for each key. undefined when the bands are dependent. */
export function fillTable(keys: Uint32Array, values: Uint32Array, secrets: Secrets): Uint32Array | undefined {
  const count = keys.length / KEY_WORDS;
  const slots = slotCount(count);
  const system = { bands: new Uint32Array(slots * BAND_WORDS), values: new Uint32Array(slots * VALUE_WORDS) };
  const places = new Uint32Array(count);
  for (let i = 0; i < count; i++) places[i] = keys[i * KEY_WORDS]!;
  // In ascending order a row meets only rows near it; in any other it would wander through the table.
  for (const i of radixSort(places))
    if (!insertRow(system, keys, values, i, placeOf(places[i]!, slots))) return undefined;
  return solve(system, slots, secrets);
}

/** VALUE_WORDS for each key. */
export function readTable(table: Uint32Array, keys: Uint32Array): Uint32Array {
  const slots = table.length / VALUE_WORDS;
  const out = new Uint32Array((keys.length / KEY_WORDS) * VALUE_WORDS);
  const sum = new Uint32Array(VALUE_WORDS);
  for (let i = 0; i < keys.length / KEY_WORDS; i++) {
    const key = i * KEY_WORDS;
    sum.fill(0);
    addSlots(sum, table, placeOf(keys[key]!, slots), keys, key + 1);
    for (let w = 0; w < VALUE_WORDS; w++) out[i * VALUE_WORDS + w] = sum[w]! ^ keys[key + 1 + BAND_WORDS + w]!;
  }
  return out;
}

/** Adds to `sum` the slots, from `place` on, where the band at `bands[at..]` has a one. */
function addSlots(sum: Uint32Array, table: Uint32Array, place: number, bands: Uint32Array, at: number): void {
  let [a, b, c] = [sum[0]!, sum[1]!, sum[2]!];
  for (let w = 0; w < BAND_WORDS; w++) {
    for (let ones = bands[at + w]!; ones !== 0; ones &= ones - 1) {
      const slot = (place + 32 * w + trailingZeros(ones)) * VALUE_WORDS;
      a ^= table[slot]!;
      b ^= table[slot + 1]!;
      c ^= table[slot + 2]!;
    }
  }
  sum[0] = a;
  sum[1] = b;
  sum[2] = c;
}

/** Reduces the row until its leading one stands where no other row's does. */
function insertRow(
  { bands, values }: System,
  keys: Uint32Array,
  shares: Uint32Array,
  row: number,
  place: number,
): boolean {
  const key = row * KEY_WORDS;
  let [b0, b1, b2, b3] = [keys[key + 1]!, keys[key + 2]!, keys[key + 3]!, keys[key + 4]!];
  let v0 = shares[row * VALUE_WORDS]! ^ keys[key + 5]!;
  let v1 = shares[row * VALUE_WORDS + 1]! ^ keys[key + 6]!;
  let v2 = shares[row * VALUE_WORDS + 2]! ^ keys[key + 7]!;
  for (let slot = place; (b0 | b1 | b2 | b3) !== 0; ) {
    while (b0 === 0) {
      [b0, b1, b2, b3] = [b1, b2, b3, 0];
      slot += 32;
    }
    const shift = trailingZeros(b0);
    if (shift > 0) {
      b0 = (b0 >>> shift) | (b1 << (32 - shift));
      b1 = (b1 >>> shift) | (b2 << (32 - shift));
      b2 = (b2 >>> shift) | (b3 << (32 - shift));
      b3 >>>= shift;
      slot += shift;
    }
    const [band, value] = [slot * BAND_WORDS, slot * VALUE_WORDS];
    if ((bands[band]! & 1) === 0) {
      bands[band] = b0;
      bands[band + 1] = b1;
      bands[band + 2] = b2;
      bands[band + 3] = b3;
      values[value] = v0;
      values[value + 1] = v1;
      values[value + 2] = v2;
      return true;
    }
    b0 ^= bands[band]!;
    b1 ^= bands[band + 1]!;
    b2 ^= bands[band + 2]!;
    b3 ^= bands[band + 3]!;
    v0 ^= values[value]!;
    v1 ^= values[value + 1]!;
    v2 ^= values[value + 2]!;
  }
  return false;
}

/** Back substitution from the last slot; a slot without a row keeps its random value. */
function solve({ bands, values }: System, slots: number, secrets: Secrets): Uint32Array {
  const table = new Uint32Array(secrets.bytes(slots * VALUE_WORDS * 4).slice().buffer);
  const sum = new Uint32Array(VALUE_WORDS);
  for (let slot = slots - 1; slot >= 0; slot--) {
    const at = slot * VALUE_WORDS;
    if ((bands[slot * BAND_WORDS]! & 1) === 0) continue;
    sum.set(values.subarray(at, at + VALUE_WORDS));
    table.fill(0, at, at + VALUE_WORDS); // the row's own one, which addSlots meets too
    addSlots(sum, table, slot, bands, slot * BAND_WORDS);
    table.set(sum, at);
  }
  return table;
}

const trailingZeros = (word: number): number => 31 - Math.clz32(word & -word);
