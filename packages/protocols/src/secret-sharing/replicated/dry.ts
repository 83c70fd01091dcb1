/**
 * The same computation without partners: on zeros, to count what it will send. Its results mean nothing. Nothing but the shapes decides what
 * is sent, so that the count is exact, and tested against what the meter counts.
 */
import { CommonStream, KEY_BYTES } from "../pairwise/stream.ts";
import type { MessageCost } from "../two-party/index.ts";
import { Replicated } from "./replicated.ts";
import type { Role, Wire } from "./wire.ts";

export interface Cost {
  /** By message name, to either neighbour: what this party sends. */
  readonly out: Readonly<Record<string, MessageCost>>;
  readonly in: Readonly<Record<string, MessageCost>>;
  /** All, both ways. */
  readonly bytes: number;
}

export interface DryRun {
  readonly backend: Replicated;
  /** So far. */
  cost(): Cost;
}

export function dryReplicated(role: Role): DryRun {
  const [out, received] = [new Map<string, MessageCost>(), new Map<string, MessageCost>()];
  const add = (counts: Map<string, MessageCost>, name: string, size: number): void => {
    if (size === 0) return;
    const { messages, bytes } = counts.get(name) ?? { messages: 0, bytes: 0 };
    counts.set(name, { messages: messages + 1, bytes: bytes + size });
  };
  const move = async (name: string, own: Uint8Array, expected: number): Promise<Uint8Array> => {
    add(out, name, own.length);
    add(received, name, expected);
    return new Uint8Array(expected);
  };
  add(out, "backKey", KEY_BYTES);
  add(received, "backKey", KEY_BYTES);
  const wire: Wire = {
    role,
    previousParty: "nobody",
    on: (kind, own, expected) => move(`on${kind}`, own, expected),
    back: (kind, own, expected) => move(`back${kind}`, own, expected),
  };
  const stream = (): CommonStream => new CommonStream(new Uint8Array(KEY_BYTES), new Uint8Array(32));
  const sum = (counts: ReadonlyMap<string, MessageCost>): number =>
    [...counts.values()].reduce((all, { bytes }) => all + bytes, 0);
  return {
    backend: new Replicated(wire, { previous: stream(), next: stream() }),
    cost: () => ({
      out: Object.fromEntries(out),
      in: Object.fromEntries(received),
      bytes: sum(out) + sum(received),
    }),
  };
}
