/**
 * The groups protocols work in: ristretto255 (RFC 9496), and SM2's curve (GB/T 32918.5) for blinding. Points are fixed-width
 * encodings, 32 bytes in ristretto255 and 33 in SM2 (SEC 1, compressed), scalars 32 bytes, little-endian; lists of them are
 * concatenated. Whatever a peer sends passes `validate` or an operation that validates.
 */
import { bytesToBigint, type Secrets } from "@tombolo/base";
import { fromLittleEndian, kernels, toLittleEndian } from "@tombolo/kernels";

export const POINT_BYTES = 32;
export const SCALAR_BYTES = 32;
/** 2^252 + 27742317777372353535851937790883648493 (RFC 9496 4.4). */
const ORDER = 0x1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3edn;

const SM2_ORDER = 0xfffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123n;

/** What hashing, blinding and unblinding take. */
export interface BlindingGroup {
  readonly name: string;
  readonly pointBytes: number;
  readonly scalarBytes: number;
  /** The prime order. */
  readonly order: bigint;
  /** n messages, as concatenation and n + 1 offsets, to n points (RFC 9497 HashToGroup, RFC 9380 hash_to_curve). */
  hashToGroup(messages: Uint8Array, offsets: Uint32Array, dst: Uint8Array): Promise<Uint8Array>;
  hashAndMultiply(messages: Uint8Array, offsets: Uint32Array, dst: Uint8Array, scalar: Uint8Array): Promise<Uint8Array>;
  /** All points times one scalar. Rejects with `protocol.point` on a bad point or the identity. */
  multiply(points: Uint8Array, scalar: Uint8Array): Promise<Uint8Array>;
  validate(points: Uint8Array): Promise<void>;
  /** Uniform in 1..order-1, up to a statistical distance of 2^-256. */
  randomScalar(secrets: Secrets): Uint8Array;
  /** 1 / scalar modulo the order, in constant time; several at once. A scalar that is zero or not canonical throws a RangeError. */
  invertScalar(scalar: Uint8Array): Uint8Array;
}

export interface Group extends BlindingGroup {
  /** Point i times scalar i. */
  multiplyEach(points: Uint8Array, scalars: Uint8Array): Promise<Uint8Array>;
  multiplyBase(scalars: Uint8Array): Promise<Uint8Array>;
  /** Sum of scalar i times point i; for public scalars only (variable time). */
  combine(points: Uint8Array, scalars: Uint8Array): Promise<Uint8Array>;
  /** Point i of `a` plus point i of `b`. A sum may be the identity, which all operations refuse to take. */
  add(a: Uint8Array, b: Uint8Array): Promise<Uint8Array>;
  subtract(a: Uint8Array, b: Uint8Array): Promise<Uint8Array>;
  /** An integer of any length, little-endian, modulo the order; may be zero. */
  reduceScalar(bytes: Uint8Array): Uint8Array;
}

const randomScalar = (order: bigint, secrets: Secrets): Uint8Array =>
  toLittleEndian(1n + (bytesToBigint(secrets.bytes(64)) % (order - 1n)), SCALAR_BYTES);

export const ristretto255: Group = {
  name: "ristretto255",
  pointBytes: POINT_BYTES,
  scalarBytes: SCALAR_BYTES,
  order: ORDER,
  hashToGroup: (messages, offsets, dst) => kernels.ristrettoHashToGroup(messages, offsets, dst),
  hashAndMultiply: (messages, offsets, dst, scalar) => kernels.ristrettoHashAndMultiply(messages, offsets, dst, scalar),
  multiply: (points, scalar) => kernels.ristrettoMultiply(points, scalar),
  multiplyEach: (points, scalars) => kernels.ristrettoMultiplyEach(points, scalars),
  multiplyBase: (scalars) => kernels.ristrettoMultiplyBase(scalars),
  combine: (points, scalars) => kernels.ristrettoCombine(points, scalars),
  add: (a, b) => kernels.ristrettoAdd(a, b),
  subtract: (a, b) => kernels.ristrettoSubtract(a, b),
  validate: (points) => kernels.ristrettoValidate(points),
  randomScalar: (secrets) => randomScalar(ORDER, secrets),
  reduceScalar: (bytes) => toLittleEndian(fromLittleEndian(bytes) % ORDER, SCALAR_BYTES),
  invertScalar: (scalar) => kernels.ristrettoInvertScalars(scalar),
};

export const sm2: BlindingGroup = {
  name: "sm2",
  pointBytes: 33,
  scalarBytes: SCALAR_BYTES,
  order: SM2_ORDER,
  hashToGroup: (messages, offsets, dst) => kernels.sm2HashToGroup(messages, offsets, dst),
  hashAndMultiply: (messages, offsets, dst, scalar) => kernels.sm2HashAndMultiply(messages, offsets, dst, scalar),
  multiply: (points, scalar) => kernels.sm2Multiply(points, scalar),
  validate: (points) => kernels.sm2Validate(points),
  randomScalar: (secrets) => randomScalar(SM2_ORDER, secrets),
  invertScalar: (scalar) => kernels.sm2InvertScalars(scalar),
};
