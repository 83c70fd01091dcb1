/**
 * Rounds and bytes of single steps of a computation among several, in one process: of each message the longest chain of those that its sender had
 * asked for and got before.
 */
import type { AdditivePeer, Parties } from "../additive/index.ts";

export interface Counted {
  readonly rounds: number;
  /** Sent by this party. */
  readonly bytes: number;
}

/** One for all parties of a world. */
export class RoundCounter {
  readonly #underway = new Map<string, number[]>();
  readonly #depth = new Map<string, number>();
  readonly #bytes = new Map<string, number>();

  observe(parties: Parties): Parties {
    const peers = [...parties.peers].map(([role, peer]) => [role, this.#observed(parties.self, role, peer)] as const);
    return { ...parties, peers: new Map(peers) };
  }

  at(self: string): Counted {
    return { rounds: this.#depth.get(self) ?? 0, bytes: this.#bytes.get(self) ?? 0 };
  }

  #observed(self: string, role: string, peer: AdditivePeer): AdditivePeer {
    const queue = (from: string, to: string, name: string): number[] => {
      const key = JSON.stringify([from, to, name]);
      if (!this.#underway.has(key)) this.#underway.set(key, []);
      return this.#underway.get(key)!;
    };
    return new Proxy(peer, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== "function") return value;
        if (name === "send")
          return (message: string, payload: Uint8Array) => {
            queue(self, role, message).push((this.#depth.get(self) ?? 0) + 1);
            this.#bytes.set(self, (this.#bytes.get(self) ?? 0) + payload.length);
            return value.call(target, message, payload);
          };
        if (name === "receive")
          return async (message: string) => {
            const payload: unknown = await value.call(target, message);
            this.#depth.set(self, Math.max(this.#depth.get(self) ?? 0, queue(role, self, message).shift()!));
            return payload;
          };
        return value.bind(target);
      },
    });
  }
}
