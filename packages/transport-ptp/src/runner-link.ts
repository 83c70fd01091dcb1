/**
 * The runner's end of a session: an ordered, exactly-once, flow-controlled link that outlives broken connections.
 *
 * Nodes pump bytes and remember nothing, so all reliability is here, end to end: frames are numbered and kept until
 * the partner's link has received them; when the pipe breaks (either node, either socket, the network between), the
 * link comes again, both tell what they received, and the rest is sent again. If the partner stays away beyond the
 * deadline the link ends with `transport.peer-lost`, which says what was last known.
 */
import { randomBytes } from "node:crypto";
import type { Socket } from "node:net";
import { equalBytes, type PublicError, TomboloError } from "@tombolo/base";
import { decodeReason, encodeReason, type Link, reasonToError } from "@tombolo/channel";
import {
  DATA_BYTES_MAX,
  decodeAck,
  decodeLinkHello,
  encodeAck,
  encodeHeader,
  encodeLinkHello,
  FRAME_OVERHEAD_BYTES,
  FrameReader,
  KIND,
  type WireFrame,
} from "./link-wire.ts";
import { openPipe } from "./runner-pipe.ts";
import { type OutFrame, SendWindow } from "./send-window.ts";
import type { RunnerLinkOptions, RunnerStatus } from "./types.ts";

const WINDOW_BYTES_DEFAULT = 16 * 2 ** 20;
const WINDOW_BYTES_MIN = 2 * (DATA_BYTES_MAX + FRAME_OVERHEAD_BYTES);
const WINDOW_BYTES_MAX = 2 ** 30;
const RETRY_MS_MIN = 10;
const RETRY_MS_MAX = 1000;
/** How long an ended link tries to get its reason, or its last acknowledgement, across. */
const LINGER_MS = 2000;
/** Smaller frames come from memory that is warm anyway. */
const SPARE_BYTES_MIN = 64 * 1024;
/** Acknowledge after this part of the window. */
const ACK_PART = 8;

/** Resolves once the partner's link answered for the first time. */
export async function connectRunnerLink(options: RunnerLinkOptions): Promise<Link> {
  const windowBytes = options.windowBytes ?? WINDOW_BYTES_DEFAULT;
  if (windowBytes < WINDOW_BYTES_MIN || windowBytes > WINDOW_BYTES_MAX)
    throw new TomboloError("input.window", "the window must hold two frames of the largest size, and at most 1 GiB");
  const link = new RunnerLink(options, windowBytes);
  await link.opened;
  return link;
}

interface Waiter<T> {
  resolve(value: T): void;
  reject(error: unknown): void;
}

class RunnerLink implements Link {
  readonly opened: Promise<void>;
  readonly #opening = Promise.withResolvers<void>();
  readonly #controller = new AbortController();
  readonly #options: RunnerLinkOptions;
  readonly #windowBytes: number;
  readonly #nonce = new Uint8Array(randomBytes(16));
  readonly #window: SendWindow;
  /** Sends that wait for room, in order. */
  readonly #sends: (Waiter<void> & { kind: OutFrame["kind"]; payload: Uint8Array })[] = [];
  readonly #receives: Waiter<Uint8Array | undefined>[] = [];
  readonly #inbox: Uint8Array[] = [];
  /** All of one length, the one in use. */
  readonly #spare: Uint8Array[] = [];
  readonly #closing = Promise.withResolvers<void>();
  #pipe: Socket | undefined;
  /** The node has joined this pipe with the partner's. */
  #joined = false;
  /** The partner's hello came over this pipe. */
  #up = false;
  #peerNonce: Uint8Array | undefined;
  #received = 0;
  #taken = 0;
  #inboxBytes = 0;
  #unackedBytes = 0;
  #ackAfterBytes: number;
  #finSequence = 0;
  #peerFinished = false;
  #farewell: Uint8Array | undefined;
  #retryMs = RETRY_MS_MIN;
  #retryTimer: NodeJS.Timeout | undefined;
  #deadlineTimer: NodeJS.Timeout | undefined;
  #lastNews = "the node has not answered yet";

