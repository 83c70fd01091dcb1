/**
 * A sigmoid for training: straight pieces a third of a unit apart (`StraightPieces`), 31 between -5.17 and 5.17, each of which serves
 * two thirds of a unit; beyond about 5 a constant.
 *
 * Error: a straight line on two thirds of a unit is within (2/3)^2 / 16·max|f''| = 0.0027; the constants, halfway to where the function goes,
 * within 0.0037; slopes in steps of 3·2^-10 add 0.0005. The largest error is 0.0037, wherever knots come to lie. Every result is in (0, 1).
 */
import type { Backend, StraightPieces, Words } from "../backend.ts";
import type { Scale } from "../engine/values.ts";

const PIECES = 32;
/** Intervals of a unit. */
const DENSITY = 3;
/** Of results, before they are brought back. */
const RESULT_BITS = 30;
/** More of x would leave slopes too few steps. */
const FRACTION_MAX = 20;
const END = 15 / DENSITY;
const SAMPLES = 64;

const sigmoidOf = (x: number): number => 1 / (1 + Math.exp(-x));

/** The line nearest to the function around `middle`, whose slope is a multiple of `grain`. */
function lineAt(middle: number, grain: number): { readonly slope: number; readonly intercept: number } {
  const [from, to] = [middle - 1 / DENSITY, middle + 1 / DENSITY];
  const slope = Math.round((sigmoidOf(to) - sigmoidOf(from)) / (to - from) / grain);
  const rests = Array.from({ length: SAMPLES + 1 }, (_, i) => {
    const x = from + ((to - from) * i) / SAMPLES;
    return sigmoidOf(x) - slope * grain * x;
  });
  return { slope, intercept: (Math.max(...rests) + Math.min(...rests)) / 2 };
}

function piecesFor(fraction: number, shift: number, width: number): StraightPieces {
  const grain = DENSITY * 2 ** (fraction - RESULT_BITS);
  const lines = Array.from({ length: PIECES }, (_, i) => lineAt((i - PIECES / 2 + 1 / 2) / DENSITY, grain));
  const encoded = (value: number): number => Math.round(value * 2 ** RESULT_BITS);
  const least = sigmoidOf(-END) * 0.55;
  return {
    step: fraction,
    slopes: lines.map(({ slope }) => slope),
    intercepts: lines.map(({ intercept }) => encoded(intercept)),
    below: encoded(least),
    above: encoded(1 - least),
    shift,
    width,
  };
}

/** Of x within the bound, with the fraction bits of the scale. */
export async function nearbySigmoid(backend: Backend, x: Words, bound: number, scale: Scale): Promise<Words> {
  const fraction = Math.min(scale.fraction, FRACTION_MAX);
  const short = scale.fraction > fraction ? await backend.shift(x, scale.fraction - fraction, "near") : x;
  const width = scale.widthOf(DENSITY * (bound + END + 1), "fixed") - (scale.fraction - fraction);
  const intervals = backend.scale(short, BigInt(DENSITY));
  return backend.pieces(intervals, piecesFor(fraction, RESULT_BITS - scale.fraction, width));
}
