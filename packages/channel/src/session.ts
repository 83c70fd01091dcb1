/**
 * A typed peer over a link: numbering, direction and size checks, chunking, metering, deadline, shared abort.
 *
 * Sends are serialised in call order, receives likewise, and the two directions are independent. A stream holds its
 * direction from its first chunk to its end mark, so a message cannot cut into it. The first failure ends the
 * session at both sides; every later call rejects with that same failure.
 *
 * A further lane is a session over a link of its own, so that each has its own order and room; they share the meter, the
 * deadline and their end.
 */
import { equalBytes, type PublicError, TomboloError } from "@tombolo/base";
import { type Endpoint, helloHash, sessionPrefix } from "./binding.ts";
import {
  decodeFrame,
  decodeHello,
  encodeFrame,
  encodeHello,
  FLAG_END,
  FLAG_MORE,
  FRAMES_MAX,
  messageNames,
} from "./frame.ts";
import {
  FRAME_BYTES_DEFAULT,
  FRAME_BYTES_MAX,
  LANES_MAX,
  LONG_MESSAGE_FRAME_BYTES_MIN,
  RECEIVED_BYTES_MAX_DEFAULT,
  type SessionLimits,
  SMALL_FRAMES_MAX,
} from "./limits.ts";
import type { Link, SessionBinding } from "./link.ts";
import type { AnyMessage, MessageTable } from "./message.ts";
import type { Meter } from "./meter.ts";
import type { Peer } from "./peer.ts";
import { Watchdog } from "./watchdog.ts";

export interface PeerOptions<Role extends string> {
  /** The role this side plays, and the partner's. */
  readonly role: Role;
  readonly peerRole: string;
  /** Party ids: this side's and the partner's. */
  readonly self: string;
  readonly party: string;
  readonly binding: SessionBinding;
  readonly meter: Meter;
  /** Longest wait for the partner in which nothing moves; then `transport.timeout` ends the session. */
  readonly deadlineMs: number;
  readonly limits?: SessionLimits;
  /** A further connection to the same partner, for lane 1, 2...; without it the session has its first lane alone. */
  readonly openLane?: (lane: number) => Promise<Link>;
}

/** A peer and the right to end its session: held by whoever runs a protocol, not by the protocol. */
export interface Session<M extends MessageTable, Role extends string> extends Peer<M, Role> {
  /** Everything sent is delivered, then the link closes in order. */
  close(): Promise<void>;
  /** Ends the session at both sides with this public reason. */
  abort(reason: PublicError): void;
}

/** Exchanges the session binding (SECURITY.md rule 5) and hands out the peer; `protocol.binding` if the two differ. */
export async function openPeer<M extends MessageTable, Role extends string>(
  link: Link,
  table: M,
  options: PeerOptions<Role>,
): Promise<Session<M, Role>> {
  const session = new PeerSession(link, table, options);
  await session.greet();
  // The one place where the dynamic session takes on the types of its table.
  return session as unknown as Session<M, Role>;
}

/** Runs tasks one after another in the order they were asked for. */
class Turns {
  #last: Promise<unknown> = Promise.resolve();

  run<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#last.then(task);
    this.#last = result.catch(() => {});
    return result;
  }

  /** Waits for the turn and keeps it until the returned function is called. */
  async take(): Promise<() => void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const before = this.#last;
    this.#last = promise;
    await before;
    return resolve;
  }
}

interface ReceivedFrame {
  readonly flags: number;
  readonly payload: Uint8Array;
}

class PeerSession {
  readonly self: string;
  readonly party: string;
  readonly binding: Uint8Array;
  readonly #link: Link;
  readonly #table: MessageTable;
  readonly #names: readonly string[];
  readonly #options: PeerOptions<string>;
  readonly #frameBytes: number;
  readonly #receivedBytesMax: number;
  readonly #watchdog: Watchdog;
  readonly #allocate: ((length: number) => Uint8Array) | undefined;
  readonly #sends = new Turns();
  readonly #receives = new Turns();
  #sent = 0;
  #received = 0;
  #receivedBytes = 0;
  readonly #lanes: PeerSession[] = [];
  #laneCount = 0;
  #failure: TomboloError | undefined;

