/** A link over one plain TCP connection on this machine: what a protocol costs without TLS and reconnects. */
import { once } from "node:events";
import type { Socket } from "node:net";
import { type PublicError, TomboloError } from "@tombolo/base";
import { type Link, reasonToError } from "@tombolo/channel";

const FRAME_MAX = 2 ** 21;

export function loopbackLink(socket: Socket): Link {
  const ended = new AbortController();
  const end = (error: TomboloError): void => {
    if (!ended.signal.aborted) ended.abort(error);
    socket.destroy();
  };
  const lost = (): void => end(new TomboloError("transport.peer-lost", "the connection to the partner broke"));
  socket.setNoDelay(true).on("error", lost);
  const frames = framesOf(socket);
  return {
    signal: ended.signal,
    async send(frame) {
      ended.signal.throwIfAborted();
      const header = Buffer.alloc(4);
      header.writeUInt32LE(frame.length);
      socket.write(header);
      if (!socket.write(frame)) await once(socket, "drain", { signal: ended.signal });
    },
    async receive() {
      const next = await frames.next();
      ended.signal.throwIfAborted();
      return next.done === true ? undefined : next.value;
    },
    async close() {
      socket.end();
    },
    abort: (reason: PublicError) => end(reasonToError(reason)),
  };
}

async function* framesOf(socket: Socket): AsyncGenerator<Uint8Array> {
  let parts: Buffer[] = [];
  let size = 0;
  let need = 4;
  for await (const part of socket as AsyncIterable<Buffer>) {
    parts.push(part);
    size += part.length;
    if (size < need) continue;
    let all = Buffer.concat(parts);
    for (;;) {
      need = all.length < 4 ? 4 : 4 + all.readUInt32LE(0);
      if (need > FRAME_MAX) throw new TomboloError("protocol.link", "a frame is too big for the link");
      if (all.length < need) break;
      yield new Uint8Array(all.subarray(4, need));
      all = all.subarray(need);
    }
    parts = [all];
    size = all.length;
  }
}
