/**
 * Reciprocal and quotient, by Newton's method on the normalised divisor (Catrina, Saxena, "Secure Computation with Fixed-Point
 * Numbers", FC 2010, section 3.4).
 *
 * v in [1/2, 1]: y = 2.9142 - 2·v is 1/v up to 0.0858 of it; y·(2 - v·y) squares that error, three times: 3·10^-9. Then
 * 1/x = y·factor·2^(fraction - width).
 *
 * Error, in units of 2^-fraction: reciprocal 1.01 and 2^-23 of the result; quotient 1.01·(1 + 1/b) and 2^-23 of the result.
 * (With divisors over a wider range than 2^33 the latter grows as the range does.) Divisors outside of [least, bound] give
 * results that mean nothing.
 */
import type { Backend, Words } from "../backend.ts";
import type { Engine } from "../engine/engine.ts";
import { type Fixed, requireSameShape } from "../engine/values.ts";
import { type Normalised, normalise, placesOf, tooWide, WORKING_BITS } from "./normalise.ts";
import { encode } from "./polynomial.ts";

const STEPS = 3;
const ROOM = 61;
const REMEDY = "Declare a larger least divisor, or narrower bounds.";

export interface Divisors {
  /** The divisor is positive, and not below this. */
  readonly least: number;
}

export async function reciprocal(me: Engine, x: Fixed, { least }: Divisors): Promise<Fixed> {
  const { fraction } = me.scale;
  const places = placesOf(least, x.bound, me.scale);
  const bits = Math.min(WORKING_BITS, ROOM - (places.width - places.lowest));
  if (bits < fraction - 4) throw tooWide("reciprocal", REMEDY);
  const bound = me.scale.within((1 + 2 ** -12) / least + 2 / me.scale.one, 1, "reciprocal");
  const words = await me.inTurn(async (backend) => {
    const normalised = await normalise(backend, x.words, { ...places, bits });
    const product = await backend.multiply(await inverse(backend, normalised), normalised.factor);
    return scaled(backend, product, bits + places.width - 2 * fraction);
  });
  return { ...x, bound, words };
}

export async function divide(me: Engine, a: Fixed, b: Fixed, { least }: Divisors): Promise<Fixed> {
  requireSameShape(a, b);
  const { fraction } = me.scale;
  const places = placesOf(least, b.bound, me.scale);
  const dividend = Math.ceil(Math.log2(a.bound * me.scale.one + 1));
  const bits = Math.min(WORKING_BITS, ROOM - 1 - dividend);
  if (bits < fraction - 4 || dividend + 1 + places.width - places.lowest > ROOM) throw tooWide("divide", REMEDY);
  const bound = me.scale.within((a.bound * (1 + 2 ** -12)) / least + (2 + 2 / least) / me.scale.one, 1, "divide");
  const words = await me.inTurn(async (backend) => {
    const normalised = await normalise(backend, b.words, { ...places, bits });
    const near = await backend.multiply(a.words, await inverse(backend, normalised));
    const quotient = await backend.shift(near, bits, "near"); // a / v
    return scaled(backend, await backend.multiply(quotient, normalised.factor), places.width - fraction);
  });
  return { ...a, bound, words };
}

/** 1/v with as many fraction bits as v. */
async function inverse(backend: Backend, { value, bits }: Normalised): Promise<Words> {
  let y = backend.addPublic(backend.scale(value, -2n), encode(2.9142, bits));
  for (let step = 0; step < STEPS; step++) {
    const product = await backend.shift(await backend.multiply(value, y), bits, "near");
    const correction = backend.addPublic(backend.scale(product, -1n), encode(2, bits)); // 2 - v·y
    y = await backend.shift(await backend.multiply(y, correction), bits, "near");
  }
  return y;
}

const scaled = async (backend: Backend, x: Words, bits: number): Promise<Words> =>
  bits > 0 ? backend.shift(x, bits, "near") : backend.scale(x, 2n ** BigInt(-bits));
