/** The partner's end as two equal parties see it: both send a message of one kind at once, of the size both know. */
import { TomboloError } from "@tombolo/base";
import type { Peer } from "@tombolo/channel";
import type { Kind, messages } from "./messages.ts";

export type Role = "first" | "second";

export const other = (role: Role): Role => (role === "first" ? "second" : "first");

export type TwoPartyPeer =
  | { readonly role: "first"; readonly peer: Peer<typeof messages, "first"> }
  | { readonly role: "second"; readonly peer: Peer<typeof messages, "second"> };

export interface Wire {
  readonly role: Role;
  readonly party: string;
  /** 32 bytes that belong to this session alone. */
  readonly binding: Uint8Array;
  /** Sends, and receives exactly `expected` bytes; what is empty on either side is not sent. */
  exchange(kind: Kind, own: Uint8Array, expected: number): Promise<Uint8Array>;
}

export function peerWire(end: TwoPartyPeer): Wire {
  const { party } = end.peer;
  const send = (kind: Kind, own: Uint8Array): Promise<void> =>
    end.role === "first" ? end.peer.send(`first${kind}`, own) : end.peer.send(`second${kind}`, own);
  const receive = (kind: Kind): Promise<Uint8Array> =>
    end.role === "first" ? end.peer.receive(`second${kind}`) : end.peer.receive(`first${kind}`);
  return {
    role: end.role,
    party,
    binding: end.peer.binding,
    async exchange(kind, own, expected) {
      const [theirs] = await Promise.all([
        expected === 0 ? new Uint8Array(0) : receive(kind),
        own.length === 0 ? undefined : send(kind, own),
      ]);
      if (theirs.length !== expected)
        throw refused("size", "the partner computes with vectors of another length", party);
      // Messages of several frames have memory of their own. Others are views of a frame, seldom aligned, and used again.
      const separate = theirs.byteOffset === 0 && theirs.buffer.byteLength === theirs.length;
      return separate ? theirs : theirs.slice();
    },
  };
}

/** A further lane to the partner. */
export async function laneOf(end: TwoPartyPeer): Promise<TwoPartyPeer> {
  return end.role === "first"
    ? { role: end.role, peer: await end.peer.lane() }
    : { role: end.role, peer: await end.peer.lane() };
}

export const refused = (code: string, what: string, party: string): TomboloError =>
  new TomboloError(`protocol.${code}`, what, { stage: "secret-sharing", blame: party });
