/** Join, repeats and order of fixed-width byte strings, by maps and sorting. */
import { toHex } from "@tombolo/base";
import { duplicate, elementCount, requireRange, unordered } from "../checks.ts";
import type { Kernels } from "../kernels.ts";

export const matchIndices: Kernels["matchIndices"] = async (left, right, width) => {
  const [leftAt, rightAt] = [positions(left, width), positions(right, width)];
  const pairs = [...leftAt].flatMap(([key, i]) => (rightAt.has(key) ? [[i, rightAt.get(key)!] as const] : []));
  return { left: Uint32Array.from(pairs, (pair) => pair[0]), right: Uint32Array.from(pairs, (pair) => pair[1]) };
};

export const firstOccurrences: Kernels["firstOccurrences"] = async (elements, width) => {
  const found = new Map<string, number>();
  return Uint32Array.from(keys(elements, width), (key, i) => {
    if (!found.has(key)) found.set(key, i);
    return found.get(key)!;
  });
};

/** Hexadecimal digits sort as the bytes do; sorting is stable. */
export const sortOrder: Kernels["sortOrder"] = async (elements, width) => {
  const strings = keys(elements, width);
  const order = Uint32Array.from(strings.keys());
  return order.sort((a, b) => (strings[a]! < strings[b]! ? -1 : strings[a]! > strings[b]! ? 1 : a - b));
};

export const sortStrings: Kernels["sortStrings"] = async (elements, width) => {
  const order = await sortOrder(elements, width);
  return { sorted: await gather(elements, width, order), order };
};

export const matchSorted: Kernels["matchSorted"] = async (elements, sorted, width) => {
  const list = keys(sorted, width);
  list.forEach((key, i) => {
    if (i > 0 && list[i - 1]! >= key) throw unordered(i);
  });
  const own = positions(elements, width);
  const marks = new Uint8Array(Math.ceil(list.length / 8));
  const order: number[] = [];
  list.forEach((key, i) => {
    const position = own.get(key);
    if (position === undefined) return;
    marks[i >> 3]! |= 1 << (i & 7);
    order.push(position);
  });
  return { left: Uint32Array.from(order).sort(), order: Uint32Array.from(order), marks };
};

export const takeMarked: Kernels["takeMarked"] = async (order, marks) => {
  requireRange(marks.length === Math.ceil(order.length / 8), "one bit for each position");
  requireRange(
    order.every((at) => at < order.length),
    "an index is out of range",
  );
  const taken = order.filter((_, i) => ((marks[i >> 3]! >> (i & 7)) & 1) === 1);
  return { left: taken.slice().sort(), order: taken };
};

export const gather: Kernels["gather"] = async (elements, width, order) => {
  const count = elementCount(elements, width);
  const out = new Uint8Array(order.length * width);
  order.forEach((at, i) => {
    requireRange(at < count, "an index is out of range");
    out.set(elements.subarray(at * width, (at + 1) * width), i * width);
  });
  return out;
};

const keys = (elements: Uint8Array, width: number): string[] =>
  Array.from({ length: elementCount(elements, width) }, (_, i) => toHex(elements.subarray(i * width, (i + 1) * width)));

function positions(elements: Uint8Array, width: number): Map<string, number> {
  const found = new Map<string, number>();
  keys(elements, width).forEach((key, i) => {
    if (found.has(key)) throw duplicate(i);
    found.set(key, i);
  });
  return found;
}
