/** Join of fixed-width byte strings by a map from string to position. */
import { toHex } from "@tombolo/base";
import { duplicate, elementCount } from "../checks.ts";
import type { Kernels } from "../kernels.ts";

export const matchIndices: Kernels["matchIndices"] = async (left, right, width) => {
  const [leftAt, rightAt] = [positions(left, width), positions(right, width)];
  const pairs = [...leftAt].flatMap(([key, i]) => (rightAt.has(key) ? [[i, rightAt.get(key)!] as const] : []));
  return { left: Uint32Array.from(pairs, (pair) => pair[0]), right: Uint32Array.from(pairs, (pair) => pair[1]) };
};

function positions(elements: Uint8Array, width: number): Map<string, number> {
  const found = new Map<string, number>();
  for (let i = 0; i < elementCount(elements, width); i++) {
    const key = toHex(elements.subarray(i * width, (i + 1) * width));
    if (found.has(key)) throw duplicate(i);
    found.set(key, i);
  }
  return found;
}
