/**
 * Scores and weights of nodes and gains of splits from their sums, on shares, and of one in the clear (`scoreOf`, `weightOf`, `gainOf`): formats.ts says what they are and how
 * near.
 */
import type { Backend, Words } from "@tombolo/protocols/secret-sharing/backend";
import {
  FLOORED_BITS,
  flooredFactor,
  flooredInverse,
  flooredInverseOf,
} from "@tombolo/protocols/secret-sharing/functions";
import type { Formats } from "./formats.ts";
import { repeated, span } from "./places.ts";

/** Of a node or of a side of a split: sums of gradients and of second derivatives. */
export interface NodeSums<W> {
  readonly g: W;
  readonly h: W;
}

/** What a split gains, but for a factor that a node's splits have in common: compared by cross products. */
export interface Gain<W> {
  /** From 0 to 2^37, and from 1 to 2^24. */
  readonly numerator: W;
  readonly denominator: W;
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

/** Of the splits of each node, as many as `size`: (G_l·S - G·A)^2 over A·(S - A), of S = H + 2·lambda and A = H_l + lambda in units of the node. */
export async function gains(
  backend: Backend,
  whole: NodeSums<Words>,
  left: NodeSums<Words>,
  size: number,
  formats: Formats,
): Promise<Gain<Words>> {
  const { node, gCut, gainCuts, lambda } = formats;
  const all = backend.addPublic(whole.h, 2n * lambda);
  const factor = await flooredFactor(backend, all, node.range);
  const each = (x: Words): Words => repeated(backend, x, size);
  const s = each(await cut(backend, await backend.multiply(all, factor), node.cut));
  const scaled = await backend.multiply(backend.addPublic(left.h, lambda), each(factor));
  const a = await cut(backend, scaled, node.cut);
  const [g, gLeft] = [each(await cut(backend, whole.g, gCut)), await cut(backend, left.g, gCut)];
  const count = a.length;
  const products = await backend.multiply(backend.join([gLeft, g, a]), backend.join([s, a, backend.subtract(s, a)]));
  const part = (i: number): Words => backend.pick(products, span(i * count, count));
  const root = await cut(backend, backend.subtract(part(0), part(1)), node.bits);
  const numerator = await cut(backend, await backend.square(root), gainCuts.numerator);
  const denominator = await cut(backend, part(2), gainCuts.denominator);
  return { numerator, denominator: backend.addPublic(denominator, 1n) };
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

export function gainOf(whole: NodeSums<bigint>, left: NodeSums<bigint>, formats: Formats): Gain<bigint> {
  const { node, gCut, gainCuts, lambda } = formats;
  const short = (x: bigint, bits: number): bigint => x >> BigInt(bits);
  const all = whole.h + 2n * lambda;
  const { factor } = flooredInverseOf(all, node.range);
  const [s, a] = [short(all * factor, node.cut), short((left.h + lambda) * factor, node.cut)];
  const root = short(short(left.g, gCut) * s - short(whole.g, gCut) * a, node.bits);
  return {
    numerator: short(root * root, gainCuts.numerator),
    denominator: short(a * (s - a), gainCuts.denominator) + 1n,
  };
}

export function weightOf({ g, h }: NodeSums<bigint>, formats: Formats): bigint {
  const { gCut, lambda, range, stepBits, stepMost, rate } = formats;
  const { factor, inverse } = flooredInverseOf(h + lambda, range);
  const step = (((g >> BigInt(gCut)) * inverse) >> BigInt(FLOORED_BITS)) * factor;
  const within = step > stepMost ? stepMost : step < -stepMost ? -stepMost : step;
  return (-rate * within) >> BigInt(stepBits);
}
