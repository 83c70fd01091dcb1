/**
 * Kernels on 16-byte blocks in bulk, and those of matching: what `Kernels` consists of besides groups and integers.
 * The conventions of kernels.ts hold. Arguments said to be changed in place must not be touched until the promise
 * settles.
 */

/** An element of GF(2^128) is 16 little-endian bytes; bit i is the coefficient of x^i, modulo x^128 + x^7 + x^2 + x + 1. */
export interface BlockKernels {
  /** Element-wise product. */
  gf128Multiply(a: Uint8Array, b: Uint8Array): Promise<Uint8Array>;
  /** sums[i] ^= scalar·factors[i], in place. */
  gf128MultiplyAdd(sums: Uint8Array, factors: Uint8Array, scalar: Uint8Array): Promise<void>;
  /** Sum of all a[i]·b[i]: one element. */
  gf128InnerProduct(a: Uint8Array, b: Uint8Array): Promise<Uint8Array>;
  /**
   * The first `width` bytes of AES-128_key(x) ^ x for each block x (Matyas-Meyer-Oseas): correlation robust for a
   * public key of one session, with AES as an ideal permutation (Guo, Katz, Wang, Yu, S&P 2020).
   */
  blockTags(key: Uint8Array, blocks: Uint8Array, width: number): Promise<Uint8Array>;
  /** AES-128 in counter mode: block i is AES_seed(i), i as 16 little-endian bytes. */
  blockStream(seed: Uint8Array, length: number): Promise<Uint8Array>;
  /** The first 16 bytes of SHA-256(prefix || message) of each message. Fastest if the prefix has 64 bytes. */
  idDigests(prefix: Uint8Array, messages: Uint8Array, offsets: Uint32Array): Promise<Uint8Array>;
  /** The first `width` bytes of SHA-256(prefix || left || right) of each pair of blocks. */
  pairTags(prefix: Uint8Array, left: Uint8Array, right: Uint8Array, width: number): Promise<Uint8Array>;
}

export interface MatchingKernels {
  /**
   * Join of two lists of `width`-byte strings: positions of equal strings, by ascending left. Each list must be free of
   * repeats; the first one found, left before right, fails with `protocol.duplicate`.
   */
  matchIndices(left: Uint8Array, right: Uint8Array, width: number): Promise<Matches>;
  /** For each string the lowest position of an equal one: its own, unless it repeats an earlier one. */
  firstOccurrences(elements: Uint8Array, width: number): Promise<Uint32Array>;
  /** Positions in ascending order of the strings, compared as bytes; equal ones by position. */
  sortOrder(elements: Uint8Array, width: number): Promise<Uint32Array>;
  /** The strings in ascending order, compared as bytes, and where each of them was; equal ones by position. */
  sortStrings(elements: Uint8Array, width: number): Promise<SortedStrings>;
  /**
   * Join with a list in strictly ascending order, which fails with `protocol.order` at the first element that is not
   * above the one before. `elements` must be free of repeats; the first one found fails with `protocol.duplicate`.
   */
  matchSorted(elements: Uint8Array, sorted: Uint8Array, width: number): Promise<SortedMatches>;
  /** The positions of the permutation `order` whose bit in `marks` is set. */
  takeMarked(order: Uint32Array, marks: Uint8Array): Promise<Pick<SortedMatches, "left" | "order">>;
  /** The strings at `order`, one after the other. */
  gather(elements: Uint8Array, width: number, order: Uint32Array): Promise<Uint8Array>;
  /** Brings distinct 16-byte keys into the order of an oblivious key-value store under a 16-byte seed. */
  okvsPlace(keys: Uint8Array, seed: Uint8Array, layout: OkvsLayout): Promise<OkvsKeys>;
}

export interface Matches {
  readonly left: Uint32Array;
  readonly right: Uint32Array;
}

export interface SortedStrings {
  readonly sorted: Uint8Array;
  readonly order: Uint32Array;
}

/** Positions of matched strings. */
export interface SortedMatches {
  /** Ascending. */
  readonly left: Uint32Array;
  /** The same in the order of the list. */
  readonly order: Uint32Array;
  /** A bit for each string of the list, whether it matched. */
  readonly marks: Uint8Array;
}

/** Public shape of an oblivious key-value store; `okvsLayout` of the crypto package chooses it. */
export interface OkvsLayout {
  readonly clusters: number;
  /** Most keys in a cluster; with more, placing fails with `protocol.okvs`. */
  readonly capacity: number;
  /** Slots of a cluster of which a key has three, and further ones that count for all its keys. */
  readonly sparse: number;
  readonly dense: number;
}

/**
 * h = AES_seed(key) ^ key as four little-endian words picks a cluster (last word) and three of its sparse slots (the
 * others). A key's value is their sum plus d_1·h + d_2·h^2 + .. over the cluster's dense slots. A slot has 16 bytes.
 */
export interface OkvsKeys {
  /**
   * Adds (XOR, in place) a table to `table`: uniformly random among those that give each key its value. Slots that no
   * key needs are blocks of `blockStream(randomness)`. Fails with `protocol.okvs`, with negligible probability.
   */
  encodeOnto(table: Uint8Array, values: Uint8Array, randomness: Uint8Array): Promise<void>;
  /** Writes to `out` the value the table gives each key, in the order of the keys. */
  decodeInto(table: Uint8Array, out: Uint8Array): Promise<void>;
}
