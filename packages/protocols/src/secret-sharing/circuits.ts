/**
 * Circuits on shared bits in planes: all bits of place 0 from byte 0 on, then all of place 1, each of `planeBytes`. What is sent is up to
 * `and`; everything else is local.
 */

/** A party's part of planes: bytes, or as many vectors of them as a way of sharing has. */
export interface PlaneOperations<P> {
  xor(x: P, y: P): P;
  /** Bytes. */
  cut(x: P, from: number, to: number): P;
  join(parts: readonly P[]): P;
  zeros(length: number): P;
}

export interface Circuit<P> extends PlaneOperations<P> {
  readonly planeBytes: number;
  and(x: P, y: P): Promise<P>;
  /** Two with a factor in common, at once. */
  andBoth(x: P, y: P, yToo: P): Promise<readonly [P, P]>;
}

/** The carry out of the sum of two numbers of so many places: one plane. 1 + ceil(log2(width)) rounds. */
export async function carryOut<P>(a: P, b: P, width: number, me: Circuit<P>): Promise<P> {
  let [generate, propagate]: [P, P] = [await me.and(a, b), me.xor(a, b)];
  for (let count = width; count > 1; count = Math.ceil(count / 2)) {
    const [low, high, left] = halves(count);
    const above = planes(propagate, high, me);
    const [passed, both] = await me.andBoth(above, planes(generate, low, me), planes(propagate, low, me));
    generate = me.join([me.xor(planes(generate, high, me), passed), planes(generate, left, me)]);
    propagate = me.join([both, planes(propagate, left, me)]);
  }
  return generate;
}

/** Whether all places are set. ceil(log2(width)) rounds. */
export async function allSet<P>(a: P, width: number, me: Circuit<P>): Promise<P> {
  let out = a;
  for (let count = width; count > 1; count = Math.ceil(count / 2)) {
    const [low, high, left] = halves(count);
    const both = await me.and(planes(out, low, me), planes(out, high, me));
    out = me.join([both, planes(out, left, me)]);
  }
  return out;
}

/**
 * The places of the sum, without the carry out. Kogge, Stone, IEEE Transactions on Computers 1973: spans of places are joined over
 * twice the distance at each level. 1 + ceil(log2(width - 1)) rounds.
 */
export async function sumOf<P>(a: P, b: P, width: number, me: Circuit<P>): Promise<P> {
  const sum = me.xor(a, b);
  if (width === 1) return sum;
  const end = (width - 1) * me.planeBytes;
  // The topmost place carries out of the sum.
  let [generate, propagate]: [P, P] = [await me.and(me.cut(a, 0, end), me.cut(b, 0, end)), me.cut(sum, 0, end)];
  for (let distance = 1; distance < width - 1; distance *= 2) {
    const above = distance * me.planeBytes;
    const length = end - above;
    const high = me.cut(propagate, above, end);
    const [passed, both] = await me.andBoth(high, me.cut(generate, 0, length), me.cut(propagate, 0, length));
    generate = me.join([me.cut(generate, 0, above), me.xor(me.cut(generate, above, end), passed)]);
    propagate = me.join([me.cut(propagate, 0, above), both]);
  }
  return me.xor(sum, me.join([me.zeros(me.planeBytes), generate]));
}

/** Places of pairs of neighbours, and the topmost where it has none. */
function halves(count: number): readonly [number[], number[], number[]] {
  const pairs = Array.from({ length: count >> 1 }, (_, i) => 2 * i);
  return [pairs, pairs.map((place) => place + 1), count % 2 === 1 ? [count - 1] : []];
}

function planes<P>(x: P, places: readonly number[], { cut, join, planeBytes }: Circuit<P>): P {
  return join(places.map((place) => cut(x, place * planeBytes, (place + 1) * planeBytes)));
}
