/** The largest of each row, and where it is: rounds of pairs, ceil(log2(length)) times those of `less` and `where`. */
import { TomboloError } from "@tombolo/base";
import type { Engine } from "./engine.ts";
import { type Integers, type NumberKind, type Numbers, shown, sizeOf } from "./values.ts";

export interface Largest<K extends NumberKind> {
  readonly max: Numbers<K>;
  /** Place within the last axis; of equal ones the first. */
  readonly argmax: Integers;
}

/** Over the last axis. */
export async function largest<K extends NumberKind>(me: Engine, a: Numbers<K>): Promise<Largest<K>> {
  const length = a.shape.at(-1) ?? 0;
  if (length === 0) throw new TomboloError("input.shape", `${shown(a.shape)} has nothing to choose from`);
  const rest = a.shape.slice(0, -1);
  const rows = sizeOf(rest);
  const column = (i: number): Uint32Array => Uint32Array.from({ length: rows }, (_, row) => row * length + i);
  let candidates = Array.from({ length }, (_, i) => ({
    value: me.pick(a, column(i)),
    place: me.constant("integer", new Float64Array(rows).fill(i)),
  }));
  while (candidates.length > 1) {
    const pairs = candidates.length >> 1;
    const side = (first: 0 | 1) => candidates.slice(0, 2 * pairs).filter((_, i) => i % 2 === first);
    const [left, right] = [side(0), side(1)];
    const values = (of: typeof left) => me.concat(of.map(({ value }) => value));
    const places = (of: typeof left) => me.concat(of.map(({ place }) => place));
    const greater = await me.less(values(left), values(right));
    const value = await me.select(greater, values(right), values(left));
    const place = await me.select(greater, places(right), places(left));
    const joined = Array.from({ length: pairs }, (_, i) => {
      const here = Uint32Array.from({ length: rows }, (_, row) => i * rows + row);
      return { value: me.pick(value, here), place: me.pick(place, here) };
    });
    candidates = [...joined, ...candidates.slice(2 * pairs)];
  }
  const { value, place } = candidates[0]!;
  return { max: me.reshape(value, rest), argmax: me.reshape(place, rest) };
}
