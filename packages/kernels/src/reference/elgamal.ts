/** ElGamal in the exponent on @noble/curves: one point after the other. */
import { ed25519 } from "@noble/curves/ed25519.js";
import { badPoint, badResidue, elementCount, requireRange } from "../checks.ts";
import type { ElGamalKernels } from "../elgamal-kernels.ts";
import { fromLittleEndian, splitIntegers, toLittleEndian } from "../little-endian.ts";
import { prgExpand } from "./hashing.ts";

type Point = InstanceType<typeof ed25519.Point>;
type Pair = readonly [Point, Point];

const { Point } = ed25519;
const ORDER = Point.Fn.ORDER;
const PRIME = Point.Fp.ORDER;
const POINT_BYTES = 64;
const PAIR_BYTES = 2 * POINT_BYTES;
const SCALAR_BYTES = 32;
const COFACTOR = 8n;

export const elgamalKey: ElGamalKernels["elgamalKey"] = async (secret) => encode([times(Point.BASE, scalarOf(secret))]);

export const elgamalEncrypt: ElGamalKernels["elgamalEncrypt"] = async (values, secret, seed) => {
  const s = scalarOf(secret);
  const randoms = randomScalars(seed, values.length);
  return encode(
    randoms.flatMap((r, i) => [times(Point.BASE, r), times(Point.BASE, (r * s + BigInt(values[i]!)) % ORDER)]),
  );
};

export const elgamalSum: ElGamalKernels["elgamalSum"] = async (sums, ciphertexts, codes, bins) => {
  const rows = elementCount(ciphertexts, PAIR_BYTES);
  const cells = bins.reduce((sum, count) => sum + count, 0);
  requireRange(sums.length === cells * PAIR_BYTES, "one sum for each bin");
  requireRange(codes.length === bins.length * rows, "one code for each row and column");
  bins.forEach((count, f) => {
    for (let row = 0; row < rows; row++) requireRange(codes[f * rows + row]! < count, "codes below the number of bins");
  });
  const own = decode(sums);
  const added = decode(ciphertexts);
  let first = 0;
  bins.forEach((count, f) => {
    for (let row = 0; row < rows; row++) {
      const at = first + codes[f * rows + row]!;
      own[at] = addPairs(own[at]!, added[row]!);
    }
    first += count;
  });
  sums.set(encode(own.flat()));
};

export const elgamalRelease: ElGamalKernels["elgamalRelease"] = async (ciphertexts, key, seed) => {
  requireRange(key.length === POINT_BYTES, "a key is one point");
  const k = decodePoint(key, 0);
  if (k === null) throw badPoint(0);
  const own = decode(ciphertexts);
  const randoms = randomScalars(seed, own.length);
  const released = own.flatMap(([a, b], i) =>
    [a.add(times(Point.BASE, randoms[i]!)), b.add(times(k, randoms[i]!))].map((point) => times(point, COFACTOR)),
  );
  return encode(released);
};

export const elgamalOpen: ElGamalKernels["elgamalOpen"] = async (ciphertexts, secret, limits) => {
  const s = scalarOf(secret);
  requireRange(limits.length === elementCount(ciphertexts, PAIR_BYTES), "one limit for each ciphertext");
  const unit = times(Point.BASE, COFACTOR * COFACTOR);
  const numbers = new Map<bigint, number>();
  const largest = limits.reduce((max, limit) => Math.max(max, limit), 0);
  for (let number = 0, multiple = Point.ZERO; number <= largest; number++, multiple = multiple.add(unit))
    numbers.set(multiple.toAffine().x, number);
  return Uint32Array.from(decode(ciphertexts), ([a, b], i) => {
    // A point of prime order is known by its x.
    const number = numbers.get(times(b.subtract(times(a, s)), COFACTOR).toAffine().x);
    if (number === undefined || number > limits[i]!) throw badResidue(i);
    return number;
  });
};

const times = (point: Point, scalar: bigint): Point => point.multiplyUnsafe(scalar);

const addPairs = ([a, b]: Pair, [c, d]: Pair): Pair => [a.add(c), b.add(d)];

function randomScalars(seed: Uint8Array, count: number): bigint[] {
  return splitIntegers(prgExpand(seed, 2 * SCALAR_BYTES * count), 2 * SCALAR_BYTES).map((wide) => wide % ORDER);
}

function scalarOf(bytes: Uint8Array): bigint {
  requireRange(bytes.length === SCALAR_BYTES, "a scalar has 32 bytes");
  const scalar = fromLittleEndian(bytes);
  requireRange(scalar > 0n && scalar < ORDER, "a scalar must be in 1..order-1");
  return scalar;
}

function decode(ciphertexts: Uint8Array): Pair[] {
  return Array.from({ length: elementCount(ciphertexts, PAIR_BYTES) }, (_, i) => {
    const [a, b] = [decodePoint(ciphertexts, 2 * i), decodePoint(ciphertexts, 2 * i + 1)];
    if (a === null || b === null) throw badPoint(i);
    return [a, b] as const;
  });
}

/** Null unless both coordinates are reduced and -x² + y² = 1 + d·x²·y². */
function decodePoint(points: Uint8Array, index: number): Point | null {
  const bytes = points.subarray(index * POINT_BYTES, (index + 1) * POINT_BYTES);
  const [x, y] = splitIntegers(bytes, SCALAR_BYTES) as [bigint, bigint];
  if (x >= PRIME || y >= PRIME) return null;
  const { Fp } = Point;
  const [xx, yy] = [Fp.sqr(x), Fp.sqr(y)];
  const left = Fp.sub(yy, xx);
  const right = Fp.add(Fp.ONE, Fp.mul(Point.CURVE().d, Fp.mul(xx, yy)));
  return Fp.eql(left, right) ? new Point(x, y, Fp.ONE, Fp.mul(x, y)) : null;
}

function encode(points: readonly Point[]): Uint8Array {
  const out = new Uint8Array(POINT_BYTES * points.length);
  points.forEach((point, i) => {
    const { x, y } = point.toAffine();
    out.set(toLittleEndian(x, SCALAR_BYTES), POINT_BYTES * i);
    out.set(toLittleEndian(y, SCALAR_BYTES), POINT_BYTES * i + SCALAR_BYTES);
  });
  return out;
}
