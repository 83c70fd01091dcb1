/**
 * Random oblivious transfers of one in sixteen: VOLE over GF(16) of sixty trees, made consistent with a binary code.
 *
 * Kolesnikov, Kumaresan, CRYPTO 2013, on Roy, "SoftSpokenOT", CRYPTO 2022. Tree 15·copy + p - 1, p = 1 to 15, of four copies has the
 * symbol <x, p> of a choice x: the simplex code [15, 4, 8], four times. Of a copy's symbols those of p = 1 to 8 are kept, with the others added
 * times 1 / (kept - other), kept and other counted from 0: any eight columns of this matrix over GF(16) are independent.
 */
import { elementCount, requireRange } from "../checks.ts";
import type { Sixteen, TransferKernels } from "../transfer-kernels.ts";
import { blockTags } from "./blocks.ts";
import { smallVole, smallVolePunctured, transposeBits } from "./correlated.ts";
import { BLOCK } from "./gf128.ts";

const BITS = 4;
const ENTRIES = 16;
const COPIES = 4;
const POINTS = 15;
const KEPT = 8;
const TREES = COPIES * POINTS;

/** Trees whose sums are the choices' bits: points of one bit of the first copy. */
const bitOfTree = (tree: number): number => [1, 2, 4, 8].indexOf(tree + 1);
const pointOf = (tree: number): number => (tree % POINTS) + 1;
/** The others, which are corrected. */
const CORRECTED = Array.from({ length: TREES }, (_, tree) => tree).filter((tree) => bitOfTree(tree) < 0);

export const sixteenReceived: TransferKernels["sixteenReceived"] = async (of) => {
  const { leaves, first, count, salt, planes, rowBytes } = checked(of);
  const { sums, rows } = await smallVole(leaves, BITS, first, rowBytes);
  const sumOf = (tree: number): Uint8Array => rowAt(sums, tree, rowBytes);
  const bits = [1, 2, 4, 8].map((point) => sumOf(point - 1));
  const corrections = CORRECTED.map((tree) =>
    added([sumOf(tree), ...bits.filter((_, bit) => (pointOf(tree) >> bit) & 1)]),
  );
  const choices = new Uint8Array(count / 2);
  for (let at = 0; at < count; at++)
    bits.forEach((row, bit) => {
      choices[at >> 1]! |= ((row[at >> 3]! >> (at & 7)) & 1) << (BITS * (at & 1) + bit);
    });
  const hashes = await blockTags(salt, await blocksOf(rows, rowBytes, count), BLOCK);
  const kept = Uint8Array.from({ length: count }, (_, at) => hashes[BLOCK * at]! & (2 ** planes - 1));
  return { corrections: joined(corrections), choices, kept };
};

export const sixteenSent: TransferKernels["sixteenSent"] = async (of, positions, corrections) => {
  const { leaves, first, count, salt, planes, rowBytes } = checked(of);
  requireRange(positions.length === TREES, "one position per tree");
  requireRange(corrections.length === CORRECTED.length * rowBytes, "a correction for each tree but four");
  const all = new Uint8Array(TREES * rowBytes);
  CORRECTED.forEach((tree, at) => {
    all.set(rowAt(corrections, at, rowBytes), tree * rowBytes);
  });
  const blocks = await blocksOf(await smallVolePunctured(leaves, BITS, positions, all, first), rowBytes, count);
  const out = new Uint8Array(2 * planes * count);
  for (let choice = 0; choice < ENTRIES; choice++) {
    const offset = offsetOf(choice, positions);
    const hashes = await blockTags(
      salt,
      blocks.map((byte, at) => byte ^ offset[at % BLOCK]!),
      BLOCK,
    );
    for (let at = 0; at < count; at++)
      for (let plane = 0; plane < planes; plane++)
        out[2 * (planes * at + plane) + (choice >> 3)]! |= ((hashes[BLOCK * at]! >> plane) & 1) << (choice & 7);
  }
  return out;
};

function checked(of: Sixteen): Sixteen & { readonly rowBytes: number } {
  const { leaves, count, planes } = of;
  requireRange(elementCount(leaves, BLOCK * ENTRIES) === TREES, "sixty trees");
  requireRange(Number.isInteger(count) && count > 0 && count % 8 === 0, "transfers in multiples of eight");
  requireRange(Number.isInteger(planes) && planes >= 1 && planes <= 8, "one to eight planes");
  return { ...of, rowBytes: BLOCK * Math.ceil(count / 128) };
}

/** x·y modulo x^4 + x + 1. */
function times(x: number, y: number): number {
  let out = 0;
  for (let bit = BITS - 1; bit >= 0; bit--) out = (out << 1) ^ ((out >> 3) * 0b10011) ^ (((y >> bit) & 1) * x);
  return out;
}

function factor(kept: number, other: number): number {
  for (let inverse = 1; ; inverse++) if (times(inverse, kept ^ other) === 1) return inverse;
}

/** Rows of four bits of each symbol of a copy to those of eight. */
function compressed(symbols: readonly (readonly Uint8Array[])[]): Uint8Array[] {
  return Array.from({ length: KEPT }, (_, kept) => {
    const all = symbols.flatMap((symbol, at) => {
      if (at < KEPT) return at === kept ? [symbol] : [];
      return [timesRows(symbol, factor(kept, at))];
    });
    return Array.from({ length: BITS }, (_, bit) => added(all.map((symbol) => symbol[bit]!)));
  }).flat();
}

const timesRows = (symbol: readonly Uint8Array[], by: number): Uint8Array[] =>
  Array.from({ length: BITS }, (_, bit) =>
    added([symbol[0]!.map(() => 0), ...symbol.filter((_, from) => (times(by, 1 << from) >> bit) & 1)]),
  );

/** A block for each column of the sixty symbols. */
async function blocksOf(rows: Uint8Array, rowBytes: number, count: number): Promise<Uint8Array> {
  const symbols = Array.from({ length: TREES }, (_, tree) =>
    Array.from({ length: BITS }, (_, bit) => rowAt(rows, BITS * tree + bit, rowBytes)),
  );
  const kept = Array.from({ length: COPIES }, (_, copy) =>
    compressed(symbols.slice(POINTS * copy, POINTS * (copy + 1))),
  );
  return (await transposeBits(joined(kept.flat()))).subarray(0, BLOCK * count);
}

/** What a choice's word leaves of delta in a block. */
function offsetOf(choice: number, positions: Uint32Array): Uint8Array {
  const out = new Uint8Array(BLOCK);
  for (let place = 0; place < COPIES * KEPT; place++) {
    const [copy, kept] = [Math.floor(place / KEPT), place % KEPT];
    let sum = 0;
    for (let at = 0; at < POINTS; at++) {
      const within = [1, 2, 4, 8].filter((bit) => choice & bit & (at + 1)).length & 1;
      const weight = at < KEPT ? Number(at === kept) : factor(kept, at);
      sum ^= times(weight, within * positions[POINTS * copy + at]!);
    }
    out[place >> 1]! |= sum << (BITS * (place & 1));
  }
  return out;
}

const rowAt = (rows: Uint8Array, at: number, rowBytes: number): Uint8Array =>
  rows.subarray(at * rowBytes, (at + 1) * rowBytes);

const added = (rows: readonly Uint8Array[]): Uint8Array =>
  rows.reduce((sum, row) => sum.map((byte, at) => byte ^ row[at]!));

function joined(rows: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(rows.reduce((sum, row) => sum + row.length, 0));
  let at = 0;
  for (const row of rows) {
    out.set(row, at);
    at += row.length;
  }
  return out;
}
