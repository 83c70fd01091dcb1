/** Moves bytes between two duplex streams, both ways, looking at none of them. */
import type { Duplex } from "node:stream";

/** Bytes a destination may hold back before its source is paused. */
const BACKLOG_BYTES_MAX = 2 ** 20;

const BATCH_BYTES_MIN = 4096;

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
  source.on("data", (chunk: Buffer) => {
    // TLS hands over 16 KiB at a time; what came in one turn of the event loop goes on in one system call.
    // A small message goes on at once: it may be a round of a protocol.
    if (chunk.length >= BATCH_BYTES_MIN && destination.writableCorked === 0) {
      destination.cork();
      setImmediate(() => destination.uncork());
    }
    if (!destination.write(chunk) && destination.writableLength > BACKLOG_BYTES_MAX) source.pause();
  });
  destination.on("drain", () => source.resume());
  source.on("end", () => destination.end());
  // A source that was paused until its other end came does not start by itself.
  source.resume();
}
