/**
 * What two-party computing uses up: random transfers cut to the size they are needed in, and triples made of them. Made
 * when asked for, or ahead of it by `prepare`; given out once.
 *
 * - Bit triples: shares of b and a pair a, a', with c = a·b and c' = a'·b. Of the transfer in which this party is the
 *   receiver, its choice is its share of b; of the other one, two bits of the keys' difference are its shares of a and a'
 *   (Asharov, Lindell, Schneider, Zohner, CCS 2013). Two transfers, one each way.
 * - Word triples and squares: products.ts, or another source (`ProductSource`).
 */
import type { KeyForm } from "@tombolo/crypto";
import type { MatrixShape } from "../backend.ts";
import type { Background, Taken } from "./background.ts";
import { byCut, CUTS, type Cut, EMPTY, FORMS, HELD_BYTES } from "./forms.ts";
import { inWords, xorBytes } from "./packed.ts";
import { type Columns, joined, Stock } from "./stock.ts";
import { keptBytes, PART_TRANSFERS, type TransferSource } from "./transfers.ts";

export type { Cut } from "./forms.ts";

/** Transfers as this party sees them. */
export interface Ways {
  readonly sent: number;
  readonly received: number;
}

/** What is kept of each eight of them is as long, whatever their number. */
export type SentColumns = { readonly [vector: string]: Uint8Array };
export type ReceivedColumns = { readonly choices: Uint8Array; readonly kept: Uint8Array };
export interface TakenTransfers {
  readonly sent: SentColumns;
  readonly received: ReceivedColumns;
}

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

/** Makes products of random words, as many as asked for at least: see products.ts; or anything else that gives both parties such shares. */
export interface ProductSource {
  triples(count: number): Promise<Triples>;
  squares(count: number): Promise<Squares>;
  /** a: rows × inner, b: inner × columns, c = a·b. */
  matrixTriple(shape: MatrixShape): Promise<Triples>;
}

/** How much of each is used up. */
export interface Counts {
  readonly transfers: Readonly<Record<Cut, Ways>>;
  readonly bitTriples: number;
  readonly triples: number;
  readonly squares: number;
  /** Elements a·b of matrix triples: rows·inner·columns. */
  readonly matrixProducts: number;
}

/** What was used up between one count and a later one. */
export const difference = (after: Counts, before: Counts): Counts => ({
  transfers: byCut((cut) => ({
    sent: after.transfers[cut].sent - before.transfers[cut].sent,
    received: after.transfers[cut].received - before.transfers[cut].received,
  })),
  bitTriples: after.bitTriples - before.bitTriples,
  triples: after.triples - before.triples,
  squares: after.squares - before.squares,
  matrixProducts: after.matrixProducts - before.matrixProducts,
});

/** What is used up, made where it is not there yet. Transfers in multiples of eight. */
export interface Supply {
  transfers(cut: Cut, sent: number, received: number): Promise<TakenTransfers>;
  bitTriples(count: number): Promise<BitTriples>;
  triples(count: number): Promise<Triples>;
  squares(count: number): Promise<Squares>;
}

/** What `prepare` makes at most: memory for what waits. */
const PREPARED_BYTES_MAX = 2 ** 28;
/** Made at once: of their transfers half a byte each is kept. */
const PART_BIT_TRIPLES = 2 * PART_TRANSFERS;

export class Correlations implements Supply {
  readonly #source: TransferSource;
  readonly #products: ProductSource;
  readonly #transfers: Readonly<Record<Cut, BothWays>>;
  readonly #background: Background | null;
  readonly #bitTriples = new Stock<BitTriples>(EMPTY.bitTriples);
  readonly #triples = new Stock<Triples>(EMPTY.triples);
  readonly #squares = new Stock<Squares>(EMPTY.squares);
  readonly #used = { bitTriples: 0, triples: 0, squares: 0, matrixProducts: 0 };

  constructor(source: TransferSource, products: ProductSource, background: Background | null = null) {
    this.#source = source;
    this.#products = products;
    this.#background = background;
    this.#transfers = byCut((cut) => new BothWays(source, cut, background));
  }

