/** The error of a query: discrete Gaussians by a table of the distribution, with 53 random bits each. Not constant-time. */
import type { Secrets } from "@tombolo/base";
import { SIGMA } from "./parameters.ts";

/** Beyond so many deviations a value has less than 2^-100. */
const TAIL = 12;
const BOUND = TAIL * SIGMA;
const DRAWN_AT_ONCE = 2 ** 13;

/** cumulative[i]: chance of a value up to i - BOUND. */
const cumulative = ((): Float64Array => {
  const weights = Float64Array.from({ length: 2 * BOUND + 1 }, (_, i) =>
    Math.exp(-((i - BOUND) ** 2) / (2 * SIGMA ** 2)),
  );
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let sum = 0;
  return weights.map((weight) => {
    sum += weight / total;
    return sum;
  });
})();

/** Added to each word. */
export function addError(words: Uint32Array, secrets: Secrets): void {
  for (let from = 0; from < words.length; from += DRAWN_AT_ONCE) {
    const part = words.subarray(from, from + DRAWN_AT_ONCE);
    const random = new Uint32Array(secrets.bytes(8 * part.length).slice().buffer);
    for (let i = 0; i < part.length; i++) {
      const uniform = ((random[2 * i]! >>> 5) * 2 ** 26 + (random[2 * i + 1]! >>> 6)) / 2 ** 53;
      part[i]! += valueAt(uniform);
    }
  }
}

/** The least value whose chance, with all below it, is above `uniform`. */
export function valueAt(uniform: number): number {
  let [low, high] = [0, cumulative.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (cumulative[middle]! > uniform) high = middle;
    else low = middle + 1;
  }
  return low - BOUND;
}
