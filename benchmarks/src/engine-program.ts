/** What the engine's benchmark computes: the same at both parties. */
import type { Engine } from "@tombolo/protocols/secret-sharing/engine";
import { sigmoid } from "@tombolo/protocols/secret-sharing/functions";

export type Operation = "compare" | "compare short" | "sigmoid" | "sigmoid fast" | "multiply";

const inputAt = (place: number, seed: number): number => ((place * seed) % 2001) - 1000;
const SEEDS = { first: 7919, second: 104729 } as const;
/** What is declared of the inputs of comparisons: how many bits have to be looked at follows from it. */
const BOUNDS = { compare: 2 ** 60, "compare short": 2 ** 18, multiply: 1000 } as const;
/** Arguments of the sigmoid, from -10 to 10, are declared to be within it. */
const ARGUMENT = { bound: 64, part: 100 } as const;
const ERROR_MAX = { sigmoid: 2e-6, "sigmoid fast": 5e-3 } as const;

/** Places whose results are looked at. */
const looked = (count: number): Uint32Array => Uint32Array.of(0, 1, count >> 1, count - 1);

/** Filled by a loop: what is measured is not how inputs are made up. */
function inputsOf(owner: keyof typeof SEEDS, count: number, unit: number): Float64Array {
  const out = new Float64Array(count);
  for (let i = 0; i < count; i++) out[i] = inputAt(i, SEEDS[owner]) / unit;
  return out;
}

/** Both sides' inputs are of the same shape; a few results are opened. */
export function program(operation: Operation, count: number) {
  return async (me: Engine): Promise<Float64Array | null> => {
    const own = (owner: keyof typeof SEEDS, unit = 1): Float64Array | undefined =>
      owner === me.self ? inputsOf(owner, count, unit) : undefined;
    if (operation === "sigmoid" || operation === "sigmoid fast") {
      const input = { shape: [count], bound: ARGUMENT.bound };
      const x = await me.fixed("first", input, own("first", ARGUMENT.part));
      const precision = operation === "sigmoid" ? "full" : "fast";
      return me.open(me.pick(await sigmoid(me, x, { precision }), looked(count)));
    }
    const input = { shape: [count], bound: BOUNDS[operation] };
    const a = await me.integers("first", input, own("first"));
    const b = await me.integers("second", input, own("second"));
    if (operation === "multiply") return me.open(me.pick(await me.mul(a, b), looked(count)));
    return me.open(await me.numberOf(me.pick(await me.less(a, b), looked(count))));
  };
}

export function wrongIn(operation: Operation, count: number, opened: Float64Array): boolean {
  return looked(count).some((place, i) => {
    const [x, y] = [inputAt(place, SEEDS.first), inputAt(place, SEEDS.second)];
    if (operation === "sigmoid" || operation === "sigmoid fast")
      return Math.abs(opened[i]! - 1 / (1 + Math.exp(-x / ARGUMENT.part))) > ERROR_MAX[operation];
    return opened[i] !== (operation === "multiply" ? x * y : Number(x < y));
  });
}
