/**
 * An in-process network for tests: bounded windows, random delays, cuts and tampering, all replayed by one seed.
 * It keeps the contract of `Link`: frames arrive once and in order unless a tamper hook says otherwise.
 */
import { type PublicError, type Sampling, seededSampling, TomboloError } from "@tombolo/base";
import { type Link, reasonToError } from "@tombolo/channel";

export interface SentFrame {
  readonly from: string;
  readonly to: string;
  /** Counts the links of the network from 0. */
  readonly link: number;
  /** Counts the frames of this direction from 0, the hello included. */
  readonly index: number;
  readonly frame: Uint8Array;
}

/** What arrives in place of a sent frame: `[frame]` leaves it alone, `[]` drops it. */
export type Tamper = (sent: SentFrame) => readonly Uint8Array[];

export interface MemoryNetworkOptions {
  /** Frames a direction holds before `send` waits. At least 1. */
  readonly windowFrames?: number;
  /** Each frame is delivered after a random delay of up to this many milliseconds. */
  readonly delayMsMax?: number;
  /** Each frame is on its way for this long, however many follow it: what is sent at once crosses, whoever computes first. */
  readonly latencyMs?: number;
  /** The connection breaks for good once this many frames have been sent on it, both directions counted. */
  readonly cutAfterFrames?: number;
  readonly tamper?: Tamper;
  readonly seed?: number;
}

export interface MemoryNetwork {
  /** A fresh link between two parties: the first end is `a`'s. */
  connect(a: string, b: string): readonly [Link, Link];
}

const WINDOW_FRAMES_DEFAULT = 8;

export function memoryNetwork(options: MemoryNetworkOptions = {}): MemoryNetwork {
  const sampling = seededSampling(options.seed ?? 0);
  let count = 0;
  return {
    connect(a, b) {
      const wire = new Wire(options, sampling.fork(`link ${count}`), count);
      count += 1;
      const there = new Pipe(wire, a, b);
      const back = new Pipe(wire, b, a);
      return [new End(wire, there, back), new End(wire, back, there)];
    },
  };
}

/** What both directions of one connection share. */
class Wire {
  readonly controller = new AbortController();
  readonly options: MemoryNetworkOptions;
  readonly sampling: Sampling;
  readonly windowFrames: number;
  readonly place: number;
  #sent = 0;

  constructor(options: MemoryNetworkOptions, sampling: Sampling, place: number) {
    this.options = options;
    this.place = place;
    this.sampling = sampling;
    this.windowFrames = options.windowFrames ?? WINDOW_FRAMES_DEFAULT;
    if (this.windowFrames < 1) throw new TomboloError("input.window", "a window holds at least one frame");
  }

  end(error: TomboloError): void {
    if (!this.controller.signal.aborted) this.controller.abort(error);
  }

  countFrame(): void {
    this.#sent += 1;
    if (this.#sent > (this.options.cutAfterFrames ?? Number.POSITIVE_INFINITY))
      this.end(new TomboloError("transport.peer-lost", "the connection to the partner broke"));
  }

  delay(): Promise<void> | undefined {
    const delayMsMax = this.options.delayMsMax ?? 0;
    if (delayMsMax === 0) return undefined;
    return new Promise((resolve) => setTimeout(resolve, this.sampling.next() * delayMsMax));
  }
}

interface Underway {
  readonly frame: Uint8Array;
  readonly sentAt: number;
}

/** One direction: a bounded queue. */
class Pipe {
  readonly #wire: Wire;
  readonly #from: string;
  readonly #to: string;
  readonly #frames: Underway[] = [];
  #index = 0;
  #closed = false;
  readonly #waiting = new Set<() => void>();

  constructor(wire: Wire, from: string, to: string) {
    this.#wire = wire;
    this.#from = from;
    this.#to = to;
    wire.controller.signal.addEventListener("abort", () => this.#changed(), { once: true });
  }

  async push(frame: Uint8Array): Promise<void> {
    await this.#until(() => this.#frames.length < this.#wire.windowFrames);
    if (this.#closed) throw new TomboloError("state.closed", "the link was closed");
    this.#wire.countFrame();
    this.#wire.controller.signal.throwIfAborted();
    const sent = { from: this.#from, to: this.#to, link: this.#wire.place, index: this.#index++, frame };
    const sentAt = performance.now();
    for (const frame of this.#wire.options.tamper?.(sent) ?? [sent.frame]) this.#frames.push({ frame, sentAt });
    this.#changed();
  }

  async pull(): Promise<Uint8Array | undefined> {
    await this.#until(() => this.#frames.length > 0 || this.#closed);
    await this.#travel();
    await this.#wire.delay();
    this.#wire.controller.signal.throwIfAborted();
    const next = this.#frames.shift();
    this.#changed();
    return next?.frame;
  }

  async #travel(): Promise<void> {
    const next = this.#frames[0];
    if (next === undefined) return;
    const left = next.sentAt + (this.#wire.options.latencyMs ?? 0) - performance.now();
    if (left > 0) await new Promise((resolve) => setTimeout(resolve, left));
  }

  /** Resolves once everything sent was taken. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#changed();
    await this.#until(() => this.#frames.length === 0);
  }

  async #until(ready: () => boolean): Promise<void> {
    for (;;) {
      this.#wire.controller.signal.throwIfAborted();
      if (ready()) return;
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  #changed(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const resolve of waiting) resolve();
  }
}

class End implements Link {
  readonly #wire: Wire;
  readonly #out: Pipe;
  readonly #in: Pipe;

  constructor(wire: Wire, out: Pipe, into: Pipe) {
    this.#wire = wire;
    this.#out = out;
    this.#in = into;
  }

  get signal(): AbortSignal {
    return this.#wire.controller.signal;
  }

  send(frame: Uint8Array): Promise<void> {
    return this.#out.push(frame);
  }

  receive(): Promise<Uint8Array | undefined> {
    return this.#in.pull();
  }

  close(): Promise<void> {
    return this.#out.close();
  }

  abort(reason: PublicError): void {
    this.#wire.end(reasonToError(reason));
  }
}
