/**
 * The reciprocal of a positive whole number in which everything is rounded down: the same digits at every run, so that comparisons and ties
 * of what is computed with it are those of a plaintext twin (`flooredInverseOf`), step for step.
 *
 * x·factor = v·2^width with v in [1/2, 1) (normalise.ts), cut to 20 fraction bits. 1/v: the quadratic whose residual 1 - v·p(v) is the Chebyshev polynomial
 * T_3(4v - 3) / T_3(-3), at most 1/99, then twice y + y·(1 - v·y), which squares the residual (Catrina, Saxena, FC 2010, section 3.4): 10^-8.
 *
 * Error: factor·inverse / 2^(20 + width) is 1/x up to 2^-17.5 of it: 2^-19 from cutting v, the rest from cutting y at each step. Of words with no bit
 * from `lowest` on factor is 0, and inverse means nothing.
 */
import type { Backend, Words } from "../backend.ts";
import { leadingBit } from "./normalise.ts";

/** Fraction bits of v and of its inverse, which is below 2^22. */
export const FLOORED_BITS = 20;
const BITS = BigInt(FLOORED_BITS);
const COEFFICIENT_BITS = 12;
/** 420/99, -576/99, 256/99. */
const COEFFICIENTS = [420, -576, 256].map((c) => BigInt(Math.round((c / 99) * 2 ** COEFFICIENT_BITS))) as [
  bigint,
  bigint,
  bigint,
];
const STEPS = 2;

export interface FlooredRange {
  /** Words are below 2^width, at most 2^40. */
  readonly width: number;
  /** The lowest place where the leading bit is looked for. */
  readonly lowest: number;
}

export interface Inverse<W> {
  /** 2^(width - 1 - place of the leading bit), or 0. */
  readonly factor: W;
  /** 1/v, with 20 fraction bits. */
  readonly inverse: W;
}

export async function flooredInverse(backend: Backend, x: Words, range: FlooredRange): Promise<Inverse<Words>> {
  const { factor, value } = await normalised(backend, x, range);
  const [c0, c1, c2] = COEFFICIENTS;
  const line = backend.addPublic(backend.scale(value, c1 << BITS), c0 << (2n * BITS));
  const start = backend.add(line, backend.scale(await backend.square(value), c2));
  let y = await backend.shift(start, COEFFICIENT_BITS + FLOORED_BITS, "down");
  for (let step = 0; step < STEPS; step++) {
    const product = await backend.multiply(value, y);
    const residual = backend.addPublic(backend.scale(product, -1n), 1n << (2n * BITS)); // 1 - v·y
    y = backend.add(y, await backend.shift(await backend.multiply(y, residual), 2 * FLOORED_BITS, "down"));
  }
  return { factor, inverse: y };
}

/** `Inverse.factor` alone. Bits below `lowest` are cut off before the others are looked at one by one: their carry is cheaper than they are. */
export async function flooredFactor(backend: Backend, x: Words, { width, lowest }: FlooredRange): Promise<Words> {
  const top = lowest === 0 ? x : await backend.shift(x, lowest, "down");
  return (await leadingBit(backend, top, { width: width - lowest, lowest: 0 })).factor;
}

async function normalised(backend: Backend, x: Words, range: FlooredRange) {
  const { width } = range;
  const factor = await flooredFactor(backend, x, range);
  const product = await backend.multiply(x, factor);
  const cut = width - FLOORED_BITS;
  return {
    factor,
    value: cut > 0 ? await backend.shift(product, cut, "down") : backend.scale(product, 1n << BigInt(-cut)),
  };
}

/** The same of a number in the clear. */
export function flooredInverseOf(x: bigint, { width, lowest }: FlooredRange): Inverse<bigint> {
  const place = x < 1n << BigInt(lowest) ? -1 : x.toString(2).length - 1;
  if (place < 0) return { factor: 0n, inverse: 0n };
  const factor = 1n << BigInt(width - 1 - place);
  const cut = BigInt(width) - BITS;
  const value = cut > 0n ? (x * factor) >> cut : (x * factor) << -cut;
  const [c0, c1, c2] = COEFFICIENTS;
  let y = (c2 * value * value + ((c1 * value) << BITS) + (c0 << (2n * BITS))) >> (BITS + BigInt(COEFFICIENT_BITS));
  for (let step = 0; step < STEPS; step++) y += (y * ((1n << (2n * BITS)) - value * y)) >> (2n * BITS);
  return { factor, inverse: y };
}
