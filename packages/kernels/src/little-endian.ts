/** Little-endian integers of fixed width, the number format of the kernels. */
import { bigintToBytes, bytesToBigint } from "@tombolo/base";

/** Copies first, and not with `slice`: a Buffer's shares its memory. */
export const fromLittleEndian = (bytes: Uint8Array): bigint => bytesToBigint(Uint8Array.from(bytes).reverse());

/** Throws a RangeError if `value` is negative or does not fit. */
export const toLittleEndian = (value: bigint, length: number): Uint8Array => bigintToBytes(value, length).reverse();

/** The integers of `width` bytes each. */
export function splitIntegers(bytes: Uint8Array, width: number): bigint[] {
  const out: bigint[] = [];
  for (let at = 0; at < bytes.length; at += width) out.push(fromLittleEndian(bytes.subarray(at, at + width)));
  return out;
}

export function joinIntegers(values: readonly bigint[], width: number): Uint8Array {
  const out = new Uint8Array(values.length * width);
  values.forEach((value, i) => {
    out.set(toLittleEndian(value, width), i * width);
  });
  return out;
}
