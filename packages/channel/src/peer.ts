import type { MessageTable, PayloadOf, ReceivedBy, SentBy } from "./message.ts";

/**
 * The partner's end of one session, seen by a protocol: only messages of the table, only in the right direction.
 * Receiving another message than the one asked for, a malformed one or one above its size ends the session with a
 * TomboloError of family `protocol`. After any error the peer is unusable and the other side learns the public reason.
 */
export interface Peer<M extends MessageTable, Role extends string> {
  /** Own party id. */
  readonly self: string;
  /** Party id of the partner. */
  readonly party: string;
  /** 32 bytes that prefix every random-oracle and key-derivation input; see `sessionPrefix`. */
  readonly binding: Uint8Array;
  /** Aborted when the session ends for whatever reason, here or there. */
  readonly signal: AbortSignal;
  /** The share, 0 to 1, that is spent of what one session carries: frames in either direction, and bytes received. */
  readonly wear: number;
  /** Resolves when the window has room for more, not when the partner has read it. */
  send<K extends SentBy<M, Role, false>>(name: K, value: PayloadOf<M, K>): Promise<void>;
  receive<K extends ReceivedBy<M, Role, false>>(name: K): Promise<PayloadOf<M, K>>;
  /** Sends and receives at once: for pairs where both would otherwise wait for a window of the other. */
  exchange<S extends SentBy<M, Role, false>, R extends ReceivedBy<M, Role, false>>(
    send: S,
    value: PayloadOf<M, S>,
    receive: R,
  ): Promise<PayloadOf<M, R>>;
  /** Sends every chunk, then the end mark. */
  sendEach<K extends SentBy<M, Role, true>>(
    name: K,
    chunks: AsyncIterable<PayloadOf<M, K>> | Iterable<PayloadOf<M, K>>,
  ): Promise<void>;
  /** Chunks until the partner's end mark. Must be read to the end (or the session aborted). */
  receiveEach<K extends ReceivedBy<M, Role, true>>(name: K): AsyncIterable<PayloadOf<M, K>>;
  /**
   * Another lane to the partner, who opens it too; the first that one opens meets the other's first, and so on, `LANES_MAX` at
   * most. It has the same table and an order and room of its own: what is sent on it waits for nothing on the others. Its `binding` is
   * another. Lanes end together, whichever fails, and are counted together.
   */
  lane(): Promise<Peer<M, Role>>;
}
