/**
 * Correlations made in the background, on a lane of their own, while a program runs: step after step of a plan, as far ahead of the
 * program as memory allows.
 *
 * Both parties have the same plan, so the lane needs no word about what comes next. The program takes from what is planned, in its order: which of
 * its needs the plan meets follows from numbers alone, never from how far either has come. Where it has to wait, no
 * limit of memory holds the background back, which thus comes to what is waited for: neither waits for the other in a circle.
 *
 * What is made is given out once, lives in memory alone, and ends with the attempt. The first failure, on any lane, is what all that wait get.
 */
import type {
  BitTriples,
  Counts,
  ReceivedColumns,
  SentColumns,
  Squares,
  Supply,
  Triples,
  Ways,
} from "./correlations.ts";
import { CUTS, type Cut, EMPTY, FORMS, HELD_BYTES } from "./forms.ts";
import { type Columns, Stock } from "./stock.ts";
import { keptBytes } from "./transfers.ts";

/** Waiting for the program. */
const HELD_BYTES_MAX = 2 ** 25;
/** Made at once, of each kind. */
const PIECE = { bitTriples: 2 ** 19, products: 2 ** 17, transfers: 2 ** 20 } as const;

export interface BackgroundOptions {
  /** The further lane, set up. Called once, when there is something to make. */
  readonly open: () => Promise<Supply>;
  /** Of the session. */
  readonly signal: AbortSignal;
  readonly heldBytesMax?: number;
}

/** As many as were planned of those asked for. */
export interface Taken<T> {
  readonly made: T;
  readonly count: number;
}

type Piece = (supply: Supply) => Promise<void>;

/** Of one kind: what is made, and how many the program may still take. */
class Shelf<T extends Columns> {
  readonly stock: Stock<T>;
  readonly bytesEach: number;
  due = 0;

  constructor(empty: T, bytesEach: number) {
    this.stock = new Stock(empty);
    this.bytesEach = bytesEach;
  }
}

export class Background {
  readonly #options: BackgroundOptions;
  readonly #bitTriples = new Shelf<BitTriples>(EMPTY.bitTriples, HELD_BYTES.bitTriples);
  readonly #triples = new Shelf<Triples>(EMPTY.triples, HELD_BYTES.triples);
  readonly #squares = new Shelf<Squares>(EMPTY.squares, HELD_BYTES.squares);
  readonly #sent = new Map<Cut, Shelf<SentColumns>>();
  readonly #received = new Map<Cut, Shelf<ReceivedColumns>>();
  readonly #pieces: Piece[] = [];
  readonly #sleeping = new Set<() => void>();
  #waiting = 0;
  #ending = false;
  #failure: unknown;
  #running: Promise<void> | undefined;

  constructor(options: BackgroundOptions) {
    this.#options = options;
    for (const cut of CUTS) {
      const bytes = keptBytes(FORMS[cut]);
      this.#sent.set(cut, new Shelf(EMPTY.sent[cut], bytes.sent / 8));
      this.#received.set(cut, new Shelf(EMPTY.received, (bytes.received + 1) / 8));
    }
  }

  /** Nothing is planned that was not taken. */
  get idle(): boolean {
    return this.#shelves.every(({ due }) => due === 0);
  }

