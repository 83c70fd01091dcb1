/**
 * Three parties compute on numbers that none of them sees; no two of them pool what they see.
 *
 * Araki, Furukawa, Lindell, Nof, Ohara, "High-Throughput Semi-Honest Secure Three-Party Computation with an Honest Majority", CCS 2016;
 * conversions after Mohassel, Rindal, "ABY3", CCS 2018; truncation after Huang, Lu, Hong, Ding, "Cheetah", USENIX Security 2022.
 *
 * A word is the sum of three components modulo 2^64, a bit the XOR of three; the party at place i has components i and i + 1. Sums
 * and public factors are local. Of a product each party computes the terms that it has both factors of; these three numbers add up
 * to it, and each is sent to the party before, under a share of zero: F(k_i) - F(k_{i+1}), of keys that neighbours have in
 * common and that made no message but once. Nobody deals randomness.
 *
 * Comparison, conversion and truncation take a word as the sum of two numbers: components 0 and 1, which the first knows both, and
 * component 2, which the second and the third know. The first shares the bits of its number; those of the other are shared
 * already, with two components 0.
 *
 * Learns: what the program opens, to whom it opens it, and the program with its shapes; nothing else. Adversary: semi-honest, one
 * of the three. **Any two together know everything.** A party that departs from the protocol can make results wrong, and what is opened
 * after that; what is of another length is refused. Assumptions: AES-128 as a pseudorandom permutation, SHA-256 as a random oracle.
 *
 * Why messages tell nothing: each party sees, beside its components, own inputs of others less F(k) of a key that it lacks, and one
 * part of each product under F of such a key. In an opening it gets the one component that it lacks, which follows from the value and its own.
 *
 * Deviations: an input has one component 0, so that it takes one message; `near` shifts as in two-party computing, not with pairs made
 * before as in ABY3, so that no probability is left. Vectors go in parts, for bounded memory. Rounds and bytes: README.md.
 */
import type { Secrets } from "@tombolo/base";
import type { Backend, BitRange, Bits, MatrixShape, StraightPieces, Words } from "../backend.ts";
import { allSet, type Circuit, carryOut, sumOf } from "../circuits.ts";
import { CommonStream, KEY_BYTES } from "../pairwise/stream.ts";
import { parts } from "../parts.ts";
import { straightPieces } from "../straight-pieces.ts";
import { byteLength, bytesOf, isTrimmed, joinBits, planesOf, trimmed, wordsOf, xorBytes } from "../two-party/packed.ts";
import { addWords, matrixProduct, multiplyWords, subtractWords } from "../two-party/ring.ts";
import { LocalReplicated } from "./local.ts";
import { type Planes, planeOperations } from "./planes.ts";
import { BitShares, type Two, WordShares } from "./shares.ts";
import { type Ring, ROLES, type Role, refused, ringWire, type Wire } from "./wire.ts";

/** Elements worked on at once: the rest waits its turn. */
const PART = { words: 2 ** 17, comparisons: 2 ** 15, bytes: 2 ** 20 } as const;
const WORD_BITS = 64;
const RANGE_BITS = 62n;
const { cut, join, xor } = planeOperations;

/** Places of words. */
interface Span {
  readonly from: number;
  readonly count: number;
}

/** In common with the party before (k_i) and with the next (k_{i+1}). */
export interface Streams {
  readonly previous: CommonStream;
  readonly next: CommonStream;
}

/** Each neighbour must do the same. One message: a key to the party before. */
export async function replicated(ring: Ring, secrets: Secrets): Promise<Replicated> {
  const key = secrets.bytes(KEY_BYTES);
  const [theirs] = await Promise.all([ring.next.receive("backKey"), ring.previous.send("backKey", key)]);
  if (theirs.length !== KEY_BYTES) throw refused("size", "a key of another length", ring.next.party);
  return new Replicated(ringWire(ring), {
    previous: new CommonStream(key, ring.previous.binding),
    next: new CommonStream(theirs.slice(), ring.next.binding),
  });
}

export class Replicated extends LocalReplicated implements Backend {
  readonly roles = ROLES;
  readonly self: Role;
  readonly #wire: Wire;
  readonly #streams: Streams;
  readonly #place: number;

  constructor(wire: Wire, streams: Streams) {
    super(wire.role);
    this.self = wire.role;
    this.#wire = wire;
    this.#streams = streams;
    this.#place = ROLES.indexOf(wire.role);
  }

  async share(owner: string, count: number, values: BigUint64Array | null): Promise<Words> {
    if ((owner === this.self) !== (values !== null)) throw new TypeError("the owner gives the values, the other none");
    if (values !== null && values.length !== count) throw new RangeError("as many values as declared");
    return this.#shareWords(this.#placeOf(owner), count, values);
  }

