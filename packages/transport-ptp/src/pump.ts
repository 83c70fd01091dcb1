/** Moves bytes between two duplex streams, both ways, looking at none of them. */
import type { Duplex } from "node:stream";
import { countYoungBytes } from "./young-memory.ts";

/** Bytes a destination may hold back before its source is paused. */
const BACKLOG_BYTES_MAX = 2 ** 20;

const BATCH_BYTES_MIN = 4096;
/** About what a unix socket takes at once. */
const BATCH_BYTES_MAX = 256 * 1024;

/** Ends are passed on in order; when one side breaks, both are destroyed. `onClosed` runs once. */
export function pump(a: Duplex, b: Duplex, onClosed: () => void): void {
  let closed = false;
  const close = (): void => {
    if (closed) return;
    closed = true;
    a.destroy();
    b.destroy();
    onClosed();
  };
  flow(a, b);
  flow(b, a);
  for (const side of [a, b]) {
    side.on("error", close);
    side.on("close", close);
  }
}

function flow(source: Duplex, destination: Duplex): void {
  const batch = new Batch(destination);
  source.on("data", (chunk: Buffer) => {
    countYoungBytes(chunk.length);
    if (!batch.write(chunk) && destination.writableLength > BACKLOG_BYTES_MAX) source.pause();
  });
  destination.on("drain", () => source.resume());
  source.on("end", () => destination.end());
  // A source that was paused until its other end came does not start by itself.
  source.resume();
}

/**
 * TLS hands over 16 KiB at a time; what came in one turn of the event loop goes on in few system calls. Not in one:
 * a turn may bring megabytes, and the next process can work on the first of them while we read the rest.
 */
class Batch {
  readonly #destination: Duplex;
  readonly #flush = (): void => {
    this.#scheduled = false;
    this.#uncork();
  };
  #bytes = 0;
  #scheduled = false;

  constructor(destination: Duplex) {
    this.#destination = destination;
  }

  /** False: the destination holds back more than it likes. */
  write(chunk: Buffer): boolean {
    // A small message goes on at once: it may be a round of a protocol.
    if (this.#bytes === 0 && chunk.length < BATCH_BYTES_MIN) return this.#destination.write(chunk);
    if (this.#bytes === 0) this.#cork();
    this.#bytes += chunk.length;
    const more = this.#destination.write(chunk);
    if (this.#bytes >= BATCH_BYTES_MAX) this.#uncork();
    return more;
  }

  #cork(): void {
    this.#destination.cork();
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(this.#flush);
  }

  #uncork(): void {
    if (this.#bytes === 0) return;
    this.#bytes = 0;
    this.#destination.uncork();
  }
}