  constructor(options: RunnerLinkOptions, windowBytes: number) {
    this.#options = options;
    this.#windowBytes = windowBytes;
    this.#window = new SendWindow(windowBytes, (payload) => this.#recycle(payload));
    this.#ackAfterBytes = windowBytes / ACK_PART;
    this.opened = this.#opening.promise;
    this.#closing.promise.catch(() => {});
    this.#startDeadline();
    this.#open();
  }

  /** Memory for a big frame: fresh pages cost more than the copy into them, so delivered frames give theirs back. */
  allocate(length: number): Uint8Array {
    if (this.#spare[0]?.length === length) return this.#spare.pop()!;
    return new Uint8Array(length);
  }

  #recycle(payload: Uint8Array): void {
    if (payload.length < SPARE_BYTES_MIN || this.signal.aborted) return;
    if (this.#spare[0] !== undefined && this.#spare[0].length !== payload.length) this.#spare.length = 0;
    if ((this.#spare.length + 1) * payload.length <= this.#windowBytes) this.#spare.push(payload);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  async send(frame: Uint8Array): Promise<void> {
    if (frame.length > DATA_BYTES_MAX) throw new TomboloError("resource.frame-size", "a frame is too big for the link");
    if (this.#finSequence > 0) throw new TomboloError("state.closed", "the link was closed");
    if (this.#peerFinished) throw new TomboloError("transport.closed", "the partner has closed the session");
    await this.#enqueue(KIND.data, frame);
  }

  receive(): Promise<Uint8Array | undefined> {
    if (this.signal.aborted) return Promise.reject(this.signal.reason);
    const frame = this.#inbox.shift();
    if (frame !== undefined) {
      this.#take(frame);
      return Promise.resolve(frame);
    }
    if (this.#peerFinished) return Promise.resolve(undefined);
    return new Promise((resolve, reject) => this.#receives.push({ resolve, reject }));
  }

  async close(): Promise<void> {
    if (this.#finSequence === 0) {
      this.#finSequence = Number.POSITIVE_INFINITY;
      // Where it waits for room that a partner which is done and gone will not give, `closing` goes on without it.
      this.#enqueue(KIND.fin, new Uint8Array(0)).then(
        () => {
          this.#finSequence = this.#window.sent;
          this.#settle();
        },
        () => {},
      );
      if (this.#peerFinished && this.#pipe === undefined) this.#closing.resolve();
    }
    await this.#closing.promise;
  }

  abort(reason: PublicError): void {
    const payload = encodeReason(reason);
    const frame = Buffer.concat([encodeHeader(KIND.abort, 0, payload.length), payload]);
    this.#end(reasonToError(reason), frame);
  }

  async #enqueue(kind: OutFrame["kind"], payload: Uint8Array): Promise<void> {
    this.signal.throwIfAborted();
    if (this.#sends.length === 0 && this.#window.hasRoom(payload.length))
      return this.#write(this.#window.add(kind, payload));
    await new Promise<void>((resolve, reject) => this.#sends.push({ kind, payload, resolve, reject }));
  }

  /** Lets waiting sends go as far as the window allows. */
  #flush(): void {
    while (this.#sends.length > 0 && this.#window.hasRoom(this.#sends[0]!.payload.length)) {
      const { kind, payload, resolve } = this.#sends.shift()!;
      this.#write(this.#window.add(kind, payload));
      resolve();
    }
  }

  #write(frame: OutFrame): void {
    if (!this.#up) return;
    const header = encodeHeader(frame.kind, frame.sequence, frame.payload.length);
    this.#pipe!.cork();
    this.#pipe!.write(header);
    if (frame.payload.length > 0) this.#pipe!.write(frame.payload);
    this.#pipe!.uncork();
  }

  #open(): void {
    const { socketPath, token, sessionId, party } = this.#options;
    let pipe: Socket | undefined;
    const current = (): boolean => pipe === undefined || pipe === this.#pipe;
    const reader = new FrameReader((frame) => {
      if (current()) this.#onFrame(frame);
    });
    pipe = openPipe(socketPath, { token, sessionId, party }, reader, {
      status: (status) => current() && this.#onStatus(status),
      error: (error) => current() && this.#misbehaved(error),
      closed: () => current() && this.#onClosed(),
    });
    this.#pipe = pipe;
  }

  #onStatus(status: RunnerStatus): void {
    if (status.state === "waiting") this.#lastNews = status.message;
    if (status.state === "refused") this.#end(new TomboloError(status.code, status.message));
    if (status.state !== "connected") return;
    this.#joined = true;
    this.#lastNews = "the partner's task has not answered yet";
    const hello = { nonce: this.#nonce, received: this.#received, windowBytes: this.#windowBytes };
    this.#pipe!.write(encodeLinkHello(hello));
    if (this.#farewell !== undefined) this.#sayFarewell();
  }

  #onClosed(): void {
    this.#pipe = undefined;
    if (this.#up) this.#lastNews = "the connection to the partner broke";
    this.#joined = false;
    this.#up = false;
    const over = this.#peerFinished || this.#closedOwn();
    if (over && this.#finSequence > 0) this.#closing.resolve();
    if (over || (this.signal.aborted && this.#farewell === undefined)) return;
    this.#startDeadline();
    this.#retryTimer = setTimeout(() => this.#open(), this.#retryMs * (0.5 + Math.random() / 2));
    this.#retryMs = Math.min(2 * this.#retryMs, RETRY_MS_MAX);
  }

  #startDeadline(): void {
    if (this.signal.aborted) return;
    this.#deadlineTimer ??= setTimeout(() => this.#end(this.#peerLost()), this.#options.deadlineMs);
  }

  #peerLost(): TomboloError {
    const seconds = this.#options.deadlineMs / 1000;
    return new TomboloError(
      "transport.peer-lost",
      `${this.#options.party} was away for ${seconds} s: ${this.#lastNews}`,
      {
        blame: this.#options.party,
        remedy: "Run `tombolo doctor` to test the path between the two nodes, then run the job again.",
      },
    );
  }

  #onFrame(frame: WireFrame): void {
    if (this.signal.aborted) return;
    if (frame.kind !== KIND.hello && !this.#up)
      throw new TomboloError("protocol.link", "the partner's link did not begin with its hello");
    if (frame.kind === KIND.hello) this.#onHello(frame);
    else if (frame.kind === KIND.data) this.#onData(frame);
    else if (frame.kind === KIND.fin) this.#onFin(frame);
    else if (frame.kind === KIND.abort) this.#end(reasonToError(decodeReason(frame.payload)));
    else this.#onAck(frame);
  }

  #onAck(frame: WireFrame): void {
    const { received, taken } = decodeAck(frame);
    this.#window.acknowledge(received, taken);
    this.#flush();
    this.#settle();
  }

  /** Both links know now what the other has; the rest goes out again. */
  #onHello(frame: WireFrame): void {
    const hello = decodeLinkHello(frame.payload);
    if (this.#up) throw new TomboloError("protocol.link", "the partner's link said hello twice");
    if (this.#peerNonce !== undefined && !equalBytes(this.#peerNonce, hello.nonce))
      throw new TomboloError("transport.peer-restarted", "the partner's task began again without us");
    this.#peerNonce = hello.nonce;
    const windowBytes = Math.max(hello.windowBytes, WINDOW_BYTES_MIN);
    this.#window.limit(windowBytes);
    // By the smaller window of the two: a partner that sends less at once must not wait for news.
    this.#ackAfterBytes = Math.min(this.#windowBytes, windowBytes) / ACK_PART;
    this.#window.acknowledge(hello.received, 0);
    this.#up = true;
    this.#retryMs = RETRY_MS_MIN;
    clearTimeout(this.#deadlineTimer);
    this.#deadlineTimer = undefined;
    // A lost acknowledgement would leave the partner waiting for room that it has.
    this.#pipe!.write(encodeAck(this.#received, this.#taken));
    for (const waiting of this.#window.unreceived()) this.#write(waiting);
    this.#flush();
    this.#settle();
    this.#opening.resolve();
  }

  #onData(frame: WireFrame): void {
    this.#inSequence(frame);
    const bytes = frame.payload.length + FRAME_OVERHEAD_BYTES;
    this.#inboxBytes += bytes;
    if (this.#inboxBytes > this.#windowBytes + DATA_BYTES_MAX + FRAME_OVERHEAD_BYTES)
      throw new TomboloError("protocol.link", "the partner sent more than the window allows");
    const waiter = this.#receives.shift();
    if (waiter === undefined) this.#inbox.push(frame.payload);
    else {
      this.#take(frame.payload);
      waiter.resolve(frame.payload);
    }
    this.#acknowledgeAfter(bytes);
  }

  #onFin(frame: WireFrame): void {
    this.#inSequence(frame);
    this.#peerFinished = true;
    if (this.#inbox.length === 0) this.#taken = this.#received;
    for (const waiter of this.#receives.splice(0)) waiter.resolve(undefined);
    this.#acknowledge();
    this.#settle();
  }

  #inSequence(frame: WireFrame): void {
    if (frame.sequence !== this.#received + 1 || this.#peerFinished)
      throw new TomboloError("protocol.link", `frame ${frame.sequence} came in place of ${this.#received + 1}`);
    this.#received = frame.sequence;
  }

  /** The protocol took a frame: its room is the partner's again. */
  #take(frame: Uint8Array): void {
    const bytes = frame.length + FRAME_OVERHEAD_BYTES;
    this.#inboxBytes -= bytes;
    this.#taken += 1;
    this.#acknowledgeAfter(bytes);
  }

  /** Received and taken bytes count alike: both are news to the partner. */
  #acknowledgeAfter(bytes: number): void {
    this.#unackedBytes += bytes;
    if (this.#unackedBytes >= this.#ackAfterBytes) this.#acknowledge();
  }

  #acknowledge(): void {
    this.#unackedBytes = 0;
    if (this.#up) this.#pipe!.write(encodeAck(this.#received, this.#taken));
  }

  #closedOwn(): boolean {
    return this.#finSequence > 0 && this.#window.received >= this.#finSequence;
  }

  /**
   * Ends a closing link in order once our end mark arrived, or the partner says that it needs nothing more. In the
   * second case it may not have ours yet: this process, which ends next, would take with it what its node has not
   * passed on, and the partner would wait for it. So the pipe is ended, and closes when both nodes and the partner have.
   */
  #settle(): void {
    if (this.signal.aborted || this.#finSequence === 0) return;
    if (!this.#closedOwn() && !this.#peerFinished) return;
    clearTimeout(this.#deadlineTimer);
    clearTimeout(this.#retryTimer);
    const pipe = this.#pipe;
    if (pipe === undefined || !this.#peerFinished) this.#closing.resolve();
    if (pipe === undefined) return;
    if (this.#peerFinished) pipe.end();
    else pipe.unref();
    setTimeout(() => pipe.destroy(), LINGER_MS).unref();
  }

  #misbehaved(error: unknown): void {
    const failure = TomboloError.from(error, "protocol.link", "the partner's link sent a malformed frame");
    this.abort(new TomboloError(failure.code, failure.message, { blame: this.#options.party }).toPublic());
  }

  /** The first end is the link's. `farewell` is what the partner is still told. */
  #end(error: TomboloError, farewell?: Uint8Array): void {
    if (this.signal.aborted) return;
    this.#farewell = farewell;
    this.#controller.abort(error);
    clearTimeout(this.#deadlineTimer);
    this.#opening.reject(error);
    this.#closing.reject(error);
    for (const waiter of [...this.#sends.splice(0), ...this.#receives.splice(0)]) waiter.reject(error);
    this.#inbox.length = 0;
    if (farewell === undefined) this.#drop();
    else if (this.#joined) this.#sayFarewell();
    else setTimeout(() => this.#drop(), LINGER_MS);
  }

  #sayFarewell(): void {
    const pipe = this.#pipe!;
    pipe.end(this.#farewell!);
    this.#farewell = undefined;
    setTimeout(() => pipe.destroy(), LINGER_MS).unref();
  }

  #drop(): void {
    this.#farewell = undefined;
    clearTimeout(this.#retryTimer);
    this.#pipe?.destroy();
  }
}
