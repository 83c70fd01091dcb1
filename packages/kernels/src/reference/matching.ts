/** Join of fixed-width byte strings by a map from string to position. */
import { toHex } from "@tombolo/base";
import { elementCount } from "../checks.ts";
import type { Kernels } from "../kernels.ts";

export const matchIndices: Kernels["matchIndices"] = async (left, right, width) => {
  const positions = new Map<string, number>();
  for (let i = 0; i < elementCount(right, width); i++)
    positions.set(toHex(right.subarray(i * width, (i + 1) * width)), i);
  const pairs: [number, number][] = [];
  for (let i = 0; i < elementCount(left, width); i++) {
    const position = positions.get(toHex(left.subarray(i * width, (i + 1) * width)));
    if (position !== undefined) pairs.push([i, position]);
  }
  return { left: Uint32Array.from(pairs, (pair) => pair[0]), right: Uint32Array.from(pairs, (pair) => pair[1]) };
};
