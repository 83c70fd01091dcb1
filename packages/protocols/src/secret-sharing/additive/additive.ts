/**
 * Any number of parties compute on numbers that none of them sees; all but one may pool what they see.
 *
 * Goldreich, Micali, Wigderson, "How to Play any Mental Game", STOC 1987, as the sum of two-party computations of all pairs (pairs.ts), with
 * carry-save adders (Wallace 1964) before the circuits of Kogge and Stone 1973.
 *
 * A word is the sum of a share of each party modulo 2^64, a bit the XOR. Sums and public factors are local. A product is each party's own
 * and one of each pair, from oblivious transfer (`two-party`); an AND likewise. Nobody deals randomness.
 *
 * Comparison and conversion take a word as the sum of n numbers, each known to its party, whose bits are shares already: of three numbers two
 * are made with one AND a place, until two are left, which a circuit adds. A bit is brought to words, and multiplied with a word, by one party after
 * the other: v + b_k·(x - 2·v) is (b XOR b_k)·x where v is b·x, with one transfer for each of the other parties.
 *
 * Learns: what the program opens, to whom it opens it, and the program with its shapes; nothing else. Adversary: semi-honest, all but one of
 * the parties, together. Assumptions: those of `oblivious-transfer/softspoken`; AES-128 as a pseudorandom permutation, for the masks of openings. A
 * party that departs from the protocol can make results wrong, and what is opened after that; what is of another length is refused.
 *
 * Why messages tell nothing: those of pairs, docs/security/engine.md; each pair ends with fresh random shares of its part. What is opened is sent under
 * masks that cancel in the sum of all parties, so that inputs may be shared as (value, 0, …, 0).
 *
 * Deviations: GMW joins bits, this also words modulo 2^64. Vectors go in parts, for bounded memory. Rounds and bytes: README.md.
 */
import { concat, type Secrets } from "@tombolo/base";
import type { Backend, BitRange, Bits, MatrixShape, StraightPieces, Words } from "../backend.ts";
import { allSet, type Circuit, carryOut, sumOf } from "../circuits.ts";
import { parts } from "../parts.ts";
import { straightPieces } from "../straight-pieces.ts";
import { bitsTimesWords, keptWhere } from "../two-party/choosing.ts";
import type { Counts } from "../two-party/correlations.ts";
import { LocalAdditive } from "../two-party/local.ts";
import { byteLength, isTrimmed, joinBits, planesOf, trimmed, wordsOf, xorBytes } from "../two-party/packed.ts";
import { addWords, joinWords, matrixProduct, multiplyWords, subtractWords } from "../two-party/ring.ts";
import { BitShares, WordShares } from "../two-party/shares.ts";
import { refused } from "../two-party/wire.ts";
import {
  type AdditivePeer,
  andOfPairs,
  exchanged,
  maskedBits,
  maskedWords,
  openPair,
  type Pair,
  productOfPairs,
} from "./pairs.ts";
import { twoAddends } from "./summing.ts";

export const PARTIES_MAX = 16;
/** Elements worked on at once: the rest waits its turn. */
const PART = { words: 2 ** 17, comparisons: 2 ** 15, bytes: 2 ** 17 } as const;
const WORD_BITS = 64;
/** Bits of each share that tell how often their sum wraps, besides those that count the parties. */
const WRAP_BITS = 2;

export interface Parties {
  /** All, in one order everywhere. */
  readonly roles: readonly string[];
  readonly self: string;
  /** By role, all but the own. */
  readonly peers: ReadonlyMap<string, AdditivePeer>;
}

/** Sets up all pairs at once. All parties must do the same. */
export async function additive(parties: Parties, secrets: Secrets): Promise<Additive> {
  const { roles, self, peers } = parties;
  const place = roles.indexOf(self);
  if (roles.length < 2 || roles.length > PARTIES_MAX || new Set(roles).size !== roles.length || place < 0)
    throw new RangeError(`2 to ${PARTIES_MAX} roles, each once, with the own`);
  const shared = { secrets, pairs: roles.length - 1 };
  const pairs = await Promise.all(
    roles.flatMap((role, there) =>
      role === self ? [] : [openPair({ role, leading: place < there }, peers.get(role), shared)],
    ),
  );
  return new Additive(roles, self, pairs);
}

