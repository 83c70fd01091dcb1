/** The guest's end of a match in buckets: goal, messages and guarantees are in match.ts. */
import type { Peer } from "@tombolo/channel";
import { match, type Partner } from "./match.ts";
import type { messages } from "./messages.ts";
import type { IdStore, MatchOptions, MatchResult } from "./options.ts";

type HostPeer = Peer<typeof messages, "guest">;

/** `hosts` in the same order as at every other party. */
export const guest = (ids: IdStore, hosts: readonly HostPeer[], options: MatchOptions): Promise<MatchResult> =>
  match(ids, { place: 0, binding: hosts[0]!.binding, partners: hosts.map(asHost) }, options);

const asHost = (peer: HostPeer): Partner => ({
  party: peer.party,
  offer: (own) => peer.exchange("guestOffer", own, "hostOffer"),
  opened: (own) => peer.exchange("guestOpened", own, "hostOpened"),
  receipt: (own) => peer.exchange("guestReceipt", own, "hostReceipt"),
});
