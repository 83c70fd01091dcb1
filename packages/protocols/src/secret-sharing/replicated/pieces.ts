/**
 * Functions made of straight pieces: the number t of the interval in five bits, of them all products (as words), and of these, with the
 * public factors of their multilinear form, slope and intercept; beyond, one of two constants. Some 970 bytes an element and 11 rounds, and
 * those of two comparisons.
 */
import type { Backend, Bits, StraightPieces, Words } from "../backend.ts";

const PLACES = 5;
const INTERVALS = 2 ** PLACES;
const MIDDLE = INTERVALS / 2;
/** From here on, in steps, functions are constant. */
const EDGE = MIDDLE - 1;

/** `places`: bits `from` to `from + count - 1` of x, or of x less 2^from, by chance: all of the lowest first. */
export async function straightPieces(
  me: Backend,
  places: (x: Words, from: number, count: number) => Promise<Bits>,
  x: Words,
  { step, slopes, intercepts, below, above, shift, width }: StraightPieces,
): Promise<Words> {
  const unit = 2n ** BigInt(step);
  // t + 16 = floor((x + 16.5·2^step) / 2^step)
  const moved = me.addPublic(x, BigInt(MIDDLE) * unit + unit / 2n);
  const products = await productsOf(me, await places(moved, step, PLACES), x.length);
  const slope = combined(me, products, slopes);
  const line = me.add(await me.multiply(slope, x), combined(me, products, intercepts));
  const edge = BigInt(EDGE) * unit;
  const dropped = Math.max(0, step - 2);
  const signs = await me.negative(me.join([me.addPublic(x, edge), me.addPublic(x, -edge)]), { width, dropped });
  const half = (of: 0 | 1): Uint32Array => Uint32Array.from({ length: x.length }, (_, i) => of * x.length + i);
  const outside = me.joinBits([me.pickBits(signs, half(0)), me.not(me.pickBits(signs, half(1)))]);
  const constants = [below, above].map((value) => me.addPublic(me.scale(line, -1n), BigInt(value)));
  const added = await me.inject(outside, me.join(constants));
  const value = me.add(line, me.add(me.pick(added, half(0)), me.pick(added, half(1))));
  return shift === 0 ? value : me.shift(value, shift, "near");
}

/** By the set of places whose bits are multiplied, as a number; the first is of none. */
async function productsOf(me: Backend, bits: Bits, count: number): Promise<readonly (Words | null)[]> {
  const range = (i: number): Uint32Array => Uint32Array.from({ length: count }, (_, j) => i * count + j);
  const out = new Array<Words | null>(INTERVALS).fill(null);
  const words = await me.toWords(bits);
  for (let place = 0; place < PLACES; place++) out[1 << place] = me.pick(words, range(place));
  for (const sizes of [[2], [3, 4], [5]]) {
    const sets = Array.from({ length: INTERVALS }, (_, set) => set).filter((set) => sizes.includes(sizeOf(set)));
    const parts = sets.map((set) => halved(set));
    const [left, right] = [0, 1].map((side) => me.join(parts.map((part) => out[part[side]!]!)));
    const product = await me.multiply(left!, right!);
    sets.forEach((set, i) => {
      out[set] = me.pick(product, range(i));
    });
  }
  return out;
}

const sizeOf = (set: number): number => set.toString(2).replaceAll("0", "").length;

/** Two sets that it is made of, the one of one or two places. */
function halved(set: number): readonly [number, number] {
  const lowest = set & -set;
  const second = (set ^ lowest) & -(set ^ lowest);
  const part = sizeOf(set) === 4 ? lowest | second : lowest;
  return [part, set ^ part];
}

/** values[t], as the sum over sets of places of (sum over subsets T of ±values[T])·product. */
function combined(me: Backend, products: readonly (Words | null)[], values: readonly number[]): Words {
  const factors = values.map(BigInt);
  for (let place = 1; place < INTERVALS; place *= 2)
    for (let set = 0; set < INTERVALS; set++) if ((set & place) !== 0) factors[set]! -= factors[set ^ place]!;
  const terms = products.flatMap((product, set) => (product === null ? [] : [me.scale(product, factors[set]!)]));
  return me.addPublic(
    terms.reduce((sum, term) => me.add(sum, term)),
    factors[0]!,
  );
}
