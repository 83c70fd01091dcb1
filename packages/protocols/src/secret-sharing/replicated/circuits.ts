/**
 * Circuits on shared bits in planes: all bits of place 0 from byte 0 on, then all of place 1, each of `planeBytes`. What is sent is up to
 * `and`; everything else is local.
 */
import { xorBytes } from "../two-party/packed.ts";
import type { Two } from "./shares.ts";

export type Planes = Two<Uint8Array>;

export interface Circuit {
  readonly planeBytes: number;
  and(x: Planes, y: Planes): Promise<Planes>;
}

/** The carry out of the sum of two numbers of so many places: one plane. 1 + ceil(log2(width)) rounds. */
export async function carryOut(a: Planes, b: Planes, width: number, { planeBytes, and }: Circuit): Promise<Planes> {
  let [generate, propagate] = [await and(a, b), xor(a, b)];
  for (let count = width; count > 1; count = Math.ceil(count / 2)) {
    const [low, high, left] = halves(count);
    const [above, below] = [planes(propagate, high, planeBytes), planes(propagate, low, planeBytes)];
    const both = await and(join(above, above), join(planes(generate, low, planeBytes), below));
    const half = low.length * planeBytes;
    generate = join(xor(planes(generate, high, planeBytes), cut(both, 0, half)), planes(generate, left, planeBytes));
    propagate = join(cut(both, half, 2 * half), planes(propagate, left, planeBytes));
  }
  return generate;
}

/** Whether all places are set. ceil(log2(width)) rounds. */
export async function allSet(a: Planes, width: number, { planeBytes, and }: Circuit): Promise<Planes> {
  let out = a;
  for (let count = width; count > 1; count = Math.ceil(count / 2)) {
    const [low, high, left] = halves(count);
    const both = await and(planes(out, low, planeBytes), planes(out, high, planeBytes));
    out = join(both, planes(out, left, planeBytes));
  }
  return out;
}

/**
 * The places of the sum, without the carry out. Kogge, Stone, IEEE Transactions on Computers 1973: spans of places are joined over
 * twice the distance at each level. 1 + ceil(log2(width - 1)) rounds.
 */
export async function sumOf(a: Planes, b: Planes, width: number, { planeBytes, and }: Circuit): Promise<Planes> {
  const sum = xor(a, b);
  if (width === 1) return sum;
  let [generate, propagate] = [await and(a, b), sum];
  for (let distance = 1; distance < width - 1; distance *= 2) {
    const [above, length] = [distance * planeBytes, (width - distance) * planeBytes];
    const high = cut(propagate, above, above + length);
    const both = await and(join(high, high), join(cut(generate, 0, length), cut(propagate, 0, length)));
    generate = join(cut(generate, 0, above), xor(cut(generate, above, above + length), cut(both, 0, length)));
    propagate = join(cut(propagate, 0, above), cut(both, length, 2 * length));
  }
  const none = { own: new Uint8Array(planeBytes), next: new Uint8Array(planeBytes) };
  return xor(sum, join(none, cut(generate, 0, (width - 1) * planeBytes)));
}

/** Places of pairs of neighbours, and the topmost where it has none. */
function halves(count: number): readonly [number[], number[], number[]] {
  const pairs = Array.from({ length: count >> 1 }, (_, i) => 2 * i);
  return [pairs, pairs.map((place) => place + 1), count % 2 === 1 ? [count - 1] : []];
}

export const xor = (x: Planes, y: Planes): Planes => ({ own: xorBytes(x.own, y.own), next: xorBytes(x.next, y.next) });

export const cut = (x: Planes, from: number, to: number): Planes => ({
  own: x.own.subarray(from, to),
  next: x.next.subarray(from, to),
});

function join(x: Planes, y: Planes): Planes {
  const joined = (a: Uint8Array, b: Uint8Array): Uint8Array => {
    const out = new Uint8Array(a.length + b.length);
    out.set(a);
    out.set(b, a.length);
    return out;
  };
  return { own: joined(x.own, y.own), next: joined(x.next, y.next) };
}

function planes(x: Planes, places: readonly number[], planeBytes: number): Planes {
  const picked = (bytes: Uint8Array): Uint8Array => {
    const out = new Uint8Array(places.length * planeBytes);
    places.forEach((place, i) => {
      out.set(bytes.subarray(place * planeBytes, (place + 1) * planeBytes), i * planeBytes);
    });
    return out;
  };
  return { own: picked(x.own), next: picked(x.next) };
}
