/**
 * Two parties compute on numbers that neither of them sees.
 *
 * Goldreich, Micali, Wigderson, "How to Play any Mental Game", STOC 1987, in the form of Demmler, Schneider, Zohner, "ABY", NDSS
 * 2015, with the comparisons of Rathee et al., "CrypTFlow2", CCS 2020, and Huang, Lu, Hong, Ding, "Cheetah", USENIX Security 2022.
 *
 * A word is the sum of two shares modulo 2^64, a bit the XOR of two. Sums and public factors are local. Products use triples
 * (Beaver, CRYPTO 1991) from oblivious transfer (gilboa.ts), ANDs bit triples (joining.ts); comparing.ts compares, choosing.ts turns
 * bits to words. Nobody deals randomness.
 *
 * Learns: what the program opens, to whom it opens it, and the program with its shapes; nothing else. Adversary: semi-honest,
 * one of the two. Assumptions: those of `oblivious-transfer/softspoken`, over a slow link of
 * `oblivious-transfer/silent`. A party that departs from the protocol can make
 * results wrong, and through what is opened then learn more; what is malformed, of another length or not canonical
 * is refused. Input is shared as (value, 0): opening z = z_0 + z_1 tells the second z_0 = z - z_1, which it can compute from z and
 * its own share whatever that is, so no mask is needed between two parties.
 *
 * Deviations: word triples have their masks from 64-bit ends of random transfers, cut to whole bytes; both sides make the
 * tables of half of all comparisons; AND pairs as described in correlations.ts. Vectors go in parts, for bounded memory.
 * Rounds and bytes: README.md; a dry run counts those of a program (dry.ts).
 */
import type { Secrets } from "@tombolo/base";
import type { Backend, BitRange, Bits, MatrixShape, StraightPieces, Words } from "../backend.ts";
import { parts } from "../parts.ts";
import { sumBits } from "./adding.ts";
import { Background } from "./background.ts";
import { bitsAsWords, chosenWords } from "./choosing.ts";
import { carries, equals, signs } from "./comparing.ts";
import { Correlations, type Counts, difference, type ProductSource } from "./correlations.ts";
import { withDigits } from "./digit-transfers.ts";
import { andPairs, type Joining } from "./joining.ts";
import { LocalAdditive } from "./local.ts";
import { bitsOfWords, byteLength, bytesOf, isTrimmed, joinBits, trimmed, wordsOf, xorBytes } from "./packed.ts";
import { productSource } from "./products.ts";
import { addWords, joinWords, matrixProduct, multiplyWords, subtractWords } from "./ring.ts";
import { BitShares, WordShares } from "./shares.ts";
import { slotCipher } from "./slot-cipher.ts";
import { straightPieces } from "./straight-pieces.ts";
import { type Link, transferSource } from "./transfers.ts";
import { laneOf, peerWire, type Role, refused, type TwoPartyPeer, type Wire } from "./wire.ts";

/** Elements worked on at once: the rest waits its turn. */
const PART = { words: 2 ** 17, comparisons: 2 ** 16, bits: 2 ** 20 } as const;
/** For fewer parts another lane is not worth its set-up. */
const PARTS_AHEAD_MIN = 2;
const WORD_BITS = 64;
const TOP = WORD_BITS - 1;
const RANGE_BITS = 62n;

export interface TwoPartyOptions {
  readonly secrets: Secrets;
  /** Another source of products, for one party and the other alike. Default: products.ts. */
  readonly products?: (wire: Wire) => ProductSource;
  /** Which transfers to make, for one party and the other alike. Default: fast. */
  readonly link?: Link;
  /** In how many such computations of a task either party is with all others, who may pool what they see. Default: this one alone. */
  readonly pairs?: number;
  /** On a further lane of the session correlations are made while the program runs; for one party and the other alike. Default: no lane. */
  readonly background?: boolean;
}

/** Sets up both directions of transfers. The partner must do the same. */
export async function twoParty(end: TwoPartyPeer, options: TwoPartyOptions): Promise<TwoParty> {
  const { wire, source, products } = await sourcesOf(end, options);
  const open = async (): Promise<Correlations> => {
    const further = await sourcesOf(await laneOf(end), options);
    return new Correlations(further.source, further.products);
  };
  const background = options.background === true ? new Background({ open, signal: end.peer.signal }) : null;
  return new TwoParty(wire, new Correlations(source, products, background), options.secrets, background);
}

