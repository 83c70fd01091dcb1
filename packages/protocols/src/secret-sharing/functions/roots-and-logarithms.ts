/**
 * Square root and natural logarithm: a polynomial of degree nine on the normalised value (within 5·10^-9), and what belongs to
 * the place of the leading bit.
 *
 * x = v·2^e with v in [1/2, 1]: sqrt(x) = sqrt(v)·2^(e/2), ln(x) = ln(v) + e·ln(2).
 *
 * Error, in units of 2^-fraction: square root 1.1 and 2^-24 of the result, of 0 it is 0; logarithm 1.2. Arguments outside of what
 * is declared give results that mean nothing.
 */
import type { Engine } from "../engine/engine.ts";
import type { Fixed } from "../engine/values.ts";
import { normalise, placesOf, tooWide, WORKING_BITS, weighted } from "./normalise.ts";
import { chebyshevFit, encode, polynomial } from "./polynomial.ts";

const DEGREE = 9;
const ROOM = 61;
const MIDDLE = -encode(0.75, WORKING_BITS);
const ROOTS = chebyshevFit(Math.sqrt, 0.5, 1, DEGREE);
const LOGARITHMS = chebyshevFit(Math.log, 0.5, 1, DEGREE);

/** Of values from 0 to the bound. */
export async function sqrt(me: Engine, x: Fixed): Promise<Fixed> {
  const { fraction, one } = me.scale;
  const { width } = placesOf(1 / one, Math.max(x.bound, 1 / one), me.scale);
  // 2^(e/2) of the highest place, times a root below 1, must have room.
  const factorBits = Math.min(WORKING_BITS, ROOM - WORKING_BITS - Math.ceil(Math.max(0, width - fraction) / 2));
  if (width > ROOM || factorBits < fraction - 8) throw tooWide("sqrt", "Declare a narrower bound.");
  const words = await me.inTurn(async (backend) => {
    const places = { width, lowest: 0, bits: WORKING_BITS };
    const { value, leading } = await normalise(backend, x.words, places);
    const root = await polynomial(backend, backend.addPublic(value, MIDDLE), ROOTS, WORKING_BITS);
    const factor = weighted(backend, leading, (place) => encode(2 ** ((place + 1 - fraction) / 2), factorBits));
    return backend.shift(await backend.multiply(root, factor), WORKING_BITS + factorBits - fraction, "near");
  });
  return { ...x, bound: Math.sqrt(x.bound) * (1 + 2 ** -20) + 2 / one, words };
}

/** Of values from `least`, above 0, to the bound. */
export async function log(me: Engine, x: Fixed, { least }: { readonly least: number }): Promise<Fixed> {
  const { fraction } = me.scale;
  const places = placesOf(least, x.bound, me.scale);
  if (places.width > ROOM) throw tooWide("log", "Declare a narrower bound.");
  const words = await me.inTurn(async (backend) => {
    const { value, leading } = await normalise(backend, x.words, { ...places, bits: WORKING_BITS });
    const inner = await polynomial(backend, backend.addPublic(value, MIDDLE), LOGARITHMS, WORKING_BITS);
    const outer = weighted(backend, leading, (place) =>
      encode((places.lowest + place + 1 - fraction) * Math.LN2, WORKING_BITS),
    );
    return backend.shift(backend.add(inner, outer), WORKING_BITS - fraction, "near");
  });
  return { ...x, bound: Math.max(Math.abs(Math.log(least)), Math.abs(Math.log(x.bound))) + 1, words };
}
