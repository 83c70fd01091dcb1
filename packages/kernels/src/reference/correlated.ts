/** VOLE over small fields, transposition and hashes of oblivious transfer extension. */
import { elementCount, requireRange } from "../checks.ts";
import { toLittleEndian } from "../little-endian.ts";
import type { VoleKernels } from "../vole-kernels.ts";
import { BLOCK, counter, encrypt, multiply, readBlocks, sumOf, writeBlocks } from "./gf128.ts";

const ROWS = 128;

export const smallVole: VoleKernels["smallVole"] = async (leaves, bits, first, rowBytes) => {
  const streams = treesOf(leaves, bits, first, rowBytes);
  const rows = streams.flatMap((tree) => selected(tree, bits, 0));
  return { sums: writeBlocks(streams.flatMap(addAll)), rows: writeBlocks(rows.flat()) };
};

export const smallVolePunctured: VoleKernels["smallVolePunctured"] = async (
  leaves,
  bits,
  positions,
  corrections,
  first,
) => {
  requireRange(positions.length > 0 && corrections.length % positions.length === 0, "a correction per tree");
  const rowBytes = corrections.length / positions.length;
  const streams = treesOf(leaves, bits, first, rowBytes);
  requireRange(streams.length === positions.length, "one position per tree");
  requireRange(
    positions.every((position) => position < 2 ** bits),
    "a position within the tree",
  );
  const rows = streams.flatMap((tree, i) => {
    const correction = readBlocks(corrections.subarray(i * rowBytes, (i + 1) * rowBytes));
    return selected(tree, bits, positions[i]!).map((row, bit) =>
      (positions[i]! >> bit) & 1 ? addAll([row, correction]) : row,
    );
  });
  return writeBlocks(rows.flat());
};

export const transposeBits: VoleKernels["transposeBits"] = async (rows) => {
  const rowBytes = elementCount(rows, ROWS);
  requireRange(rowBytes % BLOCK === 0, "rows of whole blocks");
  const out = new Uint8Array(rows.length);
  for (let p = 0; p < ROWS; p++)
    for (let j = 0; j < rowBytes * 8; j++) {
      const bit = (rows[p * rowBytes + (j >> 3)]! >> (j & 7)) & 1;
      out[j * BLOCK + (p >> 3)]! |= bit << (p & 7);
    }
  return out;
};

export const hashRows: VoleKernels["hashRows"] = async (rows, rowBytes, seed) => {
  requireRange(rowBytes > 0 && rowBytes % BLOCK === 0, "rows of whole blocks");
  const weights = [...counter(seed, 0, rowBytes / BLOCK - 1), 1n];
  return writeBlocks(
    Array.from({ length: elementCount(rows, rowBytes) }, (_, i) => {
      const row = readBlocks(rows.subarray(i * rowBytes, (i + 1) * rowBytes));
      return sumOf(row.map((block, j) => multiply(block, weights[j]!)));
    }),
  );
};

export const correlationHash: VoleKernels["correlationHash"] = async (blocks, offset, salt, first) => {
  requireRange(offset.length === BLOCK, "a key or scalar has 16 bytes");
  const [added] = readBlocks(offset);
  const once = encrypt(
    salt,
    readBlocks(blocks).map((block) => block ^ added!),
  );
  const tweaked = once.map((value, j) => value ^ (BigInt(first) + BigInt(j)));
  return writeBlocks(encrypt(salt, tweaked).map((value, j) => value ^ once[j]!));
};

export const gf128Compose: VoleKernels["gf128Compose"] = async (blocks) => {
  const count = elementCount(blocks, ROWS * BLOCK);
  const all = readBlocks(blocks);
  return writeBlocks(
    Array.from({ length: count }, (_, i) =>
      sumOf(all.slice(i * ROWS, (i + 1) * ROWS).map((x, b) => multiply(x, 1n << BigInt(b)))),
    ),
  );
};

/** Per tree the streams of its leaves. */
function treesOf(leaves: Uint8Array, bits: number, first: number, rowBytes: number): bigint[][][] {
  requireRange(Number.isInteger(bits) && bits >= 1 && bits <= 8, "fields of 2 to 256 elements");
  requireRange(rowBytes > 0 && rowBytes % BLOCK === 0, "rows of whole blocks");
  const streams = readBlocks(leaves).map((leaf) => counter(toLittleEndian(leaf, BLOCK), first, rowBytes / BLOCK));
  return Array.from({ length: elementCount(leaves, BLOCK * 2 ** bits) }, (_, i) =>
    streams.slice(i * 2 ** bits, (i + 1) * 2 ** bits),
  );
}

/** Per bit the sum of the streams whose index ^ offset has it. */
const selected = (streams: readonly bigint[][], bits: number, offset: number): bigint[][] =>
  Array.from({ length: bits }, (_, bit) => {
    const chosen = streams.filter((_, index) => ((index ^ offset) >> bit) & 1);
    return addAll(chosen);
  });

const addAll = (rows: readonly bigint[][]): bigint[] =>
  rows.reduce((sum, row) => sum.map((block, j) => block ^ row[j]!));
