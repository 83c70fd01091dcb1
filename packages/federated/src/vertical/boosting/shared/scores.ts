/**
 * Scores and weights of nodes from their sums, on shares, and of one node in the clear (`scoreOf`, `weightOf`): formats.ts says what they are and how near.
 */
import type { Backend, Words } from "@tombolo/protocols/secret-sharing/backend";
import { FLOORED_BITS, flooredInverse, flooredInverseOf } from "@tombolo/protocols/secret-sharing/functions";
import type { Formats } from "./formats.ts";

/** Of a node or of a side of a split: sums of gradients and of second derivatives. */
export interface NodeSums<W> {
  readonly g: W;
  readonly h: W;
}

/** Bits of a step in units of scores, with room for gradients at their bound. */
const STEP_WIDTH = 56;

/** About G^2 / (H + lambda), from 0 to below 2^59. */
export async function scores(backend: Backend, { g, h }: NodeSums<Words>, formats: Formats): Promise<Words> {
  const { range, squareCut } = formats;
  const { factor, inverse } = await flooredInverse(backend, backend.addPublic(h, formats.lambda), range);
  const square = await backend.square(await cut(backend, g, formats.gCut));
  const ratio = await backend.multiply(await cut(backend, square, squareCut), inverse);
  return backend.multiply(await cut(backend, ratio, FLOORED_BITS), factor);
}

/** -rate·G / (H + lambda), a step within its bound, in units of margins. */
export async function weights(backend: Backend, { g, h }: NodeSums<Words>, formats: Formats): Promise<Words> {
  const { range, stepBits, stepMost, rate } = formats;
  const { factor, inverse } = await flooredInverse(backend, backend.addPublic(h, formats.lambda), range);
  const ratio = await backend.multiply(await cut(backend, g, formats.gCut), inverse);
  const step = await backend.multiply(await cut(backend, ratio, FLOORED_BITS), factor);
  const [below, above] = [backend.addPublic(step, stepMost), backend.addPublic(backend.scale(step, -1n), stepMost)];
  const outside = await backend.negative(backend.join([below, above]), { width: STEP_WIDTH });
  const excess = await backend.inject(outside, backend.join([backend.scale(below, -1n), above]));
  const half = step.length;
  const places = (from: number): Uint32Array => Uint32Array.from({ length: half }, (_, i) => from + i);
  const kept = [step, backend.pick(excess, places(0)), backend.pick(excess, places(half))];
  const within = kept.reduce((sum, one) => backend.add(sum, one));
  return backend.shift(backend.scale(within, -rate), stepBits, "down");
}

const cut = async (backend: Backend, x: Words, bits: number): Promise<Words> =>
  bits === 0 ? x : backend.shift(x, bits, "down");

export function scoreOf({ g, h }: NodeSums<bigint>, { gCut, squareCut, lambda, range }: Formats): bigint {
  const { factor, inverse } = flooredInverseOf(h + lambda, range);
  const short = g >> BigInt(gCut);
  return ((((short * short) >> BigInt(squareCut)) * inverse) >> BigInt(FLOORED_BITS)) * factor;
}

export function weightOf({ g, h }: NodeSums<bigint>, formats: Formats): bigint {
  const { gCut, lambda, range, stepBits, stepMost, rate } = formats;
  const { factor, inverse } = flooredInverseOf(h + lambda, range);
  const step = (((g >> BigInt(gCut)) * inverse) >> BigInt(FLOORED_BITS)) * factor;
  const within = step > stepMost ? stepMost : step < -stepMost ? -stepMost : step;
  return (-rate * within) >> BigInt(stepBits);
}
