/** GF(2^128) on integers, and AES-128 on single blocks: little-endian, as `VoleKernels` says. */
import { ecb } from "@noble/ciphers/aes.js";
import { elementCount, requireRange } from "../checks.ts";
import { fromLittleEndian, joinIntegers, toLittleEndian } from "../little-endian.ts";

export const BLOCK = 16;
const REDUCTION = (1n << 128n) | 0x87n;

export function multiply(a: bigint, b: bigint): bigint {
  let [sum, shifted] = [0n, a];
  for (let rest = b; rest > 0n; rest >>= 1n) {
    if (rest & 1n) sum ^= shifted;
    shifted <<= 1n;
    if (shifted >> 128n) shifted ^= REDUCTION;
  }
  return sum;
}

export const readBlocks = (bytes: Uint8Array): bigint[] =>
  Array.from({ length: elementCount(bytes, BLOCK) }, (_, i) =>
    fromLittleEndian(bytes.subarray(BLOCK * i, BLOCK * i + BLOCK)),
  );

export const writeBlocks = (blocks: readonly bigint[]): Uint8Array => joinIntegers(blocks, BLOCK);

export const sumOf = (blocks: readonly bigint[]): bigint => blocks.reduce((sum, block) => sum ^ block, 0n);

export function encrypt(key: Uint8Array, blocks: readonly bigint[]): bigint[] {
  requireRange(key.length === BLOCK, "a key or scalar has 16 bytes");
  return blocks.length === 0 ? [] : readBlocks(ecb(key, { disablePadding: true }).encrypt(writeBlocks(blocks)));
}

/** AES_key(first), AES_key(first + 1).. */
export const counter = (key: Uint8Array, first: number, count: number): bigint[] =>
  encrypt(
    key,
    Array.from({ length: count }, (_, i) => BigInt(first) + BigInt(i)),
  );

/** K_d of a salt. */
export const purposeKey = (salt: Uint8Array, purpose: number): Uint8Array =>
  toLittleEndian(counter(salt, purpose, 1)[0]!, BLOCK);