export class Additive extends LocalAdditive implements Backend {
  readonly roles: readonly string[];
  readonly self: string;
  readonly #pairs: readonly Pair[];
  readonly #place: number;

  constructor(roles: readonly string[], self: string, pairs: readonly Pair[]) {
    super(roles[0] === self);
    this.roles = roles;
    this.self = self;
    this.#pairs = pairs;
    this.#place = roles.indexOf(self);
  }

  /** By the other's role. */
  get used(): ReadonlyMap<string, Counts> {
    return new Map(this.#pairs.map(({ role, two }) => [role, two.used]));
  }

  /** Makes correlations ahead of need, as many as a dry run counted. */
  async prepare(counts: ReadonlyMap<string, Counts>): Promise<void> {
    await Promise.all(this.#pairs.map(({ role, two }) => two.prepare(counts.get(role)!)));
  }

  async share(owner: string, count: number, values: BigUint64Array | null): Promise<Words> {
    this.#checkOwner(owner, values);
    if (values !== null && values.length !== count) throw new RangeError("as many values as declared");
    return new WordShares(values?.slice() ?? new BigUint64Array(count));
  }

  async shareBits(owner: string, count: number, values: Uint8Array | null): Promise<Bits> {
    this.#checkOwner(owner, values);
    return new BitShares(trimmed(values?.slice() ?? new Uint8Array(byteLength(count)), count), count);
  }

  async open(x: Words, to?: string): Promise<BigUint64Array | null> {
    const values = WordShares.valuesOf(x);
    const out = new BigUint64Array(x.length);
    for (const [from, end] of parts(x.length, PART.words)) {
      const own = await maskedWords(this.#pairs, values.subarray(from, end));
      const theirs = await exchanged(this.#pairs, "Shares", own, this.#told(to));
      if (theirs === null) continue;
      out.set(
        theirs.reduce((sum, part) => addWords(sum, wordsOf(part)), wordsOf(own)),
        from,
      );
    }
    return this.#told(to)(null) ? out : null;
  }

  async openBits(x: Bits, to?: string): Promise<Uint8Array | null> {
    const packed = BitShares.packedOf(x);
    const out = new Uint8Array(packed.length);
    for (const [from, end] of parts(packed.length, PART.bytes)) {
      const count = Math.min(8 * (end - from), x.length - 8 * from);
      const own = await maskedBits(this.#pairs, packed.subarray(from, end), count);
      const theirs = await exchanged(this.#pairs, "BitShares", own, this.#told(to));
      if (theirs === null) continue;
      const wrong = theirs.findIndex((part) => !isTrimmed(part, count));
      if (wrong >= 0)
        throw refused("range", "bits after the last are not 0", this.#pairs[wrong]!.two.joining.wire.party);
      out.set(
        theirs.reduce((sum, part) => xorBytes(sum, part), own),
        from,
      );
    }
    return this.#told(to)(null) ? out : null;
  }

  async multiply(x: Words, y: Words): Promise<Words> {
    const [a, b] = [WordShares.valuesOf(x), WordShares.valuesOf(y)];
    if (a.length !== b.length) throw new RangeError("factors of one length");
    return productOfPairs(this.#pairs, (two) => two.multiply(x, y), multiplyWords(a, b));
  }

  square(x: Words): Promise<Words> {
    const a = WordShares.valuesOf(x);
    return productOfPairs(this.#pairs, (two) => two.square(x), multiplyWords(a, a));
  }

  async multiplyMatrices(x: Words, y: Words, shape: MatrixShape): Promise<Words> {
    const [a, b] = [WordShares.valuesOf(x), WordShares.valuesOf(y)];
    const { rows, inner, columns } = shape;
    if (a.length !== rows * inner || b.length !== inner * columns) throw new RangeError("matrices of their shape");
    return productOfPairs(this.#pairs, (two) => two.multiplyMatrices(x, y, shape), matrixProduct(a, b, shape));
  }

  async and(x: Bits, y: Bits): Promise<Bits> {
    if (x.length !== y.length) throw new RangeError("factors of one length");
    const [a, b] = [BitShares.packedOf(x), BitShares.packedOf(y)];
    const out = new Uint8Array(a.length);
    for (const [from, to] of parts(a.length, PART.bytes))
      out.set((await andOfPairs(this.#pairs, a.subarray(from, to), b.subarray(from, to), null)).one, from);
    return new BitShares(trimmed(out, x.length), x.length);
  }

  /**
   * The carry into the top bit looked at, and both top ones. Of n shares without their low bits the sum may lack n - 1 carries, so that some bits more
   * are looked at than `dropped` leaves, and one more above, lest the least of words wrap.
   */
  async negative(x: Words, { width = WORD_BITS, dropped = 0 }: BitRange = {}): Promise<Bits> {
    if (width > WORD_BITS || dropped < 0 || dropped >= width - 1) throw new RangeError("bits of a word, two at least");
    const from = Math.max(0, dropped - this.#carryBits);
    const top = from === 0 ? width - 1 : Math.min(WORD_BITS - 1, width);
    return this.#bitsInParts(x, async (part, circuit) => {
      const [a, b] = await this.#addends(planesOf(part, from, top + 1 - from), top + 1 - from, circuit);
      const end = (top - from) * circuit.planeBytes;
      const carry = await carryOut(a.subarray(0, end), b.subarray(0, end), top - from, circuit);
      return xorBytes(carry, xorBytes(a.subarray(end), b.subarray(end)));
    });
  }

  /** a + b is 0 modulo 2^width if and only if each place of a XOR b is (a OR b) of the place below, and 0 in the lowest. */
  async isZero(x: Words, width: number = WORD_BITS): Promise<Bits> {
    if (width > WORD_BITS || width < 1) throw new RangeError("bits of a word");
    return this.#bitsInParts(x, async (part, circuit) => {
      const [a, b] = await this.#addends(planesOf(part, 0, width), width, circuit);
      const end = (width - 1) * circuit.planeBytes;
      const mixed = xorBytes(a, b);
      const either = xorBytes(await circuit.and(a.subarray(0, end), b.subarray(0, end)), mixed.subarray(0, end));
      const wrong = xorBytes(mixed, concat(circuit.zeros(circuit.planeBytes), either));
      return allSet(this.#place === 0 ? wrong.map((byte) => byte ^ 0xff) : wrong, width, circuit);
    });
  }

  toBits(x: Words, width: number): Promise<Bits> {
    return this.#sumBits(x, 0, width, 0);
  }

  pieces(x: Words, pieces: StraightPieces): Promise<Words> {
    const places = (words: Words, from: number, count: number): Promise<Bits> => {
      const below = Math.min(from, this.#carryBits);
      return this.#sumBits(words, from - below, count + below, below);
    };
    return straightPieces(this, { places, multiply: "bits" }, x, pieces);
  }

  async toWords(x: Bits): Promise<Words> {
    const ones = new BigUint64Array(x.length).fill(this.#place === 0 ? 1n : 0n);
    // Before its turn a party has no part of 1 - 2·v, but for the one that has the 1.
    return this.#chosen(x, ones, (place, turn) => place < turn);
  }

  async inject(bits: Bits, x: Words): Promise<Words> {
    if (bits.length !== x.length) throw new RangeError("a bit for each word");
    return this.#chosen(bits, WordShares.valuesOf(x), (place, turn) => place !== turn);
  }

  /**
   * For y = x + 2^63 + u, from 2^62 to 2^64 less 2^61, with shares y_i:
   *
   *   sum of floor(y_i / 2^f) = floor(y / 2^f) - carry + wrap·2^(64 - f)
   *
   * wrap, how often the shares' sum passes 2^64: that of their top t bits alone is less than n·2^(64 - t) below it, which is at most 2^62 where 2^t is 4·n,
   * so that it passes as often. carry, how often the low f bits pass 2^f: `down` counts it with all of them, and u = 0. `near` counts with the top t of
   * them: less than a quarter of 2^f below their sum, it may be one short where y is less than a quarter of 2^f above a multiple.
   * With u = 5/8·2^f it gives the integer below or the next: the nearest, but where x is within an eighth of the middle. With all of f <= t bits
   * and u = 1/2·2^f, the nearest.
   */
  async shift(x: Words, bits: number, rounding: "down" | "near"): Promise<Words> {
    const [f, t] = [BigInt(bits), BigInt(this.#countBits + WRAP_BITS)];
    const near = rounding === "near";
    const offset = near ? (f > t ? 5n << (f - 3n) : 1n << (f - 1n)) : 0n;
    const y = WordShares.valuesOf(this.addPublic(x, 2n ** 63n + offset));
    const [tops, lows] = [y.map((word) => word >> (64n - t)), y.map((word) => word & ((1n << f) - 1n))];
    const cut = f > t ? lows.map((word) => word >> (f - t)) : lows.map((word) => word << (t - f));
    const [wraps, carries] = near
      ? halves(await this.#overflows(joinWords([tops, cut]), Number(t)))
      : [await this.#overflows(tops, Number(t)), await this.#overflows(lows, bits)];
    const out = y.map((word, i) => (word >> f) + carries[i]! - BigInt.asUintN(64, wraps[i]! << (64n - f)));
    return this.addPublic(new WordShares(out), -(2n ** (63n - f)));
  }

  /** Shares of floor(sum of all parties' numbers / 2^width), which are below 2^width. */
  async #overflows(values: BigUint64Array, width: number): Promise<BigUint64Array> {
    const n = values.length;
    const carried = await this.#bitsOfPlanes(n, this.#countBits, async (from, to, circuit) => {
      const room = circuit.zeros(this.#countBits * circuit.planeBytes);
      const own = concat(planesOf(values.subarray(from, to), 0, width), room);
      const places = width + this.#countBits;
      const [a, b] = await this.#addends(own, places, circuit);
      return (await sumOf(a, b, places, circuit)).subarray(width * circuit.planeBytes);
    });
    const words = WordShares.valuesOf(await this.toWords(carried));
    const out = new BigUint64Array(n);
    for (let place = 0; place < this.#countBits; place++)
      for (let i = 0; i < n; i++) out[i] = out[i]! + BigInt.asUintN(64, words[place * n + i]! << BigInt(place));
    return out;
  }

  /** Places of the sum, without a carry from those below `from`; the first `skipped` are left out of the result. */
  #sumBits(x: Words, from: number, count: number, skipped: number): Promise<Bits> {
    const values = WordShares.valuesOf(x);
    return this.#bitsOfPlanes(x.length, count - skipped, async (start, end, circuit) => {
      const [a, b] = await this.#addends(planesOf(values.subarray(start, end), from, count), count, circuit);
      return (await sumOf(a, b, count, circuit)).subarray(skipped * circuit.planeBytes);
    });
  }

  /** Two shared numbers whose sum is that of all parties', each in planes. */
  #addends(own: Uint8Array, width: number, circuit: Circuit<Uint8Array>): Promise<readonly [Uint8Array, Uint8Array]> {
    const none = circuit.zeros(own.length);
    return twoAddends(
      this.roles.map((_, place) => (place === this.#place ? own : none)),
      width,
      circuit,
    );
  }

  /** Shares of bit·x: one party after the other takes its bit, from all that `give`. */
  async #chosen(bits: Bits, x: BigUint64Array, give: (place: number, turn: number) => boolean): Promise<Words> {
    const packed = BitShares.packedOf(bits);
    const out = new BigUint64Array(x.length);
    for (const [from, to] of parts(x.length, PART.words)) {
      const [own, word] = [packed.subarray(from / 8, byteLength(to)), x.subarray(from, to)];
      let taken: BigUint64Array = new BigUint64Array(to - from);
      for (let turn = 0; turn < this.roles.length; turn++) {
        const rest = subtractWords(word, addWords(taken, taken));
        taken = (await this.#turn(turn, own, rest, give)).reduce((sum, part) => addWords(sum, part), taken);
      }
      out.set(taken, from);
    }
    return new WordShares(out);
  }

  /** Own shares of bit·rest, of the bits of the party whose turn it is. */
  async #turn(
    turn: number,
    bits: Uint8Array,
    rest: BigUint64Array,
    give: (place: number, turn: number) => boolean,
  ): Promise<BigUint64Array[]> {
    const count = rest.length;
    if (turn === this.#place) {
      const givers = this.#pairs.filter(({ role }) => give(this.roles.indexOf(role), turn));
      const got = givers.map(({ two }) => bitsTimesWords({ bits }, count, two.joining));
      return [keptWhere(bits, rest), ...(await Promise.all(got))];
    }
    if (!give(this.#place, turn)) return [];
    const { two } = this.#pairs.find(({ role }) => role === this.roles[turn])!;
    return [await bitsTimesWords({ words: rest }, count, two.joining)];
  }

  /** Bits that count the parties: a number below theirs. */
  get #countBits(): number {
    return Math.ceil(Math.log2(this.roles.length));
  }

  /** Bits for the carries that shares' low bits may lack. */
  get #carryBits(): number {
    return Math.ceil(Math.log2(this.roles.length - 1));
  }

  #told(to: string | undefined): (role: string | null) => boolean {
    return (role) => to === undefined || to === (role ?? this.self);
  }

  #checkOwner(owner: string, values: unknown): void {
    if ((owner === this.self) !== (values !== null)) throw new TypeError("the owner gives the values, others none");
  }

  #circuit(count: number): Circuit<Uint8Array> {
    return {
      planeBytes: byteLength(count),
      xor: xorBytes,
      cut: (x, from, to) => x.subarray(from, to),
      join: (parts) => concat(...parts),
      zeros: (length) => new Uint8Array(length),
      and: async (x, y) => (await andOfPairs(this.#pairs, x, y, null)).one,
      andBoth: async (x, y, yToo) => {
        const { one, too } = await andOfPairs(this.#pairs, x, y, yToo);
        return [one, too];
      },
    };
  }

  #bitsInParts(
    x: Words,
    run: (part: BigUint64Array, circuit: Circuit<Uint8Array>) => Promise<Uint8Array>,
  ): Promise<Bits> {
    const values = WordShares.valuesOf(x);
    return this.#bitsOfPlanes(x.length, 1, (from, to, circuit) => run(values.subarray(from, to), circuit));
  }

  /** So many planes of each part, joined to all bits of the first plane, then all of the second. */
  async #bitsOfPlanes(
    length: number,
    count: number,
    run: (from: number, to: number, circuit: Circuit<Uint8Array>) => Promise<Uint8Array>,
  ): Promise<Bits> {
    const places: { bits: Uint8Array; count: number }[][] = Array.from({ length: count }, () => []);
    for (const [from, to] of parts(length, PART.comparisons)) {
      const [planes, n] = [await run(from, to, this.#circuit(to - from)), byteLength(to - from)];
      for (const [place, parts] of places.entries())
        parts.push({ bits: trimmed(planes.slice(place * n, (place + 1) * n), to - from), count: to - from });
    }
    return new BitShares(joinBits(places.flat()), count * length);
  }
}

function halves(words: BigUint64Array): readonly [BigUint64Array, BigUint64Array] {
  return [words.subarray(0, words.length / 2), words.subarray(words.length / 2)];
}