  /** So far. */
  get used(): Counts {
    return { transfers: byCut((cut) => ({ ...this.#transfers[cut].used })), ...this.#used };
  }

  /** Makes ahead what `counts` says, each kind as far as memory allows; both parties must ask for the same. */
  async prepare(counts: Counts): Promise<void> {
    let room = PREPARED_BYTES_MAX;
    const fits = (bytes: number): boolean => {
      if (bytes > room) return false;
      room -= bytes;
      return true;
    };
    if (fits(counts.triples * HELD_BYTES.triples)) await this.#haveTriples(rounded(counts.triples));
    if (fits(counts.squares * HELD_BYTES.squares)) await this.#haveSquares(rounded(counts.squares));
    if (fits(counts.bitTriples * HELD_BYTES.bitTriples)) await this.#haveBitTriples(rounded(counts.bitTriples));
    for (const cut of CUTS) {
      const { sent, received } = counts.transfers[cut];
      const bytes = keptBytes(FORMS[cut]);
      // The larger of both ends, so that both parties come to the same.
      if (fits(((sent + received) * (bytes.sent + bytes.received + 1)) / 8))
        await this.#transfers[cut].have(sent, received);
    }
  }

  /** Multiples of eight. */
  transfers(cut: Cut, sent: number, received: number): Promise<TakenTransfers> {
    return this.#transfers[cut].take(sent, received);
  }

  bitTriples(count: number): Promise<BitTriples> {
    this.#used.bitTriples += count;
    return withRest(this.#background?.bitTriples(count), count, async (rest) => {
      await this.#haveBitTriples(rest);
      return this.#bitTriples.take(rest);
    });
  }

  async triples(count: number): Promise<Triples> {
    this.#used.triples += rounded(count);
    const { a, b, c } = await withRest(this.#background?.triples(rounded(count)), rounded(count), async (rest) => {
      await this.#haveTriples(rest);
      return this.#triples.take(rest);
    });
    return { a: a.subarray(0, count), b: b.subarray(0, count), c: c.subarray(0, count) };
  }

  async squares(count: number): Promise<Squares> {
    this.#used.squares += rounded(count);
    const { a, c } = await withRest(this.#background?.squares(rounded(count)), rounded(count), async (rest) => {
      await this.#haveSquares(rest);
      return this.#squares.take(rest);
    });
    return { a: a.subarray(0, count), c: c.subarray(0, count) };
  }

  async matrixTriple(shape: MatrixShape): Promise<Triples> {
    this.#used.matrixProducts += shape.rows * shape.inner * shape.columns;
    return this.#products.matrixTriple(shape);
  }

  async #haveBitTriples(count: number): Promise<void> {
    for (let missing = count - this.#bitTriples.available; missing > 0; missing -= PART_BIT_TRIPLES) {
      const here = Math.min(PART_BIT_TRIPLES, missing);
      const { sent, received } = await this.#source.bulk(here, here, BIT_PAIRS);
      const [zero, zeroToo, a, aToo] = cut(sent, 4) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
      const [chosen, chosenToo] = cut(received.kept, 2) as [Uint8Array, Uint8Array];
      const b = received.choices;
      const product = (own: Uint8Array, zero: Uint8Array, chosen: Uint8Array): Uint8Array => {
        const c = xorBytes(zero, chosen); // a·b' + a'·b, shared
        const [to, x, y] = inWords(c, own, b);
        for (let i = 0; i < to.length; i++) to[i] = to[i]! ^ (x[i]! & y[i]!);
        return c;
      };
      this.#bitTriples.put({ b, a, c: product(a, zero, chosen), aToo, cToo: product(aToo, zeroToo, chosenToo) }, here);
    }
  }

  async #haveTriples(count: number): Promise<void> {
    const missing = count - this.#triples.available;
    if (missing <= 0) return;
    const made = await this.#products.triples(missing);
    this.#triples.put(made, made.c.length);
  }

  async #haveSquares(count: number): Promise<void> {
    const missing = count - this.#squares.available;
    if (missing <= 0) return;
    const made = await this.#products.squares(missing);
    this.#squares.put(made, made.c.length);
  }
}

/** What the background has of them, and the others as they are made now. */
async function withRest<T extends Columns>(
  ahead: Promise<Taken<T>> | Taken<T> | undefined,
  count: number,
  make: (rest: number) => Promise<T> | T,
): Promise<T> {
  const taken = await ahead;
  if (taken === undefined || taken.count === 0) return make(count);
  return taken.count === count ? taken.made : joined([taken.made, await make(count - taken.count)]);
}

/** Transfers each way, of whose keys what the form says is kept. */
class BothWays {
  readonly #source: TransferSource;
  readonly #cut: Cut;
  readonly #form: KeyForm;
  readonly #background: Background | null;
  readonly #sent: Stock<SentColumns>;
  readonly #received = new Stock<ReceivedColumns>(EMPTY.received);
  readonly used = { sent: 0, received: 0 };

  constructor(source: TransferSource, cut: Cut, background: Background | null) {
    this.#source = source;
    this.#cut = cut;
    this.#form = FORMS[cut];
    this.#background = background;
    this.#sent = new Stock(EMPTY.sent[cut]);
  }

  async take(sent: number, received: number): Promise<TakenTransfers> {
    this.used.sent += sent;
    this.used.received += received;
    const ahead = await this.#background?.transfers(this.#cut, { sent, received });
    await this.have(sent - (ahead?.sent.count ?? 0), received - (ahead?.received.count ?? 0));
    return {
      sent: await withRest(ahead?.sent, sent, (rest) => this.#sent.take(rest)),
      received: await withRest(ahead?.received, received, (rest) => this.#received.take(rest)),
    };
  }

  async have(sent: number, received: number): Promise<void> {
    const most = this.#form.kind === "digits" ? this.#source.tablesMax : PART_TRANSFERS;
    let [own, theirs] = [sent - this.#sent.available, received - this.#received.available];
    while (own > 0 || theirs > 0) {
      const [out, in_] = [Math.min(most, Math.max(0, own)), Math.min(most, Math.max(0, theirs))];
      const made = await this.#source.bulk(out, in_, this.#form);
      this.#sent.put(columnsOf(made.sent, this.#form), out);
      this.#received.put(made.received, in_);
      own -= out;
      theirs -= in_;
    }
  }
}

function columnsOf(sent: Uint8Array, form: KeyForm): SentColumns {
  if (form.kind === "digits") return { pads: sent };
  const [zero, one] = cut(sent, 2) as [Uint8Array, Uint8Array];
  return { zero, one };
}

const cut = (bytes: Uint8Array, parts: number): Uint8Array[] =>
  Array.from({ length: parts }, (_, i) => bytes.subarray((i * bytes.length) / parts, ((i + 1) * bytes.length) / parts));

const BIT_PAIRS: KeyForm = { kind: "bits", planes: 2 };
const rounded = (count: number): number => 8 * Math.ceil(count / 8);