  async shareBits(owner: string, count: number, values: Uint8Array | null): Promise<Bits> {
    if ((owner === this.self) !== (values !== null)) throw new TypeError("the owner gives the values, the other none");
    const packed = values === null ? null : trimmed(values.slice(), count);
    return this.#bits(await this.#shareBytes(this.#placeOf(owner), byteLength(count), packed), count);
  }

  async open(x: Words, to?: string): Promise<BigUint64Array | null> {
    const { own, next } = WordShares.of(x);
    const theirs = await this.#opened("Shares", bytesOf(own), to, 8 * PART.words);
    return theirs === null ? null : addWords(addWords(own, next), wordsOf(theirs));
  }

  async openBits(x: Bits, to?: string): Promise<Uint8Array | null> {
    const { own, next } = BitShares.of(x);
    const theirs = await this.#opened("BitShares", own, to, PART.bytes);
    if (theirs === null) return null;
    const out = xorBytes(xorBytes(own, next), theirs);
    if (!isTrimmed(out, x.length)) throw refused("range", "bits after the last are not 0", this.#wire.previousParty);
    return out;
  }

  async multiply(x: Words, y: Words): Promise<Words> {
    if (x.length !== y.length) throw new RangeError("factors of one length");
    const [a, b] = [WordShares.of(x), WordShares.of(y)];
    // x_i·y_i + x_i·y_{i+1} + x_{i+1}·y_i
    return this.#reshared(addWords(multiplyWords(a.own, addWords(b.own, b.next)), multiplyWords(a.next, b.own)));
  }

  square(x: Words): Promise<Words> {
    return this.multiply(x, x);
  }

  async multiplyMatrices(x: Words, y: Words, shape: MatrixShape): Promise<Words> {
    const { rows, inner, columns } = shape;
    if (x.length !== rows * inner || y.length !== inner * columns) throw new RangeError("matrices of their shape");
    const [a, b] = [WordShares.of(x), WordShares.of(y)];
    const wide = matrixProduct(a.own, addWords(b.own, b.next), shape);
    return this.#reshared(addWords(wide, matrixProduct(a.next, b.own, shape)));
  }

  async and(x: Bits, y: Bits): Promise<Bits> {
    if (x.length !== y.length) throw new RangeError("factors of one length");
    return this.#bits(await this.#and(BitShares.of(x), BitShares.of(y)), x.length);
  }

  /** Of the bits looked at: the carry into the top one, and both top ones. */
  async negative(x: Words, { width = WORD_BITS, dropped = 0 }: BitRange = {}): Promise<Bits> {
    if (width > WORD_BITS || dropped < 0 || dropped >= width - 1) throw new RangeError("bits of a word, two at least");
    const places = width - dropped;
    return this.#bitsInParts(x, async (part, circuit) => {
      const [a, b] = await this.#addends(part, { from: dropped, count: places });
      const [top, end] = [(places - 1) * circuit.planeBytes, places * circuit.planeBytes];
      const carry = await carryOut(cut(a, 0, top), cut(b, 0, top), places - 1, circuit);
      return xor(carry, xor(cut(a, top, end), cut(b, top, end)));
    });
  }

  /** x_0 + x_1 = -x_2; modulo 2^width nothing else within 2^width - 1 of 0 is 0. */
  async isZero(x: Words, width: number = WORD_BITS): Promise<Bits> {
    if (width > WORD_BITS || width < 1) throw new RangeError("bits of a word");
    return this.#bitsInParts(x, async (part, circuit) => {
      const [a, b] = await this.#addends(part, { from: 0, count: width }, true);
      const ones = new Uint8Array(a.own.length).fill(255);
      return allSet(xor(xor(a, b), this.onlyBytes(0, ones)), width, circuit);
    });
  }

  toBits(x: Words, width: number): Promise<Bits> {
    return this.#sumBits(x, { from: 0, count: width });
  }

  pieces(x: Words, pieces: StraightPieces): Promise<Words> {
    const places = (words: Words, from: number, count: number): Promise<Bits> => this.#sumBits(words, { from, count });
    return straightPieces(this, { places, multiply: "words" }, x, pieces);
  }

  /** Places of the sum, without a carry from those below. */
  async #sumBits(x: Words, span: Span): Promise<Bits> {
    const width = span.count;
    const places: { bits: Planes; count: number }[][] = Array.from({ length: width }, () => []);
    for (const [from, to] of parts(x.length, PART.comparisons)) {
      const [circuit, part] = [this.#circuit(to - from), cutWords(x, from, to)];
      const [a, b] = await this.#addends(part, span);
      const sum = await sumOf(a, b, width, circuit);
      for (let place = 0; place < width; place++) {
        const bits = cut(sum, place * circuit.planeBytes, (place + 1) * circuit.planeBytes);
        const count = to - from;
        places[place]!.push({
          bits: { own: trimmed(bits.own.slice(), count), next: trimmed(bits.next.slice(), count) },
          count,
        });
      }
    }
    const joined = (side: keyof Planes): Uint8Array =>
      joinBits(places.flat().map(({ bits, count }) => ({ bits: bits[side], count })));
    return new BitShares(joined("own"), joined("next"), width * x.length);
  }

  /** (b_0 XOR b_1) + b_2 - 2·(b_0 XOR b_1)·b_2; the first knows the one, the others the other. */
  async toWords(x: Bits): Promise<Words> {
    const { own, next } = BitShares.of(x);
    const known = wordsOfBits(this.#place === 1 ? next : own, x.length);
    const low = await this.#shareWords(
      0,
      x.length,
      this.#place === 0 ? wordsOfBits(xorBytes(own, next), x.length) : null,
    );
    const high = this.only(2, known);
    return this.subtract(this.add(low, high), this.scale(await this.multiply(low, high), 2n));
  }

  async inject(bits: Bits, x: Words): Promise<Words> {
    if (bits.length !== x.length) throw new RangeError("a bit for each word");
    return this.multiply(await this.toWords(bits), x);
  }

  /**
   * As in two-party computing, for y = x + 2^62 below 2^63 and its two addends s and t:
   *
   *   floor(s / 2^f) + floor(t / 2^f) = floor(y / 2^f) - carry + wrap·2^(64 - f)
   *
   * wrap, whether they pass 2^64, is whether one of their top bits is set, since that of y is not: u + v - u·v. carry, whether
   * their low f bits pass 2^f, is 0 or 1: `down` computes and adds it, `near` adds 1, and so gives the integer below or the next.
   */
  async shift(x: Words, bits: number, rounding: "down" | "near"): Promise<Words> {
    const f = BigInt(bits);
    const moved = this.addPublic(x, 2n ** RANGE_BITS);
    const { own, next } = WordShares.of(moved);
    const first = this.#place === 0 ? addWords(own, next) : null;
    const theirs = this.#place === 1 ? next : own;
    const shared = async (of: (values: BigUint64Array) => BigUint64Array) =>
      [await this.#shareWords(0, x.length, first === null ? null : of(first)), this.only(2, of(theirs))] as const;
    const [low, high] = await shared((values) => values.map((value) => value >> f));
    const [u, v] = await shared((values) => values.map((value) => value >> BigInt(WORD_BITS - 1)));
    const wrap = this.subtract(this.add(u, v), await this.multiply(u, v));
    const offset = 2n ** (RANGE_BITS - f) - (rounding === "near" ? 1n : 0n);
    const sum = this.addPublic(this.add(low, high), -offset);
    const near = this.subtract(sum, this.scale(wrap, 2n ** (64n - f)));
    if (rounding === "near") return near;
    // 2^62 has no low bits to carry: those of x are those of y.
    const carry = await this.#bitsInParts(x, async (part, circuit) => {
      const [a, b] = await this.#addends(part, { from: 0, count: bits });
      return carryOut(a, b, bits, circuit);
    });
    return this.add(near, await this.toWords(carry));
  }

  #placeOf(role: string): number {
    const place = (ROLES as readonly string[]).indexOf(role);
    if (place < 0) throw new TypeError(`no role ${role}`);
    return place;
  }

  /** The owner's component is a number that it has in common with the party before, the next one's the rest, the third's 0. */
  async #shareWords(owner: number, count: number, values: BigUint64Array | null): Promise<WordShares> {
    const [own, next] = [new BigUint64Array(count), new BigUint64Array(count)];
    for (const [from, to] of parts(count, PART.words)) {
      if (values !== null) {
        const mask = await this.#streams.previous.words(to - from);
        const rest = subtractWords(values.subarray(from, to), mask);
        await this.#wire.on("Inputs", bytesOf(rest), 0);
        own.set(mask, from);
        next.set(rest, from);
      } else if (this.#place === (owner + 1) % 3)
        own.set(wordsOf(await this.#wire.on("Inputs", NONE, 8 * (to - from))), from);
      else next.set(await this.#streams.next.words(to - from), from);
    }
    return new WordShares(own, next);
  }

  async #shareBytes(owner: number, length: number, values: Uint8Array | null): Promise<Two<Uint8Array>> {
    const [own, next] = [new Uint8Array(length), new Uint8Array(length)];
    for (const [from, to] of parts(length, PART.bytes)) {
      if (values !== null) {
        const mask = await this.#streams.previous.bytes(to - from);
        const rest = xorBytes(values.subarray(from, to), mask);
        await this.#wire.on("BitInputs", rest, 0);
        own.set(mask, from);
        next.set(rest, from);
      } else if (this.#place === (owner + 1) % 3) own.set(await this.#wire.on("BitInputs", NONE, to - from), from);
      else next.set(await this.#streams.next.bytes(to - from), from);
    }
    return { own, next };
  }

  /** The component that this party lacks, if it is one of those who are told. */
  async #opened(
    kind: "Shares" | "BitShares",
    own: Uint8Array,
    to: string | undefined,
    size: number,
  ): Promise<Uint8Array | null> {
    const told = (place: number): boolean => to === undefined || this.#placeOf(to) === place;
    const [here, there] = [told(this.#place), told((this.#place + 1) % 3)];
    const out = new Uint8Array(own.length);
    for (const [from, end] of parts(own.length, size))
      out.set(await this.#wire.on(kind, there ? own.subarray(from, end) : NONE, here ? end - from : 0), from);
    return here ? out : null;
  }

  /** Own terms of a product, under a share of zero, to the party before. */
  async #reshared(terms: BigUint64Array): Promise<Words> {
    const [own, next] = [new BigUint64Array(terms.length), new BigUint64Array(terms.length)];
    for (const [from, to] of parts(terms.length, PART.words)) {
      const count = to - from;
      const zero = subtractWords(await this.#streams.previous.words(count), await this.#streams.next.words(count));
      const mine = addWords(terms.subarray(from, to), zero);
      own.set(mine, from);
      next.set(wordsOf(await this.#wire.back("Products", bytesOf(mine), 8 * count)), from);
    }
    return new WordShares(own, next);
  }

  async #and(x: Planes, y: Planes): Promise<Planes> {
    const [own, next] = [new Uint8Array(x.own.length), new Uint8Array(x.own.length)];
    for (const [from, to] of parts(own.length, PART.bytes)) {
      const zero = xorBytes(await this.#streams.previous.bytes(to - from), await this.#streams.next.bytes(to - from));
      const mine = own.subarray(from, to);
      for (let i = 0; i < mine.length; i++) {
        const [a, b] = [x.own[from + i]!, y.own[from + i]!];
        mine[i] = (a & (b ^ y.next[from + i]!)) ^ (x.next[from + i]! & b) ^ zero[i]!;
      }
      next.set(await this.#wire.back("BitProducts", mine, mine.length), from);
    }
    return { own, next };
  }

  /** Places of the first's number, of components 0 and 1, and of component 2, or of what is left of 0 without it. */
  async #addends(x: Words, span: Span, negated = false): Promise<readonly [Planes, Planes]> {
    const { own, next } = WordShares.of(x);
    const length = span.count * byteLength(x.length);
    const first = this.#place === 0 ? planesOf(addWords(own, next), span.from, span.count) : null;
    const theirs = this.#place === 1 ? next : own;
    const other = negated ? subtractWords(new BigUint64Array(x.length), theirs) : theirs;
    return [await this.#shareBytes(0, length, first), this.onlyBytes(2, planesOf(other, span.from, span.count))];
  }

  #circuit(count: number): Circuit<Planes> {
    return {
      ...planeOperations,
      planeBytes: byteLength(count),
      and: (x, y) => this.#and(x, y),
      andBoth: async (x, y, yToo) => {
        const [length, end] = [x.own.length, 2 * x.own.length];
        const both = await this.#and(join([x, x]), join([y, yToo]));
        return [cut(both, 0, length), cut(both, length, end)];
      },
    };
  }

  #bits({ own, next }: Two<Uint8Array>, count: number): Bits {
    return new BitShares(trimmed(own.slice(), count), trimmed(next.slice(), count), count);
  }

  async #bitsInParts(x: Words, run: (part: Words, circuit: Circuit<Planes>) => Promise<Planes>): Promise<Bits> {
    const [own, next] = [new Uint8Array(byteLength(x.length)), new Uint8Array(byteLength(x.length))];
    for (const [from, to] of parts(x.length, PART.comparisons)) {
      const bits = await run(cutWords(x, from, to), this.#circuit(to - from));
      own.set(bits.own, from / 8);
      next.set(bits.next, from / 8);
    }
    return this.#bits({ own, next }, x.length);
  }
}

const NONE = new Uint8Array(0);

function cutWords(x: Words, from: number, to: number): WordShares {
  const { own, next } = WordShares.of(x);
  return new WordShares(own.subarray(from, to), next.subarray(from, to));
}

function wordsOfBits(packed: Uint8Array, count: number): BigUint64Array {
  const out = new BigUint64Array(count);
  for (let i = 0; i < count; i++) out[i] = BigInt((packed[i >> 3]! >> (i & 7)) & 1);
  return out;
}
