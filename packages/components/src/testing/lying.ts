/** What dishonest parties do to their messages. */
import { concat } from "@tombolo/base";
import type { MessageTable, Peer } from "@tombolo/channel";

export type Chunks = Uint8Array[];
export type Lie = (sent: never, signal: AbortSignal) => unknown;
/** The peer, but what it sends under `name` is changed; streams as a whole. */
export function lying<P extends Peer<MessageTable, string>>(peer: P, name: string, lie: Lie): P {
  const change = (message: string, value: unknown): unknown =>
    message === name ? lie(value as never, peer.signal) : value;
  const meddled: Record<string, unknown> = {
    send: async (message: string, value: unknown) =>
      peer.send(message as never, (await change(message, value)) as never),
    exchange: async (message: string, value: unknown, receive: string) =>
      peer.exchange(message as never, (await change(message, value)) as never, receive as never),
    async sendEach(message: string, chunks: AsyncIterable<Uint8Array>) {
      if (message !== name) return peer.sendEach(message as never, chunks as never);
      const all: Chunks = [];
      for await (const chunk of chunks) all.push(chunk);
      return peer.sendEach(message as never, (await change(message, all)) as never);
    },
  };
  return new Proxy(peer, {
    get: (target, key) => {
      const value = typeof key === "string" && key in meddled ? meddled[key] : Reflect.get(target, key);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

export const first =
  (change: (chunk: Uint8Array) => Uint8Array) =>
  ([chunk, ...rest]: Chunks): Chunks => [change(chunk!), ...rest];
export const begins = (bytes: Uint8Array) => (chunk: Uint8Array) => concat(bytes, chunk.subarray(bytes.length));
/** The field's prime: zero, but not canonical. */
export const offGroup = new Uint8Array(32).fill(0xff).map((byte, i) => (i === 0 ? 0xed : i === 31 ? 0x7f : byte));
export const twice = (width: number) => (chunk: Uint8Array) =>
  concat(chunk.subarray(0, width), chunk.subarray(0, width), chunk.subarray(2 * width));
/** Until the session is over. */
export const never: Lie = (_sent, signal) =>
  new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
