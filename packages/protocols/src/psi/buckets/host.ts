/** A host's end of a match in buckets: goal, messages and guarantees are in match.ts. */
import type { Peer } from "@tombolo/channel";
import { match, type Partner } from "./match.ts";
import type { hostMessages, messages } from "./messages.ts";
import type { IdStore, MatchOptions, MatchResult } from "./options.ts";

type GuestPeer = Peer<typeof messages, "host">;
type LaterPeer = Peer<typeof hostMessages, "earlier host">;
type EarlierPeer = Peer<typeof hostMessages, "later host">;

export interface OtherHosts {
  readonly earlier: readonly EarlierPeer[];
  readonly later: readonly LaterPeer[];
}

export const host = (
  ids: IdStore,
  peer: GuestPeer,
  options: MatchOptions,
  { earlier, later }: OtherHosts = { earlier: [], later: [] },
): Promise<MatchResult> => {
  const partners = [asGuest(peer), ...earlier.map(asEarlier), ...later.map(asLater)];
  return match(ids, { place: 1 + earlier.length, binding: peer.binding, partners }, options);
};

const asGuest = (peer: GuestPeer): Partner => ({
  party: peer.party,
  offer: (own) => peer.exchange("hostOffer", own, "guestOffer"),
  opened: (own) => peer.exchange("hostOpened", own, "guestOpened"),
  receipt: (own) => peer.exchange("hostReceipt", own, "guestReceipt"),
});

const asEarlier = (peer: EarlierPeer): Partner => ({
  party: peer.party,
  offer: (own) => peer.exchange("laterOffer", own, "earlierOffer"),
  opened: (own) => peer.exchange("laterOpened", own, "earlierOpened"),
  receipt: (own) => peer.exchange("laterReceipt", own, "earlierReceipt"),
});

const asLater = (peer: LaterPeer): Partner => ({
  party: peer.party,
  offer: (own) => peer.exchange("earlierOffer", own, "laterOffer"),
  opened: (own) => peer.exchange("earlierOpened", own, "laterOpened"),
  receipt: (own) => peer.exchange("earlierReceipt", own, "laterReceipt"),
});
