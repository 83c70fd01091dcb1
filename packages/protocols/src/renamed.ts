/** Another protocol's rows in a table that has them more than once: each time under names with another prefix. */
import type { MessageTable, Peer } from "@tombolo/channel";

type Renamed<Prefix extends string, M extends MessageTable> = {
  readonly [K in keyof M & string as `${Prefix}${Capitalize<K>}`]: M[K];
};

const renamedAs = (prefix: string, name: string): string => prefix + name.charAt(0).toUpperCase() + name.slice(1);

export const renamed = <const Prefix extends string, M extends MessageTable>(
  prefix: Prefix,
  messages: M,
): Renamed<Prefix, M> =>
  // Object.fromEntries forgets the names that the type above computes.
  Object.fromEntries(
    Object.entries(messages).map(([name, row]) => [renamedAs(prefix, name), row]),
  ) as unknown as Renamed<Prefix, M>;

interface AnyPeer {
  readonly self: string;
  readonly party: string;
  readonly binding: Uint8Array;
  readonly signal: AbortSignal;
  send(name: string, value: unknown): Promise<void>;
  receive(name: string): Promise<unknown>;
  exchange(send: string, value: unknown, receive: string): Promise<unknown>;
  sendEach(name: string, chunks: AsyncIterable<unknown> | Iterable<unknown>): Promise<void>;
  receiveEach(name: string): AsyncIterable<unknown>;
  lane(): Promise<unknown>;
}

/** The peer as that protocol knows it, with the plain names. */
export function plainNamed<Prefix extends string, M extends MessageTable, Role extends string>(
  prefix: Prefix,
  peer: Peer<Renamed<Prefix, M>, Role>,
): Peer<M, Role> {
  const target = peer as unknown as AnyPeer;
  const plain: AnyPeer = {
    self: peer.self,
    party: peer.party,
    binding: peer.binding,
    signal: peer.signal,
    send: (name, value) => target.send(renamedAs(prefix, name), value),
    receive: (name) => target.receive(renamedAs(prefix, name)),
    exchange: (send, value, receive) => target.exchange(renamedAs(prefix, send), value, renamedAs(prefix, receive)),
    sendEach: (name, chunks) => target.sendEach(renamedAs(prefix, name), chunks),
    receiveEach: (name) => target.receiveEach(renamedAs(prefix, name)),
    lane: async () => plainNamed(prefix, await peer.lane()),
  };
  return plain as unknown as Peer<M, Role>;
}
