import type { BlockKernels, MatchingKernels } from "./block-kernels.ts";
import type { ElGamalKernels } from "./elgamal-kernels.ts";
import type { IdKernels } from "./id-kernels.ts";
import type { NationalKernels } from "./national-kernels.ts";
import type { RetrievalKernels } from "./retrieval-kernels.ts";
import type { RlweKernels } from "./rlwe-kernels.ts";
import type { SlotKernels } from "./slot-kernels.ts";
import type { TransferKernels } from "./transfer-kernels.ts";
import type { VoleKernels } from "./vole-kernels.ts";

export type * from "./block-kernels.ts";

/**
 * The hot loops, by name. `reference/` defines each of them in TypeScript; `crates/kernels` computes the same, faster
 * and on all cores, through the binding in `crates/kernels-node` (same names, same order).
 *
 * Conventions: integers and field elements are little-endian and fixed-width; n elements of width w are one
 * Uint8Array of n·w bytes; a list of byte strings is `messages` (concatenated) plus `offsets` (n + 1 positions, from
 * 0 to messages.length). Promises keep the event loop free; inputs must not be written to until they settle.
 *
 * Elements a peer could have chosen fail with a TomboloError `protocol.point` or `protocol.ciphertext` that names the
 * index of the first bad one. A wrong width or length is our own bug and throws a RangeError.
 */
export interface Kernels
  extends BlockKernels,
    ElGamalKernels,
    IdKernels,
    MatchingKernels,
    NationalKernels,
    RetrievalKernels,
    RlweKernels,
    SlotKernels,
    TransferKernels,
    VoleKernels {
  /** RFC 9497 4.1 HashToGroup: RFC 9380 expand_message_xmd (SHA-512, 64 bytes), then RFC 9496 4.3.4. n points of 32 bytes. */
  ristrettoHashToGroup(messages: Uint8Array, offsets: Uint32Array, dst: Uint8Array): Promise<Uint8Array>;
  /** HashToGroup, then times one secret scalar, without encoding in between. */
  ristrettoHashAndMultiply(
    messages: Uint8Array,
    offsets: Uint32Array,
    dst: Uint8Array,
    scalar: Uint8Array,
  ): Promise<Uint8Array>;
  /** Each point times one secret scalar (canonical, not zero). Refuses non-canonical encodings and the identity. */
  ristrettoMultiply(points: Uint8Array, scalar: Uint8Array): Promise<Uint8Array>;
  /** Point i times secret scalar i. Refuses non-canonical encodings and the identity. */
  ristrettoMultiplyEach(points: Uint8Array, scalars: Uint8Array): Promise<Uint8Array>;
  /** The base point times each secret scalar. */
  ristrettoMultiplyBase(scalars: Uint8Array): Promise<Uint8Array>;
  /** Sum of scalar i times point i, one point. Variable time: for public scalars (proof weights). */
  ristrettoCombine(points: Uint8Array, scalars: Uint8Array): Promise<Uint8Array>;
  /** 1 / scalar of each scalar (canonical, not zero) modulo the order; secret scalars. */
  ristrettoInvertScalars(scalars: Uint8Array): Uint8Array;
  /** Point i of `a` plus point i of `b`; a sum may be the identity, whose encoding is all zeros. */
  ristrettoAdd(a: Uint8Array, b: Uint8Array): Promise<Uint8Array>;
  /** Point i of `a` minus point i of `b`, likewise. */
  ristrettoSubtract(a: Uint8Array, b: Uint8Array): Promise<Uint8Array>;
  /** Rejects with `protocol.point` unless each point is canonical and not the identity. */
  ristrettoValidate(points: Uint8Array): Promise<void>;

  /** SHA-256 of each message: n × 32 bytes. */
  sha256Batch(messages: Uint8Array, offsets: Uint32Array): Promise<Uint8Array>;
  /** SHA-256(prefix || message) of each message: n × 32 bytes. */
  sha256Prefixed(prefix: Uint8Array, messages: Uint8Array, offsets: Uint32Array): Promise<Uint8Array>;
  /** The first `width` bytes of SHA-256(prefix || element) of each element of `elementWidth` bytes. */
  sha256Truncated(prefix: Uint8Array, elements: Uint8Array, elementWidth: number, width: number): Promise<Uint8Array>;
  /** AES-256-CTR key stream of a 32-byte seed, 128-bit big-endian counter from zero. */
  prgExpand(seed: Uint8Array, length: number): Uint8Array;

  /** Arithmetic modulo an odd number of 64 to 6144 bits (little-endian). Holds the constants; make one per key. */
  modulus(value: Uint8Array): Modulus;
  /** See `PrimeSquareLog`. `exponent` and all else here is secret. */
  primeSquareLog(parameters: PrimeSquareLogParameters): PrimeSquareLog;
}

