/** Both neighbours in the ring of three: what goes on to the one comes from the other at the same time. */
import { TomboloError } from "@tombolo/base";
import type { Peer } from "@tombolo/channel";
import type { BackKind, messages, OnKind } from "./messages.ts";

export const ROLES = ["first", "second", "third"] as const;
export type Role = (typeof ROLES)[number];

export interface Ring {
  readonly role: Role;
  /** Next of first is second, of second third, of third first. */
  readonly next: Peer<typeof messages, "left">;
  readonly previous: Peer<typeof messages, "right">;
}

export interface Wire {
  readonly role: Role;
  /** Sends to the next, receives exactly `expected` bytes from the previous; what is empty on either side is not sent. */
  on(kind: OnKind, own: Uint8Array, expected: number): Promise<Uint8Array>;
  /** To the previous, from the next. */
  back(kind: BackKind, own: Uint8Array, expected: number): Promise<Uint8Array>;
  /** Of whom `on` receives, for errors. */
  readonly previousParty: string;
}

export function ringWire({ role, next, previous }: Ring): Wire {
  return {
    role,
    previousParty: previous.party,
    async on(kind, own, expected) {
      const [theirs] = await Promise.all([
        expected === 0 ? NONE : previous.receive(`on${kind}`),
        own.length === 0 ? undefined : next.send(`on${kind}`, own),
      ]);
      return sized(theirs, expected, previous.party);
    },
    async back(kind, own, expected) {
      const [theirs] = await Promise.all([
        expected === 0 ? NONE : next.receive(`back${kind}`),
        own.length === 0 ? undefined : previous.send(`back${kind}`, own),
      ]);
      return sized(theirs, expected, next.party);
    },
  };
}

const NONE = new Uint8Array(0);

function sized(bytes: Uint8Array, expected: number, party: string): Uint8Array {
  if (bytes.length !== expected) throw refused("size", "a partner computes with vectors of another length", party);
  // A copy: frames are seldom aligned, and their memory is used again.
  return bytes.slice();
}

export const refused = (code: string, what: string, party: string): TomboloError =>
  new TomboloError(`protocol.${code}`, what, { stage: "secret-sharing", blame: party });
