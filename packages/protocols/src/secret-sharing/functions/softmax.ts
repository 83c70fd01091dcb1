/**
 * Of several numbers the shares that their powers of e have of all of them: e^(x_c) / Σ e^(x_j).
 *
 * From each the largest is taken off, by rounds of pairs: so powers are at most 1 and their sum lies between 1 and their number, whatever
 * the numbers were; neither can overflow, and the reciprocal has few places to look for its leading bit.
 *
 * Error with k numbers, in units of 2^-fraction: 1.5 of each power and of the reciprocal, and what k powers add to the sum: 1.5·k + 5 at
 * most, and 2^-21 of the result.
 */
import { TomboloError } from "@tombolo/base";
import type { Engine } from "../engine/engine.ts";
import type { Fixed } from "../engine/values.ts";
import { exp } from "./exp.ts";
import { reciprocal } from "./reciprocal.ts";

/** A sum is 1 at least, up to rounding. */
const SUM_LEAST = 1 / 2;

/** x: `count` numbers for each of as many vectors, all of the first ones before the second ones. */
export async function softmax(me: Engine, x: Fixed, count: number): Promise<Fixed> {
  const length = x.words.length / count;
  if (!(Number.isInteger(count) && count > 0 && Number.isInteger(length)))
    throw new TomboloError("input.shape", `${x.words.length} numbers are no vectors of ${count}`);
  const parts = Array.from({ length: count }, (_, i) => me.pick(x, places(i * length, length)));
  const top = await largestOf(me, parts);
  const below = me.concat(parts.map((part) => me.sub(part, top)));
  const powers = await exp(me, below, { most: 0, within: true });
  const sum = Array.from({ length: count }, (_, i) => me.pick(powers, places(i * length, length))).reduce((all, one) =>
    me.add(all, one),
  );
  const inverse = await reciprocal(me, sum, { least: SUM_LEAST });
  const shares = await me.mul(powers, me.concat(parts.map(() => inverse)));
  return { ...shares, shape: x.shape, bound: 1 + 2 ** -20 + (2 * count + 6) / me.scale.one };
}

/** Element by element over vectors, in ceil(log2(vectors)) rounds of pairs. */
async function largestOf(me: Engine, vectors: readonly Fixed[]): Promise<Fixed> {
  let left = vectors;
  while (left.length > 1) {
    const pairs = left.length >> 1;
    const [one, other] = [left.slice(0, pairs), left.slice(pairs, 2 * pairs)].map((side) => me.concat(side)) as [
      Fixed,
      Fixed,
    ];
    const larger = await me.select(await me.less(one, other), other, one);
    const length = larger.words.length / pairs;
    const won = Array.from({ length: pairs }, (_, i) => me.pick(larger, places(i * length, length)));
    left = [...won, ...left.slice(2 * pairs)];
  }
  return left[0]!;
}

const places = (from: number, count: number): Uint32Array => Uint32Array.from({ length: count }, (_, i) => from + i);
