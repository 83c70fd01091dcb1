/**
 * a / sqrt(x) of words, where the quotient is known to be small however small x is: what divides by a root mean square, as adaptive step
 * lengths do. No number in between is as large as 1 / sqrt(x), or as small as sqrt(x).
 *
 * x = v·2^e with v in [1/2, 1] (normalise.ts). First a·2^(-e/2), which is no larger than the quotient; then times 1/sqrt(v), a polynomial
 * of degree nine. Words are integers here: fraction bits of a and x are up to who calls.
 *
 * Error: 2^-20 of the quotient, and 2^-28 of `most`. Arguments outside of what is declared give results that mean nothing.
 */
import { TomboloError } from "@tombolo/base";
import type { Backend, Words } from "../backend.ts";
import { normalise, WORKING_BITS, weighted } from "./normalise.ts";
import { chebyshevFit, encode, polynomial } from "./polynomial.ts";

const DEGREE = 9;
const MIDDLE = -encode(0.75, WORKING_BITS);
const INVERSE_ROOTS = chebyshevFit((x) => 1 / Math.sqrt(x), 0.5, 1, DEGREE);
/** Of words on the way, with the sign. */
const ROOM = 61;
/** That a quotient of `most` has, before the last product. */
const QUOTIENT_BITS = 31;
/** The smallest factor has these at least. */
const FACTOR_BITS = 20;

export interface RootRange {
  /** x is from 1 to below 2^width. */
  readonly width: number;
  /** |a| / sqrt(x) is no larger: a power of two. */
  readonly most: number;
}

export interface OverRoot {
  readonly words: Words;
  /** The quotient is words / 2^fraction. */
  readonly fraction: number;
}

export async function overRoot(backend: Backend, a: Words, x: Words, { width, most }: RootRange): Promise<OverRoot> {
  const mostBits = Math.log2(most);
  // a·2^((shifted - e) / 2) is within 2^ROOM.
  const shifted = 2 * (ROOM - mostBits);
  if (!Number.isInteger(mostBits) || width > ROOM || (shifted - width) / 2 < FACTOR_BITS)
    throw new TomboloError("input.range", "overRoot: the range of values is too wide for words of 64 bits", {
      remedy: "Declare a narrower range, or a smaller quotient.",
    });
  const { value, leading } = await normalise(backend, x, { width, lowest: 0, bits: WORKING_BITS });
  const factor = weighted(backend, leading, (place) => encode(2 ** ((shifted - place - 1) / 2), 0));
  const product = await backend.multiply(a, factor);
  const near = await backend.shift(product, ROOM - QUOTIENT_BITS, "near");
  const root = await polynomial(backend, backend.addPublic(value, MIDDLE), INVERSE_ROOTS, WORKING_BITS);
  const fraction = QUOTIENT_BITS - mostBits;
  return { words: await backend.shift(await backend.multiply(near, root), WORKING_BITS, "near"), fraction };
}
