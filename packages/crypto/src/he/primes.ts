/**
 * Secret primes. All are 3 mod 4, so that one round of Miller-Rabin is: base^((p-1)/2) is 1 or -1.
 *
 * Rounds: a composite passes a round with a random base with probability at most 1/4 (Rabin 1980), whatever the
 * distribution of candidates; 64 rounds leave 2^-128. The average-case bounds of FIPS 186-5 table B.1 would allow
 * fewer, but they are stated for uniform candidates and ours carry a prescribed factor t.
 */
import { equalBytes, type Secrets } from "@tombolo/base";
import { joinIntegers, kernels, toLittleEndian } from "@tombolo/kernels";
import { bitLength, randomBelow } from "./integers.ts";

const ROUNDS = 64;
const SMALL_PRIMES = smallPrimes(2048);

/** A prime of exactly `bits` bits with the top two set. */
export async function randomPrime(bits: number, secrets: Secrets): Promise<bigint> {
  const [low, span] = [3n << BigInt(bits - 2), 1n << BigInt(bits - 2)];
  for (;;) {
    const candidate = (low + randomBelow(span, secrets)) | 3n;
    if (await isProbablePrime(candidate, secrets)) return candidate;
  }
}

/** A prime p of exactly `bits` bits with the top two set and t | p - 1: p = 2·t·u + 1 with u odd. */
export async function randomPrimeWithFactor(bits: number, t: bigint, secrets: Secrets): Promise<bigint> {
  const [low, span] = [3n << BigInt(bits - 2), 1n << BigInt(bits - 2)];
  for (;;) {
    const u = ((low + randomBelow(span, secrets)) / (2n * t)) | 1n;
    const candidate = 2n * t * u + 1n;
    if (candidate >= low && bitLength(candidate) === bits && (await isProbablePrime(candidate, secrets)))
      return candidate;
  }
}

/** For odd candidates that are 3 mod 4. */
async function isProbablePrime(candidate: bigint, secrets: Secrets): Promise<boolean> {
  if (hasSmallFactor(candidate)) return false;
  return (await passesRounds(candidate, 1, secrets)) && (await passesRounds(candidate, ROUNDS - 1, secrets));
}

export const hasSmallFactor = (value: bigint): boolean =>
  SMALL_PRIMES.some((prime) => value % prime === 0n && value !== prime);

async function passesRounds(candidate: bigint, rounds: number, secrets: Secrets): Promise<boolean> {
  const modulus = kernels.modulus(toLittleEndian(candidate, Math.ceil(bitLength(candidate) / 8)));
  const bases = Array.from({ length: rounds }, () => 2n + randomBelow(candidate - 3n, secrets));
  const exponent = toLittleEndian((candidate - 1n) / 2n, modulus.bytes);
  const powers = await modulus.power(await modulus.enter(joinIntegers(bases, modulus.bytes)), exponent);
  const plain = await modulus.leave(powers);
  const [one, minusOne] = [toLittleEndian(1n, modulus.bytes), toLittleEndian(candidate - 1n, modulus.bytes)];
  return bases.every((_, i) => {
    const value = plain.subarray(i * modulus.bytes, (i + 1) * modulus.bytes);
    return equalBytes(value, one) || equalBytes(value, minusOne);
  });
}

function smallPrimes(limit: number): bigint[] {
  const primes: bigint[] = [];
  for (let n = 3; n < limit; n += 2) if (!primes.some((prime) => n % Number(prime) === 0)) primes.push(BigInt(n));
  return primes;
}
