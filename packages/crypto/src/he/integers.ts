/** Big integers used once per key, where bigints are fast enough. Not constant-time: key generation runs in private. */
import { bytesToBigint, type Secrets } from "@tombolo/base";
import { fromLittleEndian, kernels, toLittleEndian } from "@tombolo/kernels";

export const bitLength = (value: bigint): number => (value === 0n ? 0 : value.toString(2).length);

export function gcd(a: bigint, b: bigint): bigint {
  while (b > 0n) [a, b] = [b, a % b];
  return a;
}

/** Throws a RangeError if there is none. */
export function inverse(value: bigint, n: bigint): bigint {
  let [a, b, x, y] = [value % n, n, 1n, 0n];
  while (a > 0n) {
    const quotient = b / a;
    [a, b] = [b - quotient * a, a];
    [x, y] = [y - quotient * x, x];
  }
  if (b !== 1n) throw new RangeError("no inverse");
  return ((y % n) + n) % n;
}

/** The value that is a mod m and b mod n, for coprime m and n. */
export function crt(a: bigint, m: bigint, b: bigint, n: bigint): bigint {
  const lift = ((((a - b) % m) + m) * inverse(n, m)) % m;
  return (((b + n * lift) % (m * n)) + m * n) % (m * n);
}

/** Through the kernel, whose power does not depend on the exponent's value. */
export async function power(base: bigint, exponent: bigint, n: bigint): Promise<bigint> {
  const modulus = kernels.modulus(toLittleEndian(n, Math.ceil(bitLength(n) / 8)));
  const exponentBytes = toLittleEndian(exponent, Math.max(1, Math.ceil(bitLength(exponent) / 8)));
  const result = await modulus.power(await modulus.enter(toLittleEndian(base % n, modulus.bytes)), exponentBytes);
  return fromLittleEndian(await modulus.leave(result));
}

/** Uniform below `bound` up to a statistical distance of 2^-128. */
export function randomBelow(bound: bigint, secrets: Secrets): bigint {
  return bytesToBigint(secrets.bytes(Math.ceil(bitLength(bound) / 8) + 16)) % bound;
}

/** `count` integers, each uniform below `bound`, by rejection; `bound` fills its bytes to at least half. */
export function uniformBelow(bound: Uint8Array, count: number, secrets: Secrets): Uint8Array {
  const width = bound.length;
  const out = new Uint8Array(count * width);
  let filled = 0;
  while (filled < count) {
    const candidates = secrets.bytes((count - filled) * width);
    for (let at = 0; at < candidates.length; at += width) {
      const candidate = candidates.subarray(at, at + width);
      if (isBelow(candidate, bound)) out.set(candidate, width * filled++);
    }
  }
  return out;
}

function isBelow(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = b.length - 1; i >= 0; i--) if (a[i] !== b[i]) return a[i]! < b[i]!;
  return false;
}
