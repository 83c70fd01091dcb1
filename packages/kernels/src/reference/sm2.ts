/** The SM2 curve (GB/T 32918.5) on @noble/curves, and hashing to it by the rules of RFC 9380. */
import { createHasher, mapToCurveSimpleSWU } from "@noble/curves/abstract/hash-to-curve.js";
import { type WeierstrassPoint, weierstrass } from "@noble/curves/abstract/weierstrass.js";
import { badPoint, checkTag, elementCount, messageCount, requireRange } from "../checks.ts";
import type { Kernels } from "../kernels.ts";
import { fromLittleEndian, toLittleEndian } from "../little-endian.ts";
import { sm3 } from "./sm3.ts";

const POINT_BYTES = 33;

/** RFC 8998 3.2.1, curveSM2. */
const Point = weierstrass({
  p: 0xfffffffeffffffffffffffffffffffffffffffff00000000ffffffffffffffffn,
  n: 0xfffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123n,
  h: 1n,
  a: 0xfffffffeffffffffffffffffffffffffffffffff00000000fffffffffffffffcn,
  b: 0x28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e93n,
  Gx: 0x32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7n,
  Gy: 0xbc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0n,
});
type Point = WeierstrassPoint<bigint>;
const { Fp, Fn } = Point;

const { a: A, b: B } = Point.CURVE();
const map = mapToCurveSimpleSWU(Fp, { A, B, Z: Fp.create(-9n) });
/** SM2_XMD:SM3_SSWU_RO_: RFC 9380 has no suite for this curve; parameters by its section 8.10, Z by its H.2. */
const hasher = createHasher(Point, ([u]) => map(u!), {
  DST: "SM2_XMD:SM3_SSWU_RO_",
  p: Fp.ORDER,
  m: 1,
  k: 128,
  expand: "xmd",
  hash: sm3,
});

export const sm2HashToGroup: Kernels["sm2HashToGroup"] = async (messages, offsets, dst) =>
  encode(hashAll(messages, offsets, dst));

export const sm2HashAndMultiply: Kernels["sm2HashAndMultiply"] = async (messages, offsets, dst, scalar) => {
  const s = decodeScalar(scalar);
  return encode(hashAll(messages, offsets, dst).map((point) => point.multiply(s)));
};

export const sm2Multiply: Kernels["sm2Multiply"] = async (points, scalar) => {
  const s = decodeScalar(scalar);
  return encode(decode(points).map((point) => point.multiply(s)));
};

export const sm2InvertScalars: Kernels["sm2InvertScalars"] = (scalars) => {
  const out = new Uint8Array(scalars.length);
  for (let at = 0; at < scalars.length; at += 32)
    out.set(toLittleEndian(Fn.inv(decodeScalar(scalars.subarray(at, at + 32))), 32), at);
  return out;
};

export const sm2Validate: Kernels["sm2Validate"] = async (points) => {
  decode(points);
};

function hashAll(messages: Uint8Array, offsets: Uint32Array, dst: Uint8Array): Point[] {
  checkTag(dst);
  const message = (i: number): Uint8Array => messages.subarray(offsets[i]!, offsets[i + 1]!);
  const count = messageCount(messages, offsets);
  return Array.from({ length: count }, (_, i) => hasher.hashToCurve(message(i), { DST: dst }) as Point);
}

function decode(points: Uint8Array): Point[] {
  return Array.from({ length: elementCount(points, POINT_BYTES) }, (_, i) => {
    try {
      return Point.fromBytes(points.subarray(POINT_BYTES * i, POINT_BYTES * (i + 1)));
    } catch {
      throw badPoint(i);
    }
  });
}

function encode(points: readonly Point[]): Uint8Array {
  const out = new Uint8Array(POINT_BYTES * points.length);
  points.forEach((point, i) => {
    out.set(point.toBytes(true), POINT_BYTES * i);
  });
  return out;
}

/** Ours, so a bad one is a bug. */
function decodeScalar(bytes: Uint8Array): bigint {
  const s = fromLittleEndian(bytes);
  requireRange(bytes.length === 32 && s > 0n && s < Fn.ORDER, "a scalar must be in 1..order-1");
  return s;
}
