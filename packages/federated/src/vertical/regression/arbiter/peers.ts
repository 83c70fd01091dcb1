/** The ends of sessions, and what all of them ask of the other's bytes. */
import { concat, TomboloError } from "@tombolo/base";
import type { Peer } from "@tombolo/channel";
import type { arbiterMessages } from "./messages.ts";

export type ArbiterGuestPeer = Peer<typeof arbiterMessages, "guest">;
export type ArbiterHostPeer = Peer<typeof arbiterMessages, "host">;
/** An owner's end of its session with the arbiter, and the arbiter's of one with an owner. */
export type ToArbiterPeer = Peer<typeof arbiterMessages, "owner">;
export type ToOwnerPeer = Peer<typeof arbiterMessages, "arbiter">;

/** A stream of exactly so many bytes. Ends at the first byte too many. */
export async function collected(chunks: AsyncIterable<Uint8Array>, length: number, party: string): Promise<Uint8Array> {
  const all: Uint8Array[] = [];
  let got = 0;
  for await (const chunk of chunks) {
    got += chunk.length;
    if (got > length) throw wrongCount(party);
    all.push(chunk);
  }
  if (got !== length) throw wrongCount(party);
  return concat(...all);
}

const wrongCount = (party: string): TomboloError =>
  new TomboloError("protocol.malformed", "another number of encrypted values than there are", { blame: party });

export function* chunksOf(bytes: Uint8Array, width: number): Iterable<Uint8Array> {
  const chunk = 4096 * width;
  for (let at = 0; at < bytes.length; at += chunk) yield bytes.subarray(at, at + chunk);
}
