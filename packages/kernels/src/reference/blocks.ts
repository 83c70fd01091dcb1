/** Fixed-key AES on @noble/ciphers, GF(2^128) on bigints, digests of pairs on @noble/hashes. */
import { ecb } from "@noble/ciphers/aes.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { BLOCK_BYTES, checkBlock, elementCount, requireRange } from "../checks.ts";
import type { Kernels } from "../kernels.ts";
import { fromLittleEndian, joinIntegers, splitIntegers, toLittleEndian } from "../little-endian.ts";
import { sha256Prefixed } from "./hashing.ts";

const MASK = (1n << 128n) - 1n;
/** x^128 = x^7 + x^2 + x + 1 */
const POLYNOMIAL = 0x87n;

export function multiply(a: bigint, b: bigint): bigint {
  let [out, shifted] = [0n, a];
  for (let rest = b; rest !== 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) out ^= shifted;
    shifted <<= 1n;
    if (shifted > MASK) shifted = (shifted & MASK) ^ POLYNOMIAL;
  }
  return out;
}

/** x^(2^128 - 2) */
export function invert(x: bigint): bigint {
  let [power, out] = [x, 1n];
  for (let i = 0; i < 127; i++) {
    power = multiply(power, power);
    out = multiply(out, power);
  }
  return out;
}

const elements = (bytes: Uint8Array): bigint[] => splitIntegers(bytes, BLOCK_BYTES);

function pairs(a: Uint8Array, b: Uint8Array): [bigint, bigint][] {
  requireRange(a.length === b.length, "as many factors on both sides");
  elementCount(a, BLOCK_BYTES);
  const right = elements(b);
  return elements(a).map((x, i) => [x, right[i]!]);
}

export const gf128Multiply: Kernels["gf128Multiply"] = async (a, b) =>
  joinIntegers(
    pairs(a, b).map(([x, y]) => multiply(x, y)),
    BLOCK_BYTES,
  );

export const gf128MultiplyAdd: Kernels["gf128MultiplyAdd"] = async (sums, factors, scalar) => {
  checkBlock(scalar);
  const s = fromLittleEndian(scalar);
  sums.set(
    joinIntegers(
      pairs(sums, factors).map(([y, x]) => y ^ multiply(x, s)),
      BLOCK_BYTES,
    ),
  );
};

export const gf128InnerProduct: Kernels["gf128InnerProduct"] = async (a, b) =>
  toLittleEndian(
    pairs(a, b).reduce((sum, [x, y]) => sum ^ multiply(x, y), 0n),
    BLOCK_BYTES,
  );

const encrypt = (key: Uint8Array, blocks: Uint8Array): Uint8Array =>
  blocks.length === 0 ? blocks : ecb(key, { disablePadding: true }).encrypt(blocks);

/** AES_key(x) ^ x of each block. */
export function hashBlocks(key: Uint8Array, blocks: Uint8Array): Uint8Array {
  return encrypt(key, blocks).map((byte, i) => byte ^ blocks[i]!);
}

export const blockTags: Kernels["blockTags"] = async (key, blocks, width) => {
  checkBlock(key);
  const count = elementCount(blocks, BLOCK_BYTES);
  requireRange(Number.isInteger(width) && width > 0 && width <= BLOCK_BYTES, "a tag of a block has 1 to 16 bytes");
  return truncated(hashBlocks(key, blocks), BLOCK_BYTES, count, width);
};

export const blockStream: Kernels["blockStream"] = async (seed, length) => {
  checkBlock(seed);
  requireRange(Number.isSafeInteger(length) && length >= 0, "a length is a whole number");
  const counters = new Uint8Array(Math.ceil(length / BLOCK_BYTES) * BLOCK_BYTES);
  const view = new DataView(counters.buffer);
  for (let i = 0; i < counters.length / BLOCK_BYTES; i++) view.setUint32(i * BLOCK_BYTES, i, true);
  return encrypt(seed, counters).slice(0, length);
};

export const idDigests: Kernels["idDigests"] = async (prefix, messages, offsets) =>
  truncated(await sha256Prefixed(prefix, messages, offsets), 32, offsets.length - 1, 16);

export const pairTags: Kernels["pairTags"] = async (prefix, left, right, width) => {
  const count = elementCount(left, BLOCK_BYTES);
  requireRange(left.length === right.length, "as many blocks on both sides");
  requireRange(Number.isInteger(width) && width > 0 && width <= 32, "a tag of a pair has 1 to 32 bytes");
  const start = sha256.create().update(prefix);
  const out = new Uint8Array(count * width);
  for (let i = 0; i < count; i++) {
    const block = (side: Uint8Array): Uint8Array => side.subarray(i * BLOCK_BYTES, (i + 1) * BLOCK_BYTES);
    out.set(start.clone().update(block(left)).update(block(right)).digest().subarray(0, width), i * width);
  }
  return out;
};

function truncated(values: Uint8Array, from: number, count: number, width: number): Uint8Array {
  const out = new Uint8Array(count * width);
  for (let i = 0; i < count; i++) out.set(values.subarray(i * from, i * from + width), i * width);
  return out;
}