/** What a lane makes correlations from. Each releases its part of what a task may. */
async function sourcesOf(end: TwoPartyPeer, { secrets, link = "fast", ...options }: TwoPartyOptions) {
  const wire = peerWire(end);
  const pairwise = await transferSource(end, secrets, link);
  const source = link === "fast" ? await withDigits(pairwise, wire, secrets) : pairwise;
  const lanes = options.background === true ? 2 : 1;
  const cipher = slotCipher(secrets, lanes * (options.pairs ?? 1));
  const products =
    options.products?.(wire) ?? productSource({ source, wire, secrets, binding: end.peer.binding, cipher });
  return { wire, source, products };
}

export class TwoParty extends LocalAdditive implements Backend {
  readonly roles = ["first", "second"] as const;
  readonly self: Role;
  readonly #wire: Wire;
  readonly #secrets: Secrets;
  readonly #correlations: Correlations;
  readonly #background: Background | null;

  constructor(wire: Wire, correlations: Correlations, secrets: Secrets, background: Background | null = null) {
    super(wire.role === "first");
    this.self = wire.role;
    this.#wire = wire;
    this.#secrets = secrets;
    this.#correlations = correlations;
    this.#background = background;
  }

  get used(): Counts {
    return this.#correlations.used;
  }

  /** Makes correlations ahead of need, as many as a dry run counted. */
  prepare(counts: Counts): Promise<void> {
    return this.#correlations.prepare(counts);
  }

  /**
   * What the next steps will use up, one after another: made in the background while they run, where there is one. Both parties say
   * the same. What they use beyond it is made as it is needed.
   */
  foresee(steps: readonly Counts[]): void {
    this.#background?.plan(steps);
  }

  /** No step follows: the background ends, at the same place at both parties. */
  async finish(): Promise<void> {
    await this.#background?.finish();
  }

  async share(owner: string, count: number, values: BigUint64Array | null): Promise<Words> {
    if ((owner === this.self) !== (values !== null)) throw new TypeError("the owner gives the values, the other none");
    if (values !== null && values.length !== count) throw new RangeError("as many values as declared");
    return new WordShares(values?.slice() ?? new BigUint64Array(count));
  }

  async shareBits(owner: string, count: number, values: Uint8Array | null): Promise<Bits> {
    if ((owner === this.self) !== (values !== null)) throw new TypeError("the owner gives the values, the other none");
    return new BitShares(trimmed(values?.slice() ?? new Uint8Array(byteLength(count)), count), count);
  }

