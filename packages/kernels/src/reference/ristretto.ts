/** ristretto255 (RFC 9496) on @noble/curves: decode, multiply and encode one point after the other. */
import { ristretto255, ristretto255_hasher } from "@noble/curves/ed25519.js";
import { badPoint, checkTag, elementCount, messageCount, requireRange } from "../checks.ts";
import type { Kernels } from "../kernels.ts";
import { fromLittleEndian, splitIntegers, toLittleEndian } from "../little-endian.ts";

type Point = InstanceType<typeof ristretto255.Point>;

const BASE = ristretto255.Point.BASE;
const ORDER = ristretto255.Point.Fn.ORDER;

export const ristrettoHashToGroup: Kernels["ristrettoHashToGroup"] = async (messages, offsets, dst) =>
  encode(hashAll(messages, offsets, dst));

export const ristrettoHashAndMultiply: Kernels["ristrettoHashAndMultiply"] = async (messages, offsets, dst, scalar) => {
  const [s] = decodeScalars(scalar, 1);
  return encode(hashAll(messages, offsets, dst).map((point) => point.multiply(s!)));
};

export const ristrettoMultiply: Kernels["ristrettoMultiply"] = async (points, scalar) => {
  const [s] = decodeScalars(scalar, 1);
  return encode(decode(points).map((point) => point.multiply(s!)));
};

export const ristrettoMultiplyEach: Kernels["ristrettoMultiplyEach"] = async (points, scalars) => {
  const s = decodeScalars(scalars, elementCount(points, 32));
  return encode(decode(points).map((point, i) => point.multiply(s[i]!)));
};

export const ristrettoMultiplyBase: Kernels["ristrettoMultiplyBase"] = async (scalars) =>
  encode(decodeScalars(scalars, elementCount(scalars, 32)).map((s) => BASE.multiply(s)));

export const ristrettoCombine: Kernels["ristrettoCombine"] = async (points, scalars) => {
  const s = decodeScalars(scalars, elementCount(points, 32));
  const terms = decode(points).map((point, i) => point.multiply(s[i]!));
  return encode([terms.reduce((sum, term) => sum.add(term), ristretto255.Point.ZERO)]);
};

export const ristrettoInvertScalars: Kernels["ristrettoInvertScalars"] = (scalars) => {
  const inverses = decodeScalars(scalars, elementCount(scalars, 32)).map((s) => ristretto255.Point.Fn.inv(s));
  return Uint8Array.from(inverses.flatMap((inverse) => [...toLittleEndian(inverse, 32)]));
};

export const ristrettoAdd: Kernels["ristrettoAdd"] = async (a, b) => encode(eachPair(a, b, (x, y) => x.add(y)));

export const ristrettoSubtract: Kernels["ristrettoSubtract"] = async (a, b) =>
  encode(eachPair(a, b, (x, y) => x.subtract(y)));

export const ristrettoValidate: Kernels["ristrettoValidate"] = async (points) => {
  decode(points);
};

function eachPair(a: Uint8Array, b: Uint8Array, operation: (x: Point, y: Point) => Point): Point[] {
  requireRange(a.length === b.length, "as many points on both sides");
  elementCount(a, 32);
  return Array.from({ length: a.length / 32 }, (_, i) => operation(decodeAt(a, i), decodeAt(b, i)));
}

function hashAll(messages: Uint8Array, offsets: Uint32Array, dst: Uint8Array): Point[] {
  checkTag(dst);
  const count = messageCount(messages, offsets);
  const out: Point[] = [];
  for (let i = 0; i < count; i++)
    out.push(ristretto255_hasher.hashToCurve(messages.subarray(offsets[i]!, offsets[i + 1]!), { DST: dst }) as Point);
  return out;
}

function decode(points: Uint8Array): Point[] {
  return Array.from({ length: elementCount(points, 32) }, (_, i) => decodeAt(points, i));
}

function decodeAt(points: Uint8Array, index: number): Point {
  const point = decodeOne(points.subarray(32 * index, 32 * index + 32));
  if (point === undefined || point.is0()) throw badPoint(index);
  return point;
}

function decodeOne(bytes: Uint8Array): Point | undefined {
  try {
    return ristretto255.Point.fromBytes(bytes);
  } catch {
    return undefined;
  }
}

function encode(points: readonly Point[]): Uint8Array {
  const out = new Uint8Array(32 * points.length);
  points.forEach((point, i) => {
    out.set(point.toBytes(), 32 * i);
  });
  return out;
}

/** Scalars are ours, so a bad one is a bug. */
function decodeScalars(bytes: Uint8Array, count: number): bigint[] {
  requireRange(bytes.length === 32 * count, "one 32-byte scalar each");
  const scalars = count === 1 ? [fromLittleEndian(bytes)] : splitIntegers(bytes, 32);
  for (const s of scalars) requireRange(s > 0n && s < ORDER, "a scalar must be in 1..order-1");
  return scalars;
}
