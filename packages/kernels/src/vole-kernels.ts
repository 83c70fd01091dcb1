/**
 * Kernels of oblivious transfer extension and of VOLE over GF(2^128). Blocks are 16 bytes; a field element is a
 * little-endian block modulo x^128 + x^7 + x^2 + x + 1. AES_k(i) is AES-128 of i as a little-endian block. A vector of
 * bits has bit j at bit j mod 8 of byte j / 8.
 *
 * A salt is public and belongs to one session: purpose d of it has the key K_d = AES_salt(d).
 */
export interface VoleKernels {
  /**
   * Trees of seeds: node s of tree i has the children AES_L(s) ^ s and AES_R(s) ^ s with L, R = AES_K4(2i), AES_K4(2i + 1).
   * Node j of h nodes has its children at j and h + j of the next level. Sums: per tree and level of the left nodes, of
   * the right ones.
   */
  ggmExpand(seeds: Uint8Array, depth: number, salt: Uint8Array): Promise<GgmTrees>;
  /** The sums of `ggmExpand` alone. */
  ggmSums(seeds: Uint8Array, depth: number, salt: Uint8Array): Promise<Uint8Array>;
  /**
   * All leaves but the one at each tree's position, from the sum, at each level, of the side that the path does not
   * take; the leaf at the position becomes the sum of the others.
   */
  ggmPuncture(others: Uint8Array, positions: Uint32Array, depth: number, salt: Uint8Array): Promise<Uint8Array>;

  /**
   * Trees of 2^bits leaves; stream of a leaf k: AES_k(first), AES_k(first + 1).. of rowBytes. Sums: per tree of all its
   * streams. Rows: per tree and bit of those whose index has the bit.
   */
  smallVole(leaves: Uint8Array, bits: number, first: number, rowBytes: number): Promise<SmallVole>;
  /**
   * Rows of the other side, who lacks the leaf at each tree's position x: of streams whose index ^ x has the bit, plus
   * the tree's correction where x has it. So they are the first side's plus bit·(sum + correction).
   */
  smallVolePunctured(
    leaves: Uint8Array,
    bits: number,
    positions: Uint32Array,
    corrections: Uint8Array,
    first: number,
  ): Promise<Uint8Array>;
  /** 128 rows of bits to a block per column: bit p of block j is bit j of row p. */
  transposeBits(rows: Uint8Array): Promise<Uint8Array>;
  /** Per row of blocks the sum of AES_seed(j)·block j, the last block with factor one. */
  hashRows(rows: Uint8Array, rowBytes: number, seed: Uint8Array): Promise<Uint8Array>;
  /** P(P(x) ^ j) ^ P(x) for x = block ^ offset, P = AES_salt, j counted from `first`. */
  correlationHash(blocks: Uint8Array, offset: Uint8Array, salt: Uint8Array, first: number): Promise<Uint8Array>;
  /** Each 128 blocks to the sum of block b times x^b. */
  gf128Compose(blocks: Uint8Array): Promise<Uint8Array>;

  /**
   * The leaves of `ggmExpand` compressed to `count` values by the code of the salt (`reference/vole-code.ts`). `check`:
   * the sum of AES_checkSeed(j)·leaf j; empty if the seed is.
   */
  voleExpand(
    seeds: Uint8Array,
    depth: number,
    salt: Uint8Array,
    count: number,
    checkSeed: Uint8Array,
  ): Promise<{ readonly b: Uint8Array; readonly check: Uint8Array }>;
  /** Both vectors of the side with punctured trees: a from its noise alone, c from the leaves. */
  voleExpandPunctured(
    trees: PuncturedTrees,
    depth: number,
    salt: Uint8Array,
    count: number,
    checkSeed: Uint8Array,
  ): Promise<{ readonly a: Uint8Array; readonly c: Uint8Array; readonly check: Uint8Array }>;
  /**
   * The leaves of `ggmExpand`, their lowest bits cleared, compressed to `count` blocks by the binary code of the salt
   * (`reference/silent.ts`); a multiple of eight. `check` as above.
   */
  silentExpand(
    seeds: Uint8Array,
    depth: number,
    salt: Uint8Array,
    count: number,
    checkSeed: Uint8Array,
  ): Promise<{ readonly q: Uint8Array; readonly check: Uint8Array }>;
  /** The same of the side with punctured trees, whose leaf at each position has its lowest bit set; choices: those of t, packed. */
  silentExpandPunctured(
    trees: SilentTrees,
    depth: number,
    salt: Uint8Array,
    count: number,
    checkSeed: Uint8Array,
  ): Promise<{ readonly t: Uint8Array; readonly choices: Uint8Array; readonly check: Uint8Array }>;
  /**
   * Shares of sums of words by cell: of each row the tree of its seed, whose leaf `cell ^ shift` stands for a cell. Pair p of words of a leaf s is AES_k(s) ^ s, k
   * = AES_stream(g·pairs + p) for the g-th 64 rows. `values`: of each row one word of each vector. Corrections: the same plus the words of all
   * of the row's cells. Shares: of each pair and cell both words, minus the sum of those of all rows.
   */
  histogramShares(run: HistogramRun, seeds: Uint8Array, values: Uint8Array): Promise<HistogramShares>;
  /**
   * Of the side with punctured trees, whose row is in the cell `position ^ shift`: shares which, with those of the other side, add up to the values of each cell's
   * rows.
   */
  histogramSharesPunctured(
    run: HistogramRun,
    others: Uint8Array,
    positions: Uint32Array,
    corrections: Uint8Array,
  ): Promise<Uint8Array>;
  /** Sum over trees i of AES_checkSeed(i·2^depth + position i)·value i. */
  voleNoiseCheck(positions: Uint32Array, values: Uint8Array, depth: number, checkSeed: Uint8Array): Promise<Uint8Array>;
}

export interface GgmTrees {
  readonly leaves: Uint8Array;
  readonly sums: Uint8Array;
}

export interface SmallVole {
  readonly sums: Uint8Array;
  readonly rows: Uint8Array;
}

/** What both sides know of sums by cell. */
export interface HistogramRun {
  /** Of the trees. */
  readonly salt: Uint8Array;
  /** A block: of the words, another for each run on the same trees. */
  readonly stream: Uint8Array;
  /** Of the trees: 1 to 8. */
  readonly depth: number;
  /** 1 to 2^depth. */
  readonly cells: number;
  /** Of vectors: 1 to 64. */
  readonly pairs: number;
  /** Of each row, below 2^depth. */
  readonly shifts: Uint8Array;
}

export interface HistogramShares {
  readonly shares: Uint8Array;
  readonly corrections: Uint8Array;
}

export interface PuncturedTrees {
  /** Per tree and level the sum of the nodes beside the path. */
  readonly others: Uint8Array;
  readonly positions: Uint32Array;
  /** Per tree its noise. */
  readonly values: Uint8Array;
  /** Per tree what is added to the sum of its other leaves to give the leaf at the position. */
  readonly corrections: Uint8Array;
}

export interface SilentTrees {
  /** Per tree and level the sum of the nodes beside the path. */
  readonly others: Uint8Array;
  readonly positions: Uint32Array;
  /** Per tree the leaf at the position plus the sum of its other leaves, but for the lowest bit. */
  readonly corrections: Uint8Array;
}
