/** Plain integers for the suite: what shares must add up to. */
import { seededSampling } from "@tombolo/base";
import type { MatrixShape } from "../backend.ts";

export const wrapped = (value: bigint): bigint => BigInt.asIntN(64, value);

export const words = (values: readonly bigint[]): BigUint64Array =>
  BigUint64Array.from(values, (value) => BigInt.asUintN(64, value));

export const integers = (values: BigUint64Array): bigint[] => Array.from(values, wrapped);

export const bits = (packed: Uint8Array, count: number): bigint[] =>
  Array.from({ length: count }, (_, i) => BigInt((packed[i >> 3]! >> (i & 7)) & 1));

export const pairSums = (values: readonly bigint[]): bigint[] =>
  Array.from({ length: values.length / 2 }, (_, i) => wrapped(values[2 * i]! + values[2 * i + 1]!));

/** Signed, of 1 to 62 bits. */
export function randomIntegers(seed: number, count: number): bigint[] {
  const sampling = seededSampling(seed);
  return Array.from({ length: count }, () => {
    const value = (BigInt(sampling.below(2 ** 30)) << 32n) | BigInt(sampling.below(2 ** 32));
    const size = value >> BigInt(sampling.below(62));
    return sampling.below(2) === 0 ? size : -size;
  });
}

export function matrixProduct(
  x: readonly bigint[],
  y: readonly bigint[],
  { rows, inner, columns }: MatrixShape,
): bigint[] {
  return Array.from({ length: rows * columns }, (_, at) => {
    const [row, column] = [Math.floor(at / columns), at % columns];
    let sum = 0n;
    for (let k = 0; k < inner; k++) sum += x[row * inner + k]! * y[k * columns + column]!;
    return wrapped(sum);
  });
}
