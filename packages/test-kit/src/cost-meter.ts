/**
 * What a run cost, measured at the links: bytes by direction and message name, and rounds, the longest chain of
 * messages of which each could depend on the one before.
 *
 * Each party keeps a depth: the deepest message it has received. What it sends is one deeper. A stream counts once:
 * all its chunks take the depth of the first, so a pipelined reply does not lengthen the chain chunk by chunk.
 * Whatever was received before is taken for a cause. Where both sides stream at once, the quicker one's first chunk may
 * come before the slower one's first is out: give such a world a latency. A further lane of a session has rounds of its own.
 */
import {
  decodeFrame,
  FLAG_END,
  FRAME_HEADER_BYTES,
  type Link,
  type MessageTable,
  messageNameAt,
} from "@tombolo/channel";

export interface MessageCost {
  readonly messages: number;
  readonly bytes: number;
}

export interface Cost {
  /** Of first lanes. */
  readonly rounds: number;
  /** Of the further lane that took most. */
  readonly laneRounds: number;
  /** Encoded payload bytes over all messages. */
  readonly bytes: number;
  /** By "from->to", then by message name. */
  readonly byDirection: Readonly<Record<string, Readonly<Record<string, MessageCost>>>>;
}

export class CostMeter {
  readonly #depths = new Map<string, number>();
  readonly #counts = new Map<string, Map<string, { messages: number; bytes: number }>>();
  /** Depth of frames on the way, by connection, direction and sequence. */
  readonly #underway = new Map<string, number>();
  readonly #rounds = { first: 0, further: 0 };
  #bytes = 0;

  /** A link that reports what passes through it; `connection` names the pair's session, and with a point its lane. */
  observe(link: Link, table: MessageTable, connection: string, self: string, partner: string): Link {
    const streams = new Map<number, number>();
    const sent = (frame: Uint8Array) => this.#sent(frame, table, connection, self, partner, streams);
    const received = (frame: Uint8Array) => this.#received(frame, connection, self, partner);
    return {
      signal: link.signal,
      close: () => link.close(),
      abort: (reason) => link.abort(reason),
      send(frame) {
        sent(frame);
        return link.send(frame);
      },
      async receive() {
        const frame = await link.receive();
        if (frame !== undefined) received(frame);
        return frame;
      },
    };
  }

  cost(): Cost {
    const byDirection = Object.fromEntries(
      [...this.#counts].map(([direction, names]) => [
        direction,
        Object.fromEntries([...names].map(([name, count]) => [name, { ...count }])),
      ]),
    );
    return { rounds: this.#rounds.first, laneRounds: this.#rounds.further, bytes: this.#bytes, byDirection };
  }

  #sent(
    bytes: Uint8Array,
    table: MessageTable,
    connection: string,
    from: string,
    to: string,
    streams: Map<number, number>,
  ): void {
    const frame = parsed(bytes);
    if (frame === undefined) return;
    const name = messageNameAt(table, frame.index)!;
    const streamed = table[name]!.streamed;
    const reached = this.#depths.get(depthOf(connection, from)) ?? 0;
    const depth = (streamed ? streams.get(frame.index) : undefined) ?? reached + 1;
    if (streamed && frame.flags === FLAG_END) streams.delete(frame.index);
    else if (streamed) streams.set(frame.index, depth);
    this.#underway.set(`${connection} ${from} ${frame.sequence}`, depth);
    const lane = isFurther(connection) ? "further" : "first";
    this.#rounds[lane] = Math.max(this.#rounds[lane], depth);
    this.#count(`${from}->${to}`, name, bytes.length - FRAME_HEADER_BYTES, frame.flags === 0);
  }

  #received(bytes: Uint8Array, connection: string, self: string, partner: string): void {
    const frame = parsed(bytes);
    if (frame === undefined) return;
    const key = `${connection} ${partner} ${frame.sequence}`;
    const depth = this.#underway.get(key) ?? 0;
    this.#underway.delete(key);
    const reached = depthOf(connection, self);
    this.#depths.set(reached, Math.max(this.#depths.get(reached) ?? 0, depth));
  }

  #count(direction: string, name: string, bytes: number, last: boolean): void {
    const names = this.#counts.get(direction) ?? new Map();
    const count = names.get(name) ?? { messages: 0, bytes: 0 };
    names.set(name, { messages: count.messages + (last ? 1 : 0), bytes: count.bytes + bytes });
    this.#counts.set(direction, names);
    this.#bytes += bytes;
  }
}

const isFurther = (connection: string): boolean => connection.includes(".");
/** All first lanes of a party have one depth. */
const depthOf = (connection: string, party: string): string =>
  isFurther(connection) ? `${connection} ${party}` : party;

/** Hellos and what a tamper hook made unreadable cost nothing. */
function parsed(bytes: Uint8Array): ReturnType<typeof decodeFrame> | undefined {
  try {
    return decodeFrame(bytes);
  } catch {
    return undefined;
  }
}
