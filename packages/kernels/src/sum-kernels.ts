/**
 * Sums of hidden numbers over bins of hidden columns; `protocols/linear-answers` says what they are for.
 *
 * An output is a bin of a column. Sums lie output by output, of each one vector after the other, of each vector a residue for each
 * prime. Blocks are as many rows as the ring has coefficients. Constant-time in what is hidden; memory is read by the caller's own
 * bins.
 */
export interface SumKernels {
  /**
   * Packed coefficients of a·secret + binomial error + factor·numbers for each secret: `a` is one polynomial as values, `secrets` are
   * values, `numbers` as many for each secret as the ring has coefficients, all below every prime in size; errors come from polynomials
   * `first` and on of the seed; factors are a residue a prime.
   */
  hide(
    a: BigUint64Array,
    secrets: BigUint64Array,
    seed: Uint8Array,
    first: number,
    numbers: Int32Array,
    factors: BigUint64Array,
  ): Promise<Uint8Array>;
  /** `ternary` coefficients plus one, a byte each. */
  trits(seed: Uint8Array, count: number): Promise<Uint8Array>;
  /**
   * Of each bin, coefficients of the sum over blocks of a·m, plus a binomial error, rounded to the first prime as by `dropLast`: m has
   * X^-i for each row i of the block whose code is the bin. The last polynomial of `a` (values) meets, for the bin's row of `masks`
   * (trits t), the polynomial that has (t_i - 1)·X^-i. A row of codes for each other polynomial; at most 256 bins.
   */
  hideBins(
    a: BigUint64Array,
    codes: Uint8Array,
    masks: Uint8Array,
    seed: Uint8Array,
    first: number,
  ): Promise<BigUint64Array>;
  /**
   * Adds the coefficients of packed polynomials, one a vector, to the sums of their rows' bins, in place. Column f of `bins[f]` bins has
   * codes `codes[f·rows + at]` and on; codes not below are in no bin. Rejects with `protocol.ciphertext` what `unpack` would.
   */
  sumBins(
    sums: BigUint64Array,
    packed: Uint8Array,
    codes: Uint8Array,
    rows: number,
    at: number,
    bins: Uint32Array,
  ): Promise<void>;
  /** Adds, for each output, coefficient i of each packed polynomial times t_i - 1 of the output's row of masks, in place. */
  sumMasks(sums: BigUint64Array, packed: Uint8Array, masks: Uint8Array): Promise<void>;
  /** Columns of the first minus those of the second. */
  subtractSums(a: SumColumns, b: SumColumns): Promise<BigUint64Array>;
  /**
   * Of each set of outputs, vector by vector: their sum plus three numbers uniform below `spread` (at most 100 bits), centred, rounded to
   * the first prime. A stream a set from `first` on: as many low bits of a word, or of two, as spread - 1 has, again where that is not
   * below it.
   */
  releaseSums(
    sums: SumColumns,
    sets: OutputSets,
    seed: Uint8Array,
    first: number,
    spread: bigint,
  ): Promise<BigUint64Array>;
  /** With one prime: the constant coefficient of each polynomial of `hint` (coefficients) times each of `count` ternary ones of the seed. */
  phases(hint: BigUint64Array, seed: Uint8Array, count: number): Promise<BigUint64Array>;
  /** With one prime, of each set and vector: least + k with k·delta nearest to answer - phases - least·delta, k not negative. */
  openSums(
    phases: SumColumns,
    sets: OutputSets,
    answers: BigUint64Array,
    delta: bigint,
    least: BigInt64Array,
  ): Promise<Float64Array>;
}

/** Vectors `at` to `at + count` of the `width` that each output has. */
export interface SumColumns {
  readonly sums: BigUint64Array;
  readonly width: number;
  readonly at: number;
  readonly count: number;
}

/** Set i has outputs `members[offsets[i]]` up to, without, `members[offsets[i + 1]]`. */
export interface OutputSets {
  readonly offsets: Uint32Array;
  readonly members: Uint32Array;
}
