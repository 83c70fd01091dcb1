/**
 * Of each node the split that gains most, the first of equal ones: rounds of pairs, each compared by cross products, as fractions whose values are never computed. Nothing is
 * opened.
 */
import type { Backend, Words } from "@tombolo/protocols/secret-sharing/backend";
import { CROSS_BITS } from "./formats.ts";
import { partsOf } from "./places.ts";
import type { Gain, NodeSums } from "./scores.ts";

export interface Options {
  readonly gain: Gain<Words>;
  /** What is taken along. */
  readonly rest: NodeSums<Words>;
}

export interface Best extends Options {
  /** Which of its node's it is. */
  readonly place: Words;
}

/** `options`: of each node as many. */
export async function firstOfBest(backend: Backend, nodes: number, { gain, rest }: Options): Promise<Best> {
  const count = gain.numerator.length / nodes;
  /** From node by node to place by place. */
  const turned = Uint32Array.from({ length: nodes * count }, (_, i) => (i % nodes) * count + Math.floor(i / nodes));
  const places = backend.publicWords(BigUint64Array.from(turned, (i) => BigInt(i % count)));
  const given = [gain.numerator, gain.denominator, rest.g, rest.h].map((words) => backend.pick(words, turned));
  let left = [...given, places];
  for (let options = count; options > 1; options = Math.ceil(options / 2)) {
    const pairs = options >> 1;
    const side = (which: 0 | 1): Words[] => {
      const chosen = Array.from({ length: pairs }, (_, i) => 2 * i + which);
      return left.map((words) => partsOf(backend, words, nodes, chosen));
    };
    const [first, second] = [side(0), side(1)];
    const winners = await better(backend, first, second);
    const odd = options % 2 === 0 ? [] : [options - 1];
    left = left.map((words, i) => backend.join([winners[i]!, partsOf(backend, words, nodes, odd)]));
  }
  const [numerator, denominator, g, h, place] = left as [Words, Words, Words, Words, Words];
  return { gain: { numerator, denominator }, rest: { g, h }, place };
}

/** The second of each pair where it gains more. */
async function better(backend: Backend, first: readonly Words[], second: readonly Words[]): Promise<Words[]> {
  const size = first[0]!.length;
  const numerators = backend.join([first[0]!, second[0]!]);
  const products = await backend.multiply(numerators, backend.join([second[1]!, first[1]!]));
  const part = (words: Words, i: number): Words => partsOf(backend, words, size, [i]);
  const more = await backend.negative(backend.subtract(part(products, 0), part(products, 1)), { width: CROSS_BITS });
  const differences = backend.join(first.map((words, i) => backend.subtract(second[i]!, words)));
  const bits = backend.joinBits(first.map(() => more));
  const added = await backend.inject(bits, differences);
  return first.map((words, i) => backend.add(words, part(added, i)));
}
