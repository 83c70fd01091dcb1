/**
 * The logistic function and the hyperbolic tangent, from nine polynomials of degree five over |x| (within 3.5·10^-7), and 1 above
 * 15: sigmoid(-x) = 1 - sigmoid(x), tanh(x) = 2·sigmoid(2·x) - 1.
 *
 * Error with 20 fraction bits, in units of 2^-20: sigmoid 1.5, tanh 3.
 */
import type { Engine } from "../engine/engine.ts";
import type { Fixed } from "../engine/values.ts";
import { nearbySigmoid } from "./nearby-sigmoid.ts";
import { knotRange, piecesOf, piecewise } from "./piecewise.ts";
import { encode } from "./polynomial.ts";

const DEGREE = 5;
const PIECES = piecesOf((x) => 1 / (1 + Math.exp(-x)), [0, 1, 2, 3, 4, 5, 6, 8, 11, 15], DEGREE);
/** Beyond the values' fraction bits. */
const GUARD_BITS = 6;

export interface SigmoidOptions {
  /** `fast` is within 0.005, at a small part of the cost: for training, where gradients are noisier by far. */
  readonly precision?: "full" | "fast";
}

export async function sigmoid(me: Engine, x: Fixed, { precision = "full" }: SigmoidOptions = {}): Promise<Fixed> {
  const { fraction, one } = me.scale;
  if (precision === "fast") {
    me.scale.within(4 * x.bound, 1, "sigmoid");
    const words = await me.inTurn((backend) => nearbySigmoid(backend, x.words, x.bound, me.scale));
    return { ...x, bound: 1, words };
  }
  const bits = Math.min(28, fraction + GUARD_BITS);
  // Coefficients and what is left of x have room with the guard bits too.
  me.scale.within(x.bound * 2 ** (bits - fraction), 1, "sigmoid");
  const width = me.scale.widthOf(x.bound + PIECES.knots.at(-1)!, "fixed");
  const words = await me.inTurn(async (backend) => {
    const negative = await backend.negative(x.words, knotRange(fraction, me.scale.widthOf(x.bound, "fixed")));
    const size = backend.subtract(x.words, backend.scale(await backend.inject(negative, x.words), 2n)); // |x|
    const half = await piecewise(backend, size, PIECES, { fraction, width, bits });
    const mirrored = backend.addPublic(backend.scale(half, -2n), encode(1, bits));
    const value = backend.add(half, await backend.inject(negative, mirrored));
    return backend.shift(value, bits - fraction, "near");
  });
  return { ...x, bound: 1 + 2 / one, words };
}

export async function tanh(me: Engine, x: Fixed): Promise<Fixed> {
  const value = me.sub(me.times(await sigmoid(me, me.times(x, 2)), 2), 1);
  return { ...value, bound: 1 + 4 / me.scale.one };
}