/**
 * Residues are `bytes` wide and in Montgomery form: x is held as x·R mod n with R = 2^(256·ceil(bits / 256)). It is a
 * public bijection that saves the conversion at every product; `enter` and `leave` convert.
 */
export interface Modulus {
  /** Width of a residue: ceil(bits / 8). */
  readonly bytes: number;
  /** Plain integers below n to residues. */
  enter(values: Uint8Array): Promise<Uint8Array>;
  /** Residues to plain integers. */
  leave(values: Uint8Array): Promise<Uint8Array>;
  /** Element-wise product. */
  multiply(a: Uint8Array, b: Uint8Array): Promise<Uint8Array>;
  /**
   * values[i]·slope + addend[i]. `values` are plain integers of `valueBytes` (at most R); slope is a residue; addends
   * are one residue for all or one each. The result is a residue.
   */
  multiplyAdd(values: Uint8Array, valueBytes: number, slope: Uint8Array, addends: Uint8Array): Promise<Uint8Array>;
  /** Element-wise inverse with one inversion for all (Montgomery's trick). `protocol.ciphertext` if one has none. */
  invert(values: Uint8Array): Promise<Uint8Array>;
  /** Each base to one exponent. Time and memory access do not depend on the exponent's value, only its length. */
  power(bases: Uint8Array, exponent: Uint8Array): Promise<Uint8Array>;
  /** Precomputes a table for powers of one base with exponents of `exponentBytes`. */
  fixedBase(base: Uint8Array, exponentBytes: number): FixedBase;
  /**
   * For each node, feature and bin the product of the values of its rows; 1 where there is none.
   * Result: [node][feature][bin] residues.
   */
  histogram(values: Uint8Array, layout: HistogramLayout): Promise<Uint8Array>;
  /**
   * Groups of `groupSize` consecutive values (the last may be smaller) to one each: product of
   * value[j]^(2^(bits·j)) over position j in the group.
   */
  packShift(values: Uint8Array, groupSize: number, bits: number): Promise<Uint8Array>;
  /** Rejects with `protocol.ciphertext` unless each value is in 1..n-1 and coprime to n. */
  validate(values: Uint8Array): Promise<void>;
}

/** Table lookups depend on the exponent's digits: not constant-time against code on the same core. */
export interface FixedBase {
  readonly exponentBytes: number;
  /** base to each exponent: one residue each. */
  power(exponents: Uint8Array): Promise<Uint8Array>;
}

export interface HistogramLayout {
  /** Bin of each row for each feature: [feature][row]. */
  readonly bins: Uint8Array | Uint16Array;
  /** Node of each row; -1 leaves the row out. */
  readonly nodes: Int32Array;
  readonly nodeCount: number;
  readonly featureCount: number;
  readonly binCount: number;
}

export interface PrimeSquareLogParameters {
  /** An odd prime p, of 64 to 3072 bits. */
  readonly prime: Uint8Array;
  /** x = value·entry mod p^2. */
  readonly entry: Uint8Array;
  /** y = x^exponent mod p^2; y must be 1 mod p. */
  readonly exponent: Uint8Array;
  /** log = ((y - 1) / p)·scale mod p. */
  readonly scale: Uint8Array;
  /** Width of the values: at most twice the width of p^2. */
  readonly valueBytes: number;
}

/**
 * Discrete logarithms in 1 + pZ modulo p^2: the common core of Okamoto-Uchiyama and Paillier decryption.
 * Constant-time in all its parameters and values, except that it says which value has no logarithm.
 */
export interface PrimeSquareLog {
  /** Plain values to plain logarithms of ceil(bits of p / 8) bytes; `protocol.ciphertext` where y is not 1 mod p. */
  logarithms(values: Uint8Array): Promise<Uint8Array>;
}
