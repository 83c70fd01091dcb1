/**
 * Many numbers in planes, of which each is shared, to two with the same sum: carry-save adders (Wallace, IEEE Transactions on Electronic
 * Computers 1964). Of three bits of a place, their XOR stays there and their majority goes to the next: one AND. What would leave the top
 * place is dropped.
 */
import type { Circuit } from "../circuits.ts";

/** Two at least; all of so many places. As many rounds as it takes to leave two thirds, again and again. */
export async function twoAddends<P>(numbers: readonly P[], width: number, me: Circuit<P>): Promise<readonly [P, P]> {
  let left = numbers;
  while (left.length > 2) left = await carriesSaved(left, width, me);
  return [left[0]!, left[1]!];
}

/** Of each three numbers two, in one round. */
async function carriesSaved<P>(numbers: readonly P[], width: number, me: Circuit<P>): Promise<readonly P[]> {
  const triples = Array.from({ length: Math.floor(numbers.length / 3) }, (_, i) => numbers.slice(3 * i, 3 * i + 3));
  const end = (width - 1) * me.planeBytes;
  const [x, y, last] = [0, 1, 2].map((place) => triples.map((triple) => me.cut(triple[place]!, 0, end)));
  // The majority of a, b, c is (a XOR c)·(b XOR c) XOR c.
  const lasts = me.join(last!);
  const majorities = me.xor(await me.and(me.xor(me.join(x!), lasts), me.xor(me.join(y!), lasts)), lasts);
  const saved = triples.flatMap(([a, b, c], i) => [
    me.xor(me.xor(a!, b!), c!),
    me.join([me.zeros(me.planeBytes), me.cut(majorities, i * end, (i + 1) * end)]),
  ]);
  return [...saved, ...numbers.slice(3 * triples.length)];
}
