/**
 * What a way of sharing secrets must offer so that programs run on it: words modulo 2^64 and bits, many at a time. The engine
 * (`engine/`) is written against it alone; `two-party/` is one, `replicated/` among three another.
 *
 * Words are integers modulo 2^64. Where an operation names a range, a word stands for the signed integer of which it is
 * the two's complement, and who calls has made sure of the range. All parties call the same operations in the same order
 * with the same public arguments, an interactive one when the one before is done.
 */

/** A party's part of a vector of words. Opaque, and shows its kind and length only. */
export interface Words {
  readonly kind: "words";
  readonly length: number;
}

/** A party's part of a vector of bits. */
export interface Bits {
  readonly kind: "bits";
  readonly length: number;
}

/** x is rows × inner, y is inner × columns, both row by row. */
export interface MatrixShape {
  readonly rows: number;
  readonly inner: number;
  readonly columns: number;
}

/** The bits of words that a comparison looks at. */
export interface BitRange {
  /** How many bits words have with their sign, 2 to 64. Default 64: all. */
  readonly width?: number;
  /**
   * Low bits left out, fewer than width - 1; default 0. A word from 0 to 2^dropped - 1 may then count as negative, by chance.
   */
  readonly dropped?: number;
}

export interface LocalOperations {
  /** A vector all parties know. */
  publicWords(values: BigUint64Array): Words;
  add(x: Words, y: Words): Words;
  subtract(x: Words, y: Words): Words;
  /** Adds or multiplies by what all parties know: one value for all, or one each. */
  addPublic(x: Words, values: bigint | BigUint64Array): Words;
  scale(x: Words, factors: bigint | BigUint64Array): Words;
  /** The elements at these positions, in their order. */
  pick(x: Words, positions: Uint32Array): Words;
  join(parts: readonly Words[]): Words;
  /** Sums of consecutive groups of `size`. */
  sums(x: Words, size: number): Words;

  xor(x: Bits, y: Bits): Bits;
  not(x: Bits): Bits;
  pickBits(x: Bits, positions: Uint32Array): Bits;
  joinBits(parts: readonly Bits[]): Bits;
}

export interface InteractiveOperations {
  /** The owner gives the values, the others null. */
  share(owner: string, count: number, values: BigUint64Array | null): Promise<Words>;
  /** Packed: bit j at bit j mod 8 of byte j / 8. */
  shareBits(owner: string, count: number, values: Uint8Array | null): Promise<Bits>;
  /** To all parties, or to the one named; the others get null. */
  open(x: Words, to?: string): Promise<BigUint64Array | null>;
  openBits(x: Bits, to?: string): Promise<Uint8Array | null>;

  multiply(x: Words, y: Words): Promise<Words>;
  square(x: Words): Promise<Words>;
  multiplyMatrices(x: Words, y: Words, shape: MatrixShape): Promise<Words>;
  and(x: Bits, y: Bits): Promise<Bits>;

  /** Whether a word is negative, of words from -2^(width - 1) to 2^(width - 1) - 1: the fewer bits, the cheaper. */
  negative(x: Words, range?: BitRange): Promise<Bits>;
  /** Of words within 2^width - 1 of 0. */
  isZero(x: Words, width?: number): Promise<Bits>;
  /** Bits 0 to width - 1 of each word: all of bit 0 first, then all of bit 1, and so on. */
  toBits(x: Words, width: number): Promise<Bits>;
  /** 0 or 1. */
  toWords(x: Bits): Promise<Words>;
  /** The word where the bit is 1, else 0. */
  inject(bits: Bits, x: Words): Promise<Words>;
  /**
   * x / 2^bits for |x| < 2^62 and 0 < bits < 62. `down`: the largest integer not above it, always. `near`: that one or
   * the next, by chance; at less cost.
   */
  shift(x: Words, bits: number, rounding: "down" | "near"): Promise<Words>;
  pieces(x: Words, pieces: StraightPieces): Promise<Words>;
}

/**
 * A function made of straight pieces, on intervals of 2^step, constant where |x| is about 15·2^step and more: up to a quarter of 2^step
 * beyond or before that the one or the other may serve, by chance.
 */
export interface StraightPieces {
  readonly step: number;
  /**
   * 32 of each: slope·x + intercept with those at t + 16, t = floor(x / 2^step + 1/2) or, by chance, one less. From 0 to
   * below 2^31 wherever they serve.
   */
  readonly slopes: readonly number[];
  readonly intercepts: readonly number[];
  /** The constants, likewise from 0 to below 2^31. */
  readonly below: number;
  readonly above: number;
  /** What the result is shifted by in the end, 0 to 30, as by `shift … near`. */
  readonly shift: number;
  /** Bits, with the sign, of x and of 15·2^step more. */
  readonly width: number;
}

export interface Backend extends LocalOperations, InteractiveOperations {
  readonly roles: readonly string[];
  readonly self: string;
}

/** Where words stand for signed integers. */
export const WORD_BOUND = 2 ** 62;
