/** The host's end of a match in buckets: goal, messages and guarantees are in match.ts. */
import type { Peer } from "@tombolo/channel";
import { match } from "./match.ts";
import type { messages } from "./messages.ts";
import type { IdStore, MatchOptions, MatchResult } from "./options.ts";

export const host = (ids: IdStore, peer: Peer<typeof messages, "host">, options: MatchOptions): Promise<MatchResult> =>
  match(
    ids,
    {
      role: "host",
      party: peer.party,
      binding: peer.binding,
      offer: (own) => peer.exchange("hostOffer", own, "guestOffer"),
      opened: (own) => peer.exchange("hostOpened", own, "guestOpened"),
      receipt: (own) => peer.exchange("hostReceipt", own, "guestReceipt"),
    },
    options,
  );