  async open(x: Words, to?: string): Promise<BigUint64Array | null> {
    const values = WordShares.valuesOf(x);
    const out = new BigUint64Array(x.length);
    for (const [from, end] of parts(x.length, PART.words)) {
      const own = values.subarray(from, end);
      const theirs = await this.#wire.exchange(
        "Shares",
        to === this.self ? NONE : bytesOf(own),
        to === undefined || to === this.self ? 8 * own.length : 0,
      );
      if (theirs.length > 0) out.set(addWords(own, wordsOf(theirs)), from);
    }
    return to === undefined || to === this.self ? out : null;
  }

  async openBits(x: Bits, to?: string): Promise<Uint8Array | null> {
    const own = BitShares.packedOf(x);
    const out = new Uint8Array(own.length);
    for (const [from, end] of parts(own.length, PART.bits)) {
      const theirs = await this.#wire.exchange(
        "BitShares",
        to === this.self ? NONE : own.subarray(from, end),
        to === undefined || to === this.self ? end - from : 0,
      );
      if (theirs.length > 0) out.set(xorBytes(own.subarray(from, end), theirs), from);
    }
    if (to !== undefined && to !== this.self) return null;
    if (!isTrimmed(out, x.length)) throw refused("range", "bits after the last are not 0", this.#wire.party);
    return out;
  }

  async multiply(x: Words, y: Words): Promise<Words> {
    const [all, allToo] = [WordShares.valuesOf(x), WordShares.valuesOf(y)];
    if (all.length !== allToo.length) throw new RangeError("factors of one length");
    return this.#wordsInParts(x.length, PART.words, async (from, to) => {
      const { a, b, c } = await this.#correlations.triples(to - from);
      const own = joinWords([subtractWords(all.subarray(from, to), a), subtractWords(allToo.subarray(from, to), b)]);
      const opened = await this.#openMasked(own);
      const [d, e] = [opened.subarray(0, to - from), opened.subarray(to - from)]; // x - a, y - b
      const out = addWords(c, addWords(multiplyWords(d, b), multiplyWords(e, a)));
      return this.self === "first" ? addWords(out, multiplyWords(d, e)) : out;
    });
  }

  async square(x: Words): Promise<Words> {
    const all = WordShares.valuesOf(x);
    return this.#wordsInParts(x.length, PART.words, async (from, to) => {
      const { a, c } = await this.#correlations.squares(to - from);
      const d = await this.#openMasked(subtractWords(all.subarray(from, to), a)); // x - a
      const twice = multiplyWords(d, addWords(a, a));
      const out = addWords(c, twice);
      return this.self === "first" ? addWords(out, multiplyWords(d, d)) : out;
    });
  }

  async multiplyMatrices(x: Words, y: Words, shape: MatrixShape): Promise<Words> {
    const [own, ownToo] = [WordShares.valuesOf(x), WordShares.valuesOf(y)];
    const { rows, inner, columns } = shape;
    if (own.length !== rows * inner || ownToo.length !== inner * columns)
      throw new RangeError("matrices of their shape");
    const { a, b, c } = await this.#correlations.matrixTriple(shape);
    const [d, e] = [await this.#openMasked(subtractWords(own, a)), await this.#openMasked(subtractWords(ownToo, b))];
    const out = addWords(c, addWords(matrixProduct(d, b, shape), matrixProduct(a, e, shape)));
    return new WordShares(this.self === "first" ? addWords(out, matrixProduct(d, e, shape)) : out);
  }

  async and(x: Bits, y: Bits): Promise<Bits> {
    if (x.length !== y.length) throw new RangeError("factors of one length");
    const [own, ownToo] = [BitShares.packedOf(x), BitShares.packedOf(y)];
    const out = new Uint8Array(own.length);
    await this.#inParts(own.length, PART.bits / 8, async (from, to) =>
      out.set((await andPairs(own.subarray(from, to), ownToo.subarray(from, to), null, this.joining)).one, from),
    );
    return new BitShares(trimmed(out, x.length), x.length);
  }

  async negative(x: Words, range: BitRange = {}): Promise<Bits> {
    const [values, looked] = [WordShares.valuesOf(x), checkedRange(range)];
    return this.#bitsInParts(
      x.length,
      async (from, to) => (await signs(values.subarray(from, to), [0n], looked, this.#comparing))[0]!,
    );
  }

  /** x + x' = 0 if and only if x = -x'; modulo 2^width nothing else within 2^width - 1 of 0 is 0. */
  async isZero(x: Words, width: number = WORD_BITS): Promise<Bits> {
    if (width > WORD_BITS || width < 1) throw new RangeError("bits of a word");
    const values = WordShares.valuesOf(x);
    const own = this.self === "first" ? values : subtractWords(new BigUint64Array(values.length), values);
    return this.#bitsInParts(x.length, (from, to) => equals(own.subarray(from, to), width, this.#comparing));
  }

  async toBits(x: Words, width: number): Promise<Bits> {
    const values = WordShares.valuesOf(x);
    const places: { bits: Uint8Array; count: number }[][] = Array.from({ length: width }, () => []);
    await this.#inParts(x.length, PART.comparisons, async (from, to) => {
      const bits = await sumBits(values.subarray(from, to), width, this.joining);
      const n = byteLength(to - from);
      for (let place = 0; place < width; place++) {
        const here = trimmed(bits.slice(place * n, (place + 1) * n), to - from);
        places[place]!.push({ bits: here, count: to - from });
      }
    });
    return new BitShares(joinBits(places.flat()), width * x.length);
  }

  async toWords(x: Bits): Promise<Words> {
    const packed = BitShares.packedOf(x);
    return this.#wordsInParts(x.length, PART.words, (from, to) =>
      bitsAsWords(packed.subarray(from / 8, byteLength(to)), to - from, -2n, this.joining),
    );
  }

  async inject(bits: Bits, x: Words): Promise<Words> {
    if (bits.length !== x.length) throw new RangeError("a bit for each word");
    const [packed, values] = [BitShares.packedOf(bits), WordShares.valuesOf(x)];
    return this.#wordsInParts(x.length, PART.words, (from, to) =>
      chosenWords(packed.subarray(from / 8, byteLength(to)), values.subarray(from, to), this.joining),
    );
  }

  /**
   * Cheetah, section 4.2 ("truncation with a known top bit"). For y = x + 2^62 below 2^63 with shares y_0, y_1:
   *
   *   floor(y_0 / 2^f) + floor(y_1 / 2^f) = floor(y / 2^f) - carry + wrap·2^(64 - f)
   *
   * wrap, whether the shares' sum passes 2^64, is whether one of their top bits is set, since that of y is not: an "or" of two
   * private bits. carry, whether the sum of the low f bits passes 2^f, is 0 or 1: `down` computes and adds it, `near` adds 1, and so
   * gives the integer below or the next. Local truncation (SecureML) leaves out wrap, and is wrong by 2^(64 - f) now and then.
   */
  async shift(x: Words, bits: number, rounding: "down" | "near"): Promise<Words> {
    const values = WordShares.valuesOf(x);
    const [f, leading] = [BigInt(bits), this.self === "first"];
    const out = await this.#wordsInParts(x.length, PART.words, async (from, to) => {
      const y = values.subarray(from, to).slice();
      if (leading) for (let i = 0; i < y.length; i++) y[i] = BigInt.asUintN(64, y[i]! + 2n ** RANGE_BITS);
      const wrap = await bitsAsWords(bitsOfWords(y, TOP), y.length, -1n, this.joining);
      const offset = leading ? 2n ** (RANGE_BITS - f) - (rounding === "near" ? 1n : 0n) : 0n;
      const factor = 2n ** (64n - f);
      for (let i = 0; i < y.length; i++)
        y[i] = BigInt.asUintN(64, (y[i]! >> f) - BigInt.asUintN(64, wrap[i]! * factor) - offset);
      return y;
    });
    if (rounding === "near") return out;
    // 2^62 has no low bits to carry: those of x are those of y.
    const carry = await this.#bitsInParts(x.length, (from, to) =>
      carries(values.subarray(from, to), bits, this.#comparing),
    );
    return this.add(out, await this.toWords(carry));
  }

  pieces(x: Words, pieces: StraightPieces): Promise<Words> {
    const values = WordShares.valuesOf(x);
    return this.#wordsInParts(x.length, PART.comparisons, (from, to) =>
      straightPieces(values.subarray(from, to), pieces, this.#comparing),
    );
  }

  /** What steps are made with that are no operation of this face: those of several parties are steps between pairs. */
  get joining(): Joining {
    return { wire: this.#wire, correlations: this.#correlations };
  }

  get #comparing() {
    return { wire: this.#wire, correlations: this.#correlations, secrets: this.#secrets };
  }

  async #openMasked(own: BigUint64Array): Promise<BigUint64Array> {
    const out = new BigUint64Array(own.length);
    for (const [from, to] of parts(own.length, 2 * PART.words)) {
      const here = own.subarray(from, to);
      out.set(addWords(here, wordsOf(await this.#wire.exchange("Masked", bytesOf(here), 8 * here.length))), from);
    }
    return out;
  }

  async #wordsInParts(
    length: number,
    size: number,
    run: (from: number, to: number) => Promise<BigUint64Array>,
  ): Promise<Words> {
    const out = new BigUint64Array(length);
    await this.#inParts(length, size, async (from, to) => out.set(await run(from, to), from));
    return new WordShares(out);
  }

  async #bitsInParts(length: number, run: (from: number, to: number) => Promise<Uint8Array>): Promise<Bits> {
    const out = new Uint8Array(byteLength(length));
    await this.#inParts(length, PART.comparisons, async (from, to) => out.set(await run(from, to), from / 8));
    return new BitShares(trimmed(out, length), length);
  }

  /** What the first part used up the other whole ones will: where nothing else is foreseen, it is made while they are computed. */
  async #inParts(length: number, size: number, run: (from: number, to: number) => Promise<void>): Promise<void> {
    const background = this.#background?.idle === true ? this.#background : null;
    const before = this.used;
    for (const [from, to] of parts(length, size)) {
      await run(from, to);
      const more = Math.floor(length / size) - 1;
      if (from === 0 && more >= PARTS_AHEAD_MIN)
        background?.plan(new Array<Counts>(more).fill(difference(this.used, before)));
    }
  }
}

const NONE = new Uint8Array(0);

function checkedRange({ width = WORD_BITS, dropped = 0 }: BitRange): Required<BitRange> {
  if (width > WORD_BITS || dropped < 0 || dropped >= width - 1) throw new RangeError("bits of a word, two at least");
  return { width, dropped };
}
