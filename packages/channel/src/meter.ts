/**
 * Counts what a session sends and receives by message name. Adding is a few integer additions, so it runs per
 * frame; whoever shows the numbers takes a `snapshot` when it suits (at most 20 times a second is enough for eyes).
 */
export type Direction = "out" | "in";

export interface MessageCount {
  readonly messages: number;
  /** Encoded payload bytes, without frame headers. */
  readonly bytes: number;
  /** Frames; each adds FRAME_HEADER_BYTES on the wire. */
  readonly frames: number;
}

export type MeterCounts = Readonly<Record<Direction, Readonly<Record<string, MessageCount>>>>;

export interface Meter {
  /** One frame of the message `name`; `last` if it ends a message. */
  add(direction: Direction, name: string, bytes: number, last: boolean): void;
}

export interface CountingMeter extends Meter {
  snapshot(): MeterCounts;
  /** Payload bytes of all messages of a direction. */
  total(direction: Direction): number;
}

interface Count {
  messages: number;
  bytes: number;
  frames: number;
}

export function createMeter(): CountingMeter {
  const counts = { out: new Map<string, Count>(), in: new Map<string, Count>() };
  const totals = { out: 0, in: 0 };
  const copy = (map: Map<string, Count>) => Object.fromEntries([...map].map(([name, count]) => [name, { ...count }]));
  return {
    add(direction, name, bytes, last) {
      let count = counts[direction].get(name);
      if (count === undefined) {
        count = { messages: 0, bytes: 0, frames: 0 };
        counts[direction].set(name, count);
      }
      count.bytes += bytes;
      count.frames += 1;
      if (last) count.messages += 1;
      totals[direction] += bytes;
    },
    snapshot: () => ({ out: copy(counts.out), in: copy(counts.in) }),
    total: (direction) => totals[direction],
  };
}
