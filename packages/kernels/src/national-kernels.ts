/**
 * SM2's curve (GB/T 32918.5, curveSM2 of RFC 8998) and SM3 (GB/T 32905). Points are 33 bytes, compressed as in SEC 1;
 * scalars are 32 bytes, little-endian, in 1..order-1.
 */
export interface NationalKernels {
  /** RFC 9380 hash_to_curve with the suite SM2_XMD:SM3_SSWU_RO_ (Z = -9, L = 48). */
  sm2HashToGroup(messages: Uint8Array, offsets: Uint32Array, dst: Uint8Array): Promise<Uint8Array>;
  /** The same, then times one secret scalar, without encoding in between. */
  sm2HashAndMultiply(
    messages: Uint8Array,
    offsets: Uint32Array,
    dst: Uint8Array,
    scalar: Uint8Array,
  ): Promise<Uint8Array>;
  /** Each point times one secret scalar. Refuses what is not on the curve, and coordinates that are not reduced. */
  sm2Multiply(points: Uint8Array, scalar: Uint8Array): Promise<Uint8Array>;
  /** 1 / scalar of each scalar modulo the order; secret scalars. */
  sm2InvertScalars(scalars: Uint8Array): Uint8Array;
  /** Rejects with `protocol.point` unless each is a point. The identity has no encoding of this length. */
  sm2Validate(points: Uint8Array): Promise<void>;
  /** The first `width` bytes of SM3(prefix || element) of each element of `elementWidth` bytes. */
  sm3Truncated(prefix: Uint8Array, elements: Uint8Array, elementWidth: number, width: number): Promise<Uint8Array>;
}
