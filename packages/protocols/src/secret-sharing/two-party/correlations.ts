/**
 * What two-party computing uses up: random transfers cut to the size they are needed in, and triples made of them. Made
 * when asked for, or ahead of it by `prepare`; given out once.
 *
 * - Bit triples: shares of b and a pair a, a', with c = a·b and c' = a'·b. Of the transfer in which this party is the
 *   receiver, its choice is its share of b; of the other one, two bits of the keys' difference are its shares of a and a'
 *   (Asharov, Lindell, Schneider, Zohner, CCS 2013). Two transfers, one each way.
 * - Word triples and squares: gilboa.ts, or another source (`ProductSource`).
 */
import { discard } from "@tombolo/base";
import { keyWords } from "../../oblivious-transfer/one-of-sixteen/index.ts";
import type { MatrixShape } from "../backend.ts";
import { bitsOfHalves, wordsOf, xorBytes } from "./packed.ts";
import { Stock } from "./stock.ts";
import { PART_TRANSFERS, type TransferSource } from "./transfers.ts";

/** Of each key 32 bits, for tables of digits, or 64. */
export type Sent<Words extends Uint32Array | BigUint64Array> = { readonly zero: Words; readonly one: Words };
export type Received<Words extends Uint32Array | BigUint64Array> = {
  readonly choices: Uint8Array;
  readonly chosen: Words;
};

/** Packed shares. */
export type BitTriples = {
  readonly b: Uint8Array;
  readonly a: Uint8Array;
  readonly aToo: Uint8Array;
  readonly c: Uint8Array;
  readonly cToo: Uint8Array;
};

/** Shares of a·b = c. */
export type Triples = { readonly a: BigUint64Array; readonly b: BigUint64Array; readonly c: BigUint64Array };
/** Shares of a^2 = c. */
export type Squares = { readonly a: BigUint64Array; readonly c: BigUint64Array };

/** Makes products of random words: by transfers (gilboa.ts), or by anything else that gives both parties such shares. */
export interface ProductSource {
  triples(count: number): Promise<Triples>;
  squares(count: number): Promise<Squares>;
  /** a: rows × inner, b: inner × columns, c = a·b. */
  matrixTriple(shape: MatrixShape): Promise<Triples>;
}

/** How much of each is used up. Sent and received as this party sees it. */
export interface Counts {
  /** Transfers for tables of digits, and others. */
  readonly narrowSent: number;
  readonly narrowReceived: number;
  readonly wideSent: number;
  readonly wideReceived: number;
  readonly bitTriples: number;
  readonly triples: number;
  readonly squares: number;
  /** Elements a·b of matrix triples: rows·inner·columns. */
  readonly matrixProducts: number;
}

/** What `prepare` makes at most: memory for what waits. */
const PREPARED_BYTES_MAX = 2 ** 28;
/** Of both sides together where the two differ. */
const BYTES = { narrow: 13, wide: 25, bitTriples: 1, triples: 24, squares: 16 } as const;

export class Correlations {
  readonly #source: TransferSource;
  readonly #products: ProductSource;
  readonly #narrow: BothWays<Uint32Array>;
  readonly #wide: BothWays<BigUint64Array>;
  readonly #bitTriples = new Stock<BitTriples>({ b: NONE, a: NONE, aToo: NONE, c: NONE, cToo: NONE });
  readonly #triples = new Stock<Triples>({ a: NO_WORDS, b: NO_WORDS, c: NO_WORDS });
  readonly #squares = new Stock<Squares>({ a: NO_WORDS, c: NO_WORDS });
  readonly #used = { bitTriples: 0, triples: 0, squares: 0, matrixProducts: 0 };

  constructor(source: TransferSource, products: ProductSource) {
    this.#source = source;
    this.#products = products;
    this.#narrow = new BothWays(source, keyWords, new Uint32Array(0));
    this.#wide = new BothWays(source, wideKeys, NO_WORDS);
  }

