/**
 * Functions made of straight pieces, of a backend's other operations: the number t of the interval in five bits, of them all products, and
 * of these as words, with the public factors of their multilinear form, slope and intercept; beyond, one of two constants.
 */
import type { Backend, Bits, StraightPieces, Words } from "./backend.ts";

const PLACES = 5;
const INTERVALS = 2 ** PLACES;
const MIDDLE = INTERVALS / 2;
/** From here on, in steps, functions are constant. */
const EDGE = MIDDLE - 1;

export interface PiecesOptions {
  /** Bits `from` to `from + count - 1` of x, or of x less 2^from, by chance: all of the lowest first. */
  readonly places: (x: Words, from: number, count: number) => Promise<Bits>;
  /** Whether products are cheaper of bits or of words. */
  readonly multiply: "bits" | "words";
}

export async function straightPieces(
  me: Backend,
  { places, multiply }: PiecesOptions,
  x: Words,
  { step, slopes, intercepts, below, above, shift, width }: StraightPieces,
): Promise<Words> {
  const unit = 2n ** BigInt(step);
  // t + 16 = floor((x + 16.5·2^step) / 2^step)
  const moved = me.addPublic(x, BigInt(MIDDLE) * unit + unit / 2n);
  const bits = await places(moved, step, PLACES);
  const products = await (multiply === "bits" ? productsOfBits : productsOfWords)(me, bits, x.length);
  const slope = combined(me, products, slopes);
  const line = me.add(await me.multiply(slope, x), combined(me, products, intercepts));
  const edge = BigInt(EDGE) * unit;
  const dropped = Math.max(0, step - 2);
  const signs = await me.negative(me.join([me.addPublic(x, edge), me.addPublic(x, -edge)]), { width, dropped });
  const half = (of: 0 | 1): Uint32Array => range(of, x.length);
  const outside = me.joinBits([me.pickBits(signs, half(0)), me.not(me.pickBits(signs, half(1)))]);
  const constants = [below, above].map((value) => me.addPublic(me.scale(line, -1n), BigInt(value)));
  const added = await me.inject(outside, me.join(constants));
  const value = me.add(line, me.add(me.pick(added, half(0)), me.pick(added, half(1))));
  return shift === 0 ? value : me.shift(value, shift, "near");
}

/** By the set of places whose bits are multiplied, as a number; the first is of none. */
type Products<V> = readonly (V | null)[];

async function productsOfWords(me: Backend, bits: Bits, count: number): Promise<Products<Words>> {
  const words = await me.toWords(bits);
  return productsOf(words, count, {
    pick: (x, positions) => me.pick(x, positions),
    join: (parts) => me.join(parts),
    multiply: (x, y) => me.multiply(x, y),
  });
}

async function productsOfBits(me: Backend, bits: Bits, count: number): Promise<Products<Words>> {
  const products = await productsOf(bits, count, {
    pick: (x, positions) => me.pickBits(x, positions),
    join: (parts) => me.joinBits(parts),
    multiply: (x, y) => me.and(x, y),
  });
  const words = await me.toWords(me.joinBits(products.flatMap((product) => (product === null ? [] : [product]))));
  return products.map((product, set) => (product === null ? null : me.pick(words, range(set - 1, count))));
}

interface Multiplying<V> {
  pick(x: V, positions: Uint32Array): V;
  join(parts: readonly V[]): V;
  multiply(x: V, y: V): Promise<V>;
}

async function productsOf<V>(places: V, count: number, { pick, join, multiply }: Multiplying<V>): Promise<Products<V>> {
  const out = new Array<V | null>(INTERVALS).fill(null);
  for (let place = 0; place < PLACES; place++) out[1 << place] = pick(places, range(place, count));
  for (const sizes of [[2], [3, 4], [5]]) {
    const sets = Array.from({ length: INTERVALS }, (_, set) => set).filter((set) => sizes.includes(sizeOf(set)));
    const parts = sets.map((set) => halved(set));
    const [left, right] = [0, 1].map((side) => join(parts.map((part) => out[part[side]!]!)));
    const product = await multiply(left!, right!);
    sets.forEach((set, i) => {
      out[set] = pick(product, range(i, count));
    });
  }
  return out;
}

/** Positions of the part of this number, of parts of `count`. */
const range = (part: number, count: number): Uint32Array =>
  Uint32Array.from({ length: count }, (_, i) => part * count + i);

const sizeOf = (set: number): number => set.toString(2).replaceAll("0", "").length;

/** Two sets that it is made of, the one of one or two places. */
function halved(set: number): readonly [number, number] {
  const lowest = set & -set;
  const second = (set ^ lowest) & -(set ^ lowest);
  const part = sizeOf(set) === 4 ? lowest | second : lowest;
  return [part, set ^ part];
}

/** values[t], as the sum over sets of places of (sum over subsets T of ±values[T])·product. */
function combined(me: Backend, products: Products<Words>, values: readonly number[]): Words {
  const factors = values.map(BigInt);
  for (let place = 1; place < INTERVALS; place *= 2)
    for (let set = 0; set < INTERVALS; set++) if ((set & place) !== 0) factors[set]! -= factors[set ^ place]!;
  const terms = products.flatMap((product, set) => (product === null ? [] : [me.scale(product, factors[set]!)]));
  return me.addPublic(
    terms.reduce((sum, term) => me.add(sum, term)),
    factors[0]!,
  );
}
