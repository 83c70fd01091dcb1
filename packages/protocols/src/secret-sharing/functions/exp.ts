/**
 * The exponential function: e^x = 2^n·2^s with n = floor(x·log2(e)) and s in [0, 1).
 *
 * n is taken off by an exact shift; 2^s is a polynomial of degree six (within 4·10^-9); 2^n, n moved above 0, is the product of
 * 2^(2^i) over its bits.
 *
 * Of values up to `most`, at most 14; larger ones count as `most`. Error: 1.5 units of 2^-fraction and e^x·2^-k, k = 59 -
 * (fraction + 3) - 1.45·most, at most 23 (22 at the defaults).
 */
import { TomboloError } from "@tombolo/base";
import type { Backend, Words } from "../backend.ts";
import type { Engine } from "../engine/engine.ts";
import type { Fixed } from "../engine/values.ts";
import { WORKING_BITS } from "./normalise.ts";
import { chebyshevFit, encode, polynomial } from "./polynomial.ts";

const MOST_MAX = 14;
const DEGREE = 6;
const POWERS = chebyshevFit((s) => 2 ** s, 0, 1, DEGREE);
const ROOM = 61;

export interface ExpOptions {
  /** Default: the bound, at most 10. */
  readonly most?: number;
  /** Who calls has made sure that none is larger, which saves a comparison; results mean nothing else. */
  readonly within?: boolean;
}

export async function exp(me: Engine, x: Fixed, options: ExpOptions = {}): Promise<Fixed> {
  const { most = Math.min(x.bound, 10), within: known = false } = options;
  if (!(most >= 0 && most <= MOST_MAX)) throw new TomboloError("input.range", `e^x is computed up to x = ${MOST_MAX}`);
  const { fraction, one } = me.scale;
  const bound = me.scale.within(Math.exp(most) * (1 + 2 ** -12) + 2 / one, 1, "exp");
  const least = -Math.ceil((fraction + 1) * Math.LN2); // below it e^x is half a unit at most
  const within = await between(me, x, { least, most: known ? null : most });
  const offset = fraction + 3; // n + offset is not negative: x is not below -(fraction + 2)·ln(2)
  const highest = Math.ceil(most * Math.LOG2E) + 1 + offset;
  const bits = Math.min(WORKING_BITS, ROOM - 1 - highest);
  const words = await me.inTurn(async (backend) => {
    const scaledUp = backend.scale(within.words, encode(Math.LOG2E, WORKING_BITS));
    const y = await backend.shift(scaledUp, fraction, "near");
    const n = await backend.shift(y, WORKING_BITS, "down");
    const s = backend.subtract(y, backend.scale(n, 2n ** BigInt(WORKING_BITS)));
    const middle = backend.addPublic(s, -encode(0.5, WORKING_BITS));
    const fine = await polynomial(backend, middle, POWERS, WORKING_BITS);
    const mantissa = bits < WORKING_BITS ? await backend.shift(fine, WORKING_BITS - bits, "near") : fine;
    const power = await powerOfTwo(backend, backend.addPublic(n, BigInt(offset)), Math.ceil(Math.log2(highest + 1)));
    return backend.shift(await backend.multiply(mantissa, power), bits + offset - fraction, "near");
  });
  return { ...x, bound, words };
}

interface Ends {
  readonly least: number;
  /** Null: nothing is beyond it. */
  readonly most: number | null;
}

/** What is outside counts as the end it is beyond. */
async function between(me: Engine, x: Fixed, { least, most }: Ends): Promise<Fixed> {
  const ends = (value: number): Fixed => me.constant("fixed", new Float64Array(x.words.length).fill(value), x.shape);
  let out = x;
  if (most !== null && x.bound > most)
    out = { ...(await me.select(await me.less(out, most), out, ends(most))), bound: x.bound };
  if (x.bound > -least) out = await me.select(await me.less(out, least), ends(least), out);
  return { ...out, bound: Math.max(most ?? 0, -least) };
}

/** 2^n of n below 2^width: as bits b_i the product of 1 + b_i·(2^(2^i) - 1). */
async function powerOfTwo(backend: Backend, n: Words, width: number): Promise<Words> {
  const bits = await backend.toWords(await backend.toBits(n, width));
  const factors = Array.from({ length: width }, (_, i) => {
    const bit = backend.pick(
      bits,
      Uint32Array.from({ length: n.length }, (_, at) => i * n.length + at),
    );
    return backend.addPublic(backend.scale(bit, 2n ** BigInt(2 ** i) - 1n), 1n);
  });
  let product = factors[0]!;
  for (const factor of factors.slice(1)) product = await backend.multiply(product, factor);
  return product;
}
