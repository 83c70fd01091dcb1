/** What the engine's benchmark computes: the same at both parties. */
import type { Engine } from "@tombolo/protocols/secret-sharing/engine";

export type Operation = "compare" | "multiply";

const inputAt = (place: number, seed: number): number => ((place * seed) % 2001) - 1000;
const SEEDS = { first: 7919, second: 104729 } as const;

/** Places whose results are looked at. */
const looked = (count: number): Uint32Array => Uint32Array.of(0, 1, count >> 1, count - 1);

/** Both sides' inputs are of the same shape; a few results are opened. */
export function program(operation: Operation, count: number) {
  const values = (seed: number): Float64Array => Float64Array.from({ length: count }, (_, i) => inputAt(i, seed));
  return async (me: Engine): Promise<Float64Array | null> => {
    const input = { shape: [count], bound: 1000 };
    const a = await me.integers("first", input, values(SEEDS.first));
    const b = await me.integers("second", input, values(SEEDS.second));
    if (operation === "multiply") return me.open(me.pick(await me.mul(a, b), looked(count)));
    return me.open(await me.numberOf(me.pick(await me.less(a, b), looked(count))));
  };
}

export function wrongIn(operation: Operation, count: number, opened: Float64Array): boolean {
  return looked(count).some((place, i) => {
    const [x, y] = [inputAt(place, SEEDS.first), inputAt(place, SEEDS.second)];
    return opened[i] !== (operation === "multiply" ? x * y : Number(x < y));
  });
}
