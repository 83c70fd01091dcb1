/**
 * Learning with errors modulo 2^32: dimension and error are chosen so that the plain lattice attack alone costs 128 bits
 * (security.ts computes it, a test runs it). The paper's error is a tenth of this; bytes as cells leave room for more.
 */
export const DIMENSION = 1024;
/** Standard deviation of the error, a discrete Gaussian. */
export const SIGMA = 64;
export const MODULUS_BITS = 32;
/** A cell is a byte: what it is times 2^24. */
export const CELL_BITS = 8;
export const SCALE_BITS = MODULUS_BITS - CELL_BITS;

/** Deviations of a row's whole error that fit below half of 2^24: a byte is wrong with at most 2^-66. */
export const MARGIN = 9.6;
/** Sum of the squares of a row's cells, as signed bytes, with which they do. */
export const ENERGY_MAX = (2 ** (SCALE_BITS - 1) / (MARGIN * SIGMA)) ** 2;

/** Of the key's digest, before each value: a key that is not there is taken for one with 2^-64. */
export const CHECK_BYTES = 8;
export const KEY_BYTES = 16;
export const SEED_BYTES = 16;
export const VALUE_BYTES_MAX = 2 ** 12;
export const COUNT_MAX = 2 ** 27;
/** An answer is a message of four bytes a row. */
export const ROWS_MAX = 2 ** 22;
/** What fits `ENERGY_MAX` with bytes that are random. */
export const COLUMNS_MAX = 2 ** 15;

/** -log2 of the chance that a Gaussian lies beyond `deviations`, either side: 2·Q(x) <= exp(-x^2/2). */
export const tailBits = (deviations: number): number => deviations ** 2 / 2 / Math.LN2;