  /** What steps of the program will take, in this order, after what was planned before; the partner plans the same. */
  plan(steps: readonly Counts[]): void {
    for (const counts of steps) for (const piece of this.#piecesOf(counts)) this.#pieces.push(piece);
    if (this.#pieces.length > 0) this.#running ??= this.#start();
    this.#changed();
  }

  /** Nothing more is taken: what is still planned is made with the partner, who has begun with it perhaps, and forgotten. */
  async finish(): Promise<void> {
    this.#ending = true;
    this.#changed();
    await this.#running;
    if (this.#failure !== undefined) throw this.#failure;
  }

  bitTriples(count: number): Promise<Taken<BitTriples>> {
    return this.#take(this.#bitTriples, count);
  }

  triples(count: number): Promise<Taken<Triples>> {
    return this.#take(this.#triples, count);
  }

  squares(count: number): Promise<Taken<Squares>> {
    return this.#take(this.#squares, count);
  }

  async transfers(cut: Cut, { sent, received }: Ways) {
    const ways = [this.#take(this.#sent.get(cut)!, sent), this.#take(this.#received.get(cut)!, received)] as const;
    const [out, in_] = await Promise.all(ways);
    return { sent: out, received: in_ };
  }

  get #shelves(): readonly Shelf<Columns>[] {
    return [this.#bitTriples, this.#triples, this.#squares, ...this.#sent.values(), ...this.#received.values()];
  }

  get #heldBytes(): number {
    return this.#shelves.reduce((sum, { stock, bytesEach }) => sum + stock.available * bytesEach, 0);
  }

  #start(): Promise<void> {
    const { signal } = this.#options;
    signal.addEventListener("abort", () => this.#fail(signal.reason), { once: true });
    return this.#run().catch((error: unknown) => this.#fail(error));
  }

  async #run(): Promise<void> {
    const supply = await this.#options.open();
    const { heldBytesMax = HELD_BYTES_MAX } = this.#options;
    for (;;) {
      await this.#until(() => this.#ending || this.#pieces.length > 0);
      const piece = this.#pieces.shift();
      if (piece === undefined) return;
      await this.#until(() => this.#ending || this.#waiting > 0 || this.#heldBytes < heldBytesMax);
      await piece(supply);
      this.#changed();
    }
  }

  *#piecesOf({ triples, squares, bitTriples, transfers }: Counts): Generator<Piece> {
    const alike = <T extends Columns>(shelf: Shelf<T>, all: number, most: number, make: Make<T>): Piece[] => {
      shelf.due += all;
      return pieces(all, most).map((here) => async (supply) => this.#put(shelf, await make(supply, here), here));
    };
    yield* alike(this.#triples, triples, PIECE.products, (supply, here) => supply.triples(here));
    yield* alike(this.#squares, squares, PIECE.products, (supply, here) => supply.squares(here));
    yield* alike(this.#bitTriples, bitTriples, PIECE.bitTriples, (supply, here) => supply.bitTriples(here));
    for (const cut of CUTS) yield* this.#transferPieces(cut, transfers[cut]);
  }

  *#transferPieces(cut: Cut, { sent, received }: Ways): Generator<Piece> {
    const [out, in_] = [this.#sent.get(cut)!, this.#received.get(cut)!];
    out.due += sent;
    in_.due += received;
    // As many pieces at both parties, whose ways are exchanged.
    for (let from = 0; from < Math.max(sent, received); from += PIECE.transfers) {
      const here = (all: number): number => Math.max(0, Math.min(PIECE.transfers, all - from));
      yield async (supply) => {
        const made = await supply.transfers(cut, here(sent), here(received));
        this.#put(out, made.sent, here(sent));
        this.#put(in_, made.received, here(received));
      };
    }
  }

  #put<T extends Columns>({ stock }: Shelf<T>, made: T, count: number): void {
    if (!this.#ending) stock.put(made, count);
  }

  async #take<T extends Columns>(shelf: Shelf<T>, asked: number): Promise<Taken<T>> {
    const count = Math.min(asked, shelf.due);
    shelf.due -= count;
    if (count === 0) return { made: shelf.stock.take(0), count };
    this.#waiting += 1;
    this.#changed();
    try {
      await this.#until(() => shelf.stock.available >= count);
    } finally {
      this.#waiting -= 1;
    }
    const made = shelf.stock.take(count);
    this.#changed();
    return { made, count };
  }

  async #until(ready: () => boolean): Promise<void> {
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure;
      if (ready()) return;
      await new Promise<void>((resolve) => this.#sleeping.add(resolve));
    }
  }

  #fail(error: unknown): void {
    this.#failure ??= error;
    this.#changed();
  }

  #changed(): void {
    const sleeping = [...this.#sleeping];
    this.#sleeping.clear();
    for (const wake of sleeping) wake();
  }
}

type Make<T> = (supply: Supply, count: number) => Promise<T>;

const pieces = (all: number, most: number): number[] =>
  Array.from({ length: Math.ceil(all / most) }, (_, i) => Math.min(most, all - i * most));