  /** `watchdog`: of the session whose lane this is. What moves on one lane is news on all. */
  constructor(link: Link, table: MessageTable, options: PeerOptions<string>, watchdog?: Watchdog) {
    this.self = options.self;
    this.party = options.party;
    this.binding = sessionPrefix(options.binding, table);
    this.#link = link;
    this.#allocate = link.allocate?.bind(link);
    this.#table = table;
    this.#names = messageNames(table);
    this.#options = options;
    this.#frameBytes = options.limits?.frameBytes ?? FRAME_BYTES_DEFAULT;
    this.#receivedBytesMax = options.limits?.receivedBytesMax ?? RECEIVED_BYTES_MAX_DEFAULT;
    if (this.#frameBytes < 1 || this.#frameBytes > FRAME_BYTES_MAX)
      throw new TomboloError("input.size", `frameBytes must be within 1..${FRAME_BYTES_MAX}`);
    this.#watchdog = watchdog ?? new Watchdog(options.deadlineMs, () => this.#fail(this.#silence()));
    link.signal.addEventListener("abort", () => this.#watchdog.stop(), { once: true });
  }

  get signal(): AbortSignal {
    return this.#link.signal;
  }

  get wear(): number {
    const frames = Math.max(this.#sent, this.#received) / FRAMES_MAX;
    return Math.max(frames, this.#receivedBytes / this.#receivedBytesMax, ...this.#lanes.map(({ wear }) => wear));
  }

  async greet(): Promise<void> {
    const { binding, self, role, party, peerRole } = this.#options;
    const here: Endpoint = { party: self, role };
    const there: Endpoint = { party, role: peerRole };
    await this.#guard(async () => {
      const sending = this.#link.send(encodeHello(helloHash(binding, this.#table, here, there)));
      const [frame] = await this.#watchdog.watch(Promise.all([this.#link.receive(), sending]));
      if (frame === undefined) throw this.#closedEarly();
      const expected = helloHash(binding, this.#table, there, here);
      if (!equalBytes(decodeHello(frame), expected))
        throw this.#blamed("protocol.binding", "the two sides are not in the same consented task");
    });
  }

  send(name: string, value: unknown): Promise<void> {
    return this.#guard(() => this.#sends.run(() => this.#sendMessage(name, value)));
  }

  receive(name: string): Promise<unknown> {
    return this.#guard(() => this.#receives.run(() => this.#receiveMessage(name)));
  }

  async exchange(sendName: string, value: unknown, receiveName: string): Promise<unknown> {
    const [received] = await Promise.all([this.receive(receiveName), this.send(sendName, value)]);
    return received;
  }

  async sendEach(name: string, chunks: AsyncIterable<unknown> | Iterable<unknown>): Promise<void> {
    const done = await this.#sends.take();
    try {
      this.#message(name, this.#options.role, "sends");
      for await (const chunk of chunks) await this.#guard(() => this.#sendMessage(name, chunk));
      await this.#guard(() => this.#sendFrame(name, FLAG_END, new Uint8Array(0)));
    } catch (error) {
      throw this.#fail(error);
    } finally {
      done();
    }
  }

  async *receiveEach(name: string): AsyncIterable<unknown> {
    const done = await this.#receives.take();
    try {
      for (;;) {
        const first = await this.#guard(() => this.#nextFrame(name));
        if (first.flags === FLAG_END) return;
        yield await this.#guard(() => this.#assemble(name, first));
      }
    } finally {
      done();
    }
  }

  lane(): Promise<PeerSession> {
    return this.#guard(async () => {
      const { openLane, binding, ...options } = this.#options;
      const lane = ++this.#laneCount;
      if (openLane === undefined || lane > LANES_MAX)
        throw new Error(`assertion failed: a session has no lane ${lane}`);
      const link = await openLane(lane);
      const session = new PeerSession(link, this.#table, { ...options, binding: { ...binding, lane } }, this.#watchdog);
      this.#lanes.push(session);
      link.signal.addEventListener("abort", () => this.#fail(link.signal.reason), { once: true });
      this.signal.addEventListener("abort", () => session.#fail(this.signal.reason), { once: true });
      if (this.signal.aborted) session.#fail(this.signal.reason);
      await session.greet();
      return session;
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.#lanes.map((lane) => lane.close()));
    await this.#guard(() => this.#watchdog.watch(this.#link.close()));
    this.#watchdog.stop();
  }

  abort(reason: PublicError): void {
    this.#failure ??= new TomboloError(reason.code, reason.message, reason);
    this.#link.abort(reason);
  }

  async #sendMessage(name: string, value: unknown): Promise<void> {
    const message = this.#message(name, this.#options.role, "sends");
    const payload = message.codec.encode(value);
    if (payload.length > message.sizeMax)
      throw new TomboloError("resource.message-size", `message "${name}" exceeds ${message.sizeMax} bytes`);
    let at = 0;
    do {
      const end = Math.min(at + this.#frameBytes, payload.length);
      await this.#sendFrame(name, end < payload.length ? FLAG_MORE : 0, payload.subarray(at, end));
      at = end;
    } while (at < payload.length);
  }

  async #sendFrame(name: string, flags: number, payload: Uint8Array): Promise<void> {
    const header = { index: this.#names.indexOf(name), flags, sequence: this.#sent++ };
    const frame = encodeFrame(header, payload, this.#allocate);
    this.#options.meter.add("out", name, payload.length, flags === 0);
    await this.#watchdog.watch(this.#link.send(frame));
  }

  async #receiveMessage(name: string): Promise<unknown> {
    const first = await this.#nextFrame(name);
    if (first.flags === FLAG_END) throw this.#blamed("protocol.order", `message "${name}" is not a stream`);
    return this.#assemble(name, first);
  }

  /** Joins the frames of one message and decodes it. */
  async #assemble(name: string, first: ReceivedFrame): Promise<unknown> {
    const { sizeMax } = this.#table[name]!;
    const parts: Uint8Array[] = [];
    let size = 0;
    for (let frame = first; ; frame = await this.#nextFrame(name)) {
      if (frame.flags === FLAG_END) throw this.#blamed("protocol.order", `message "${name}" ends in the middle`);
      size += frame.payload.length;
      if (size > sizeMax) throw this.#blamed("protocol.size", `message "${name}" exceeds ${sizeMax} bytes`);
      parts.push(frame.payload);
      if (parts.length > SMALL_FRAMES_MAX && size < parts.length * LONG_MESSAGE_FRAME_BYTES_MIN)
        throw this.#blamed("protocol.size", `message "${name}" comes in too many small frames`);
      if (frame.flags !== FLAG_MORE) break;
    }
    return this.#decode(name, parts.length === 1 ? parts[0]! : joined(parts, size));
  }

  #decode(name: string, payload: Uint8Array): unknown {
    try {
      return this.#table[name]!.codec.decode(payload);
    } catch (error) {
      if (error instanceof TomboloError) throw error;
      throw new TomboloError("protocol.malformed", `message "${name}" is malformed`, {
        blame: this.party,
        cause: error,
      });
    }
  }

  /** The next frame, which must be in sequence and of this message. */
  async #nextFrame(name: string): Promise<ReceivedFrame> {
    this.#message(name, this.#options.peerRole, "receives");
    const bytes = await this.#watchdog.watch(this.#link.receive());
    if (bytes === undefined) throw this.#closedEarly();
    const frame = decodeFrame(bytes);
    if (frame.sequence !== this.#received)
      throw this.#blamed("protocol.sequence", `frame ${frame.sequence} came in place of ${this.#received}`);
    if (this.#names[frame.index] !== name) throw this.#blamed("protocol.order", this.#unexpected(frame.index, name));
    this.#received += 1;
    this.#receivedBytes += frame.payload.length;
    if (this.#receivedBytes > this.#receivedBytesMax)
      throw this.#blamed("protocol.size", `more than ${this.#receivedBytesMax} bytes in one session`);
    this.#options.meter.add("in", name, frame.payload.length, frame.flags === 0);
    return frame;
  }

  #unexpected(index: number, wanted: string): string {
    const came = this.#names[index];
    return came === undefined ? "a message of unknown number came" : `message "${came}" came in place of "${wanted}"`;
  }

  #message(name: string, from: string, verb: string): AnyMessage {
    const message = Object.hasOwn(this.#table, name) ? this.#table[name] : undefined;
    const { role, peerRole } = this.#options;
    const to = from === role ? peerRole : role;
    if (message === undefined || message.from !== from || message.to !== to)
      throw new Error(`role "${role}" never ${verb} message "${name}" of "${peerRole}"`);
    return message;
  }

  /** Runs a step; its failure ends the session at both sides. */
  async #guard<T>(step: () => Promise<T>): Promise<T> {
    if (this.#failure !== undefined) throw this.#failure;
    try {
      return await step();
    } catch (error) {
      throw this.#fail(error);
    }
  }

  /** The first failure is the session's. A failure that came from the link has reached the other side already. */
  #fail(error: unknown): TomboloError {
    if (this.#failure !== undefined) return this.#failure;
    const failure = TomboloError.from(error);
    this.#failure = failure.family === "protocol" ? withBlame(failure, this.party) : failure;
    this.#watchdog.stop();
    this.#link.abort(this.#failure.toPublic());
    return this.#failure;
  }

  #blamed(code: "protocol.binding" | "protocol.order" | "protocol.size" | "protocol.sequence", message: string) {
    return new TomboloError(code, message, { blame: this.party });
  }

  #closedEarly(): TomboloError {
    return new TomboloError("protocol.closed", "the partner closed the session before its last message", {
      blame: this.party,
    });
  }

  #silence(): TomboloError {
    const seconds = this.#options.deadlineMs / 1000;
    return new TomboloError("transport.timeout", `nothing moved between the parties for ${seconds} s`, {
      blame: this.party,
      remedy: "See whether the partner's task still runs; raise the deadline if its step truly takes longer.",
    });
  }
}

/** A codec knows what is wrong, the session knows whose message it was. */
function withBlame(error: TomboloError, party: string): TomboloError {
  if (error.blame !== undefined) return error;
  const { code, message, stage, remedy, detail } = error;
  return new TomboloError(code, message, {
    blame: party,
    cause: error,
    ...(stage === undefined ? {} : { stage }),
    ...(remedy === undefined ? {} : { remedy }),
    ...(detail === undefined ? {} : { detail }),
  });
}

function joined(parts: readonly Uint8Array[], size: number): Uint8Array {
  const out = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
