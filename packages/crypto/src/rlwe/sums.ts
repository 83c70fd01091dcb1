/**
 * The rings of linear answers: ciphertexts are modulo two primes, what is released of them modulo the first.
 * 4,096 coefficients and 100 bits, where the standard's table allows 109.
 */
import { kernels, type OutputSets, type Ring, type SumColumns } from "@tombolo/kernels";
import { requireSecure } from "./parameters.ts";

export type { OutputSets, Ring, SumColumns };

export interface SumRings {
  /** Coefficients: rows of a block. */
  readonly size: number;
  readonly primes: readonly [bigint, bigint];
  readonly wide: Ring;
  readonly narrow: Ring;
  /** Of a packed polynomial. */
  readonly wideBytes: number;
  readonly narrowBytes: number;
}

const SIZE = 4096;
const PRIMES = [1125899906826241n, 1125899906629633n] as const;
const PRIME_BITS = 50;

let made: SumRings | undefined;

/** Tables are made when first used. */
export function sumRings(): SumRings {
  if (made !== undefined) return made;
  requireSecure({ size: SIZE, primes: PRIMES, special: 1n });
  const narrowBytes = (SIZE * PRIME_BITS) / 8;
  made = {
    size: SIZE,
    primes: PRIMES,
    wide: kernels.ring(SIZE, BigUint64Array.from(PRIMES)),
    narrow: kernels.ring(SIZE, BigUint64Array.of(PRIMES[0])),
    wideBytes: 2 * narrowBytes,
    narrowBytes,
  };
  return made;
}