  /** So far. */
  get used(): Counts {
    const [narrow, wide] = [this.#narrow.used, this.#wide.used];
    return {
      narrowSent: narrow.sent,
      narrowReceived: narrow.received,
      wideSent: wide.sent,
      wideReceived: wide.received,
      ...this.#used,
    };
  }

  /** Makes ahead what `counts` says, each kind as far as memory allows; both parties must ask for the same. */
  async prepare(counts: Counts): Promise<void> {
    let room = PREPARED_BYTES_MAX;
    const fits = (count: number, bytes: number): boolean => {
      if (count * bytes > room) return false;
      room -= count * bytes;
      return true;
    };
    if (fits(counts.triples, BYTES.triples)) await this.#haveTriples(rounded(counts.triples));
    if (fits(counts.squares, BYTES.squares)) await this.#haveSquares(rounded(counts.squares));
    if (fits(counts.wideSent + counts.wideReceived, BYTES.wide))
      await this.#wide.have(counts.wideSent, counts.wideReceived);
    if (fits(counts.bitTriples, BYTES.bitTriples)) await this.#haveBitTriples(rounded(counts.bitTriples));
    if (fits(counts.narrowSent + counts.narrowReceived, BYTES.narrow))
      await this.#narrow.have(counts.narrowSent, counts.narrowReceived);
  }

  /** For tables of digits; multiples of eight. */
  narrow(sent: number, received: number): Promise<{ sent: Sent<Uint32Array>; received: Received<Uint32Array> }> {
    return this.#narrow.take(sent, received);
  }

  wide(sent: number, received: number): Promise<{ sent: Sent<BigUint64Array>; received: Received<BigUint64Array> }> {
    return this.#wide.take(sent, received);
  }

  async bitTriples(count: number): Promise<BitTriples> {
    await this.#haveBitTriples(count);
    this.#used.bitTriples += count;
    return this.#bitTriples.take(count);
  }

  async triples(count: number): Promise<Triples> {
    await this.#haveTriples(rounded(count));
    this.#used.triples += rounded(count);
    const { a, b, c } = this.#triples.take(rounded(count));
    return { a: a.subarray(0, count), b: b.subarray(0, count), c: c.subarray(0, count) };
  }

  async squares(count: number): Promise<Squares> {
    await this.#haveSquares(rounded(count));
    this.#used.squares += rounded(count);
    const { a, c } = this.#squares.take(rounded(count));
    return { a: a.subarray(0, count), c: c.subarray(0, count) };
  }

  async matrixTriple(shape: MatrixShape): Promise<Triples> {
    this.#used.matrixProducts += shape.rows * shape.inner * shape.columns;
    return this.#products.matrixTriple(shape);
  }

  async #haveBitTriples(count: number): Promise<void> {
    for (let missing = count - this.#bitTriples.available; missing > 0; missing -= PART_TRANSFERS) {
      const here = Math.min(PART_TRANSFERS, missing);
      const { sent, received } = await this.#source.random(here, here);
      const zero = keyWords(sent.zero);
      const difference = keyWords(sent.one);
      for (let i = 0; i < here; i++) difference[i] = difference[i]! ^ zero[i]!;
      const chosen = keyWords(received.keys);
      discard(sent.zero, sent.one, received.keys);
      const b = received.choices;
      const side = (place: number): { a: Uint8Array; c: Uint8Array } => {
        const a = bitsOfHalves(difference, place);
        const c = xorBytes(bitsOfHalves(zero, place), bitsOfHalves(chosen, place)); // a·b' + a'·b, shared
        for (let i = 0; i < c.length; i++) c[i] = c[i]! ^ (a[i]! & b[i]!);
        return { a, c };
      };
      const [one, too] = [side(0), side(1)];
      this.#bitTriples.put({ b, a: one.a, c: one.c, aToo: too.a, cToo: too.c }, here);
    }
  }

  async #haveTriples(count: number): Promise<void> {
    const missing = count - this.#triples.available;
    if (missing > 0) this.#triples.put(await this.#products.triples(missing), missing);
  }

  async #haveSquares(count: number): Promise<void> {
    const missing = count - this.#squares.available;
    if (missing > 0) this.#squares.put(await this.#products.squares(missing), missing);
  }
}

/** Transfers each way, of whose keys some words are kept. */
class BothWays<W extends Uint32Array | BigUint64Array> {
  readonly #source: TransferSource;
  readonly #shorten: (keys: Uint8Array) => W;
  readonly #sent: Stock<Sent<W>>;
  readonly #received: Stock<Received<W>>;
  readonly used = { sent: 0, received: 0 };

  constructor(source: TransferSource, shorten: (keys: Uint8Array) => W, empty: W) {
    this.#source = source;
    this.#shorten = shorten;
    this.#sent = new Stock<Sent<W>>({ zero: empty, one: empty });
    this.#received = new Stock<Received<W>>({ choices: NONE, chosen: empty });
  }

  async take(sent: number, received: number): Promise<{ readonly sent: Sent<W>; readonly received: Received<W> }> {
    await this.have(sent, received);
    this.used.sent += sent;
    this.used.received += received;
    return { sent: this.#sent.take(sent), received: this.#received.take(received) };
  }

  async have(sent: number, received: number): Promise<void> {
    let [own, theirs] = [sent - this.#sent.available, received - this.#received.available];
    while (own > 0 || theirs > 0) {
      const [out, in_] = [Math.min(PART_TRANSFERS, Math.max(0, own)), Math.min(PART_TRANSFERS, Math.max(0, theirs))];
      const made = await this.#source.random(out, in_);
      this.#sent.put({ zero: this.#shorten(made.sent.zero), one: this.#shorten(made.sent.one) }, out);
      this.#received.put({ choices: made.received.choices, chosen: this.#shorten(made.received.keys) }, in_);
      discard(made.sent.zero, made.sent.one, made.received.keys);
      own -= out;
      theirs -= in_;
    }
  }
}

/** The first eight bytes of each 16-byte key. */
function wideKeys(keys: Uint8Array): BigUint64Array {
  const words = wordsOf(keys);
  const out = new BigUint64Array(words.length / 2);
  for (let i = 0; i < out.length; i++) out[i] = words[2 * i]!;
  return out;
}

const rounded = (count: number): number => 8 * Math.ceil(count / 8);
const NONE = new Uint8Array(0);
const NO_WORDS = new BigUint64Array(0);
