/** Functions made of straight pieces, by tables of 32 entries. */
import { requireRange } from "../checks.ts";
import { fromLittleEndian } from "../little-endian.ts";
import type { TransferKernels } from "../transfer-kernels.ts";
import { blockTags } from "./blocks.ts";
import { BLOCK, readBlocks, sumOf, writeBlocks } from "./gf128.ts";

const BITS = 5;
const PIECES = 2 ** BITS;
const ENTRY = 4;

export const pieceChoices: TransferKernels["pieceChoices"] = async (values, step, choices) => {
  check(values, step);
  requireRange(choices.length * 8 === BITS * values.length, "five choices for each element");
  return Uint8Array.from({ length: values.length }, (_, i) => {
    let out = interval(values[i]!, step);
    for (let bit = 0; bit < BITS; bit++) {
      const at = BITS * i + bit;
      out ^= ((choices[at >> 3]! >> (at & 7)) & 1) << bit;
    }
    return out;
  });
};

export const pieceTables: TransferKernels["pieceTables"] = async (values, pieces, keys, masked, shares, salt) => {
  check(values, pieces.step);
  const { slopes, intercepts, step } = pieces;
  requireRange(slopes.length === PIECES && intercepts.length === PIECES, "32 pieces");
  requireRange(keys.length === 2 * BLOCK * BITS * values.length, "five pairs of keys for each element");
  requireRange(masked.length === values.length && shares.length === ENTRY * values.length, "a choice and a share each");
  const blocks = readBlocks(keys);
  const keyOf = (i: number, choice: number): bigint =>
    sumOf(Array.from({ length: BITS }, (_, bit) => blocks[(((choice >> bit) & 1) * values.length + i) * BITS + bit]!));
  const out = new Uint32Array(PIECES * values.length);
  for (const [i, value] of values.entries()) {
    const choices = Array.from({ length: PIECES }, (_, theirs) => keyOf(i, theirs ^ (masked[i]! % PIECES)));
    const pads = await blockTags(salt, writeBlocks(choices), ENTRY);
    const share = Number(fromLittleEndian(shares.subarray(ENTRY * i, ENTRY * i + ENTRY)));
    for (let theirs = 0; theirs < PIECES; theirs++) {
      const piece = (interval(value, step) + theirs) % PIECES;
      const result = Math.imul(slopes[piece]!, Number(value & 0xffffffffn)) + intercepts[piece]! - share;
      const pad = Number(fromLittleEndian(pads.subarray(ENTRY * theirs, ENTRY * theirs + ENTRY)));
      out[PIECES * i + theirs] = result ^ pad;
    }
  }
  return new Uint8Array(out.buffer);
};

export const pieceEntries: TransferKernels["pieceEntries"] = async (values, step, keys, tables, salt) => {
  check(values, step);
  requireRange(keys.length === BLOCK * BITS * values.length, "five keys for each element");
  requireRange(tables.length === ENTRY * PIECES * values.length, "a table for each element");
  const blocks = readBlocks(keys);
  const chosen = Array.from(values, (_, i) => sumOf(blocks.slice(BITS * i, BITS * (i + 1))));
  const pads = await blockTags(salt, writeBlocks(chosen), ENTRY);
  return pads.map((byte, at) => {
    const i = Math.floor(at / ENTRY);
    return byte ^ tables[ENTRY * (PIECES * i + interval(values[i]!, step)) + (at % ENTRY)]!;
  });
};

const interval = (value: bigint, step: number): number => Number((value >> BigInt(step)) & BigInt(PIECES - 1));

function check(values: BigUint64Array, step: number): void {
  requireRange(values.length % 8 === 0 && step < 64, "elements in multiples of eight, and a step within a word");
}
