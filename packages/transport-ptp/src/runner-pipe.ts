/** One connection of a runner to its node: the hello line, status lines, and then bytes to and from the partner. */
import { connect, type Socket } from "node:net";
import { TomboloError } from "@tombolo/base";
import type { RunnerHello, RunnerStatus } from "./types.ts";

const STATUS_LINE_BYTES_MAX = 2048;
const NEWLINE = 0x0a;

/** Memory that the socket reads into; `advance` tells how much came. */
export interface ByteSink {
  target(): Uint8Array;
  advance(count: number): void;
  push(chunk: Uint8Array): void;
}

export interface PipeEvents {
  status(status: RunnerStatus): void;
  /** A malformed line or frame. */
  error(error: unknown): void;
  closed(): void;
}

export function openPipe(socketPath: string, hello: RunnerHello, sink: ByteSink, events: PipeEvents): Socket {
  const lines = new StatusLines(sink, events);
  const socket = connect({
    path: socketPath,
    onread: {
      buffer: () => lines.target(),
      callback: (count) => {
        try {
          lines.advance(count);
        } catch (error) {
          events.error(error);
        }
        return true;
      },
    },
  });
  socket.on("error", (error) => events.status({ state: "waiting", message: `own node: ${codeOf(error)}` }));
  socket.on("close", () => events.closed());
  socket.write(`${JSON.stringify(hello)}\n`);
  return socket;
}

const codeOf = (error: Error): string => ("code" in error ? String(error.code) : error.message);

/** Reads status lines until the node says `connected`; from then on every byte is the sink's. */
class StatusLines {
  readonly #sink: ByteSink;
  readonly #events: PipeEvents;
  readonly #buffer = Buffer.alloc(STATUS_LINE_BYTES_MAX);
  #length = 0;
  #connected = false;

  constructor(sink: ByteSink, events: PipeEvents) {
    this.#sink = sink;
    this.#events = events;
  }

  target(): Uint8Array {
    return this.#connected ? this.#sink.target() : this.#buffer.subarray(this.#length);
  }

  advance(count: number): void {
    if (this.#connected) this.#sink.advance(count);
    else this.#readLines(count);
  }

  #readLines(count: number): void {
    this.#length += count;
    for (;;) {
      const end = this.#buffer.subarray(0, this.#length).indexOf(NEWLINE);
      if (end < 0) break;
      const status = parseStatus(this.#buffer.toString("utf8", 0, end));
      this.#buffer.copyWithin(0, end + 1, this.#length);
      this.#length -= end + 1;
      this.#connected = status.state === "connected";
      this.#events.status(status);
      if (this.#connected) {
        if (this.#length > 0) this.#sink.push(this.#buffer.subarray(0, this.#length));
        return;
      }
    }
    if (this.#length === this.#buffer.length) throw new TomboloError("protocol.link", "own node: status line too long");
  }
}

/** The own node is trusted: only its shape is checked. */
function parseStatus(line: string): RunnerStatus {
  const status = JSON.parse(line) as RunnerStatus;
  if (!["waiting", "connected", "refused"].includes(status.state))
    throw new TomboloError("protocol.link", "own node: unknown status");
  return status;
}
