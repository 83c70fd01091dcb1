/**
 * A connection between two parties as slow as one says: a proxy before the listening party, which delays what goes either way by so much
 * and lets no more through than the rate. It runs anywhere, without rights to the machine's network.
 */
import { createServer, connect as dial, type Server, type Socket } from "node:net";

export interface LinkSpeed {
  /** Each way. */
  readonly delayMs: number;
  /** Each way. */
  readonly bytesPerSecond: number;
}

const FORM = /^(\d+(?:\.\d+)?)ms,(\d+(?:\.\d+)?)mbit$/;

/** `20ms,100mbit`: 20 ms and 100 Mbit/s each way. */
export function parseLink(text: string): LinkSpeed {
  const [, delay, rate] = FORM.exec(text) ?? [];
  if (delay === undefined || !(Number(rate) > 0)) throw new Error(`--link ${text}: say it like 20ms,100mbit`);
  return { delayMs: Number(delay), bytesPerSecond: (Number(rate) * 1e6) / 8 };
}

export interface SlowLink {
  /** Where the other parties find who listens behind it. */
  readonly port: number;
  close(): void;
}

/** Before what listens at `port`. */
export async function slowLink(port: number, speed: LinkSpeed): Promise<SlowLink> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (near) => {
    const far = dial({ port, host: "127.0.0.1", allowHalfOpen: true });
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.setNoDelay(true);
      sockets.add(from);
      from.on("error", () => to.destroy());
      from.on("close", () => sockets.delete(from));
      carry(from, to, speed);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = (): void => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  return { port: portOf(server), close };
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the proxy does not listen");
  return address.port;
}

/** What is read waits until the line is free, then for the line to bring it over; what waits is bounded by what a router would hold. */
function carry(from: Socket, to: Socket, { delayMs, bytesPerSecond }: LinkSpeed): void {
  const heldMax = (bytesPerSecond * (delayMs + HELD_MS)) / 1000;
  /** In order; an end has no bytes. */
  const held: { readonly bytes: Buffer | null; readonly at: number }[] = [];
  let [freeAt, heldBytes] = [0, 0];
  const put = (bytes: Buffer | null): void => {
    freeAt = Math.max(freeAt, performance.now()) + (1000 * (bytes?.length ?? 0)) / bytesPerSecond;
    heldBytes += bytes?.length ?? 0;
    if (heldBytes > heldMax) from.pause();
    held.push({ bytes, at: freeAt + delayMs });
    if (held.length === 1) setTimeout(deliver, delayMs);
  };
  const deliver = (): void => {
    while (held.length > 0 && held[0]!.at <= performance.now()) {
      const { bytes } = held.shift()!;
      if (bytes === null) return void to.end();
      heldBytes -= bytes.length;
      to.write(bytes);
    }
    if (heldBytes <= heldMax) from.resume();
    if (held.length > 0) setTimeout(deliver, Math.max(0, held[0]!.at - performance.now()));
  };
  from.on("data", put);
  from.on("end", () => put(null));
}

/** A router's buffer, in time at the line's rate. */
const HELD_MS = 50;
