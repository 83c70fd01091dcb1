/** The guest's end of a match in buckets: goal, messages and guarantees are in match.ts. */
import type { Peer } from "@tombolo/channel";
import { match } from "./match.ts";
import type { messages } from "./messages.ts";
import type { IdStore, MatchOptions, MatchResult } from "./options.ts";

export const guest = (
  ids: IdStore,
  peer: Peer<typeof messages, "guest">,
  options: MatchOptions,
): Promise<MatchResult> =>
  match(
    ids,
    {
      role: "guest",
      party: peer.party,
      binding: peer.binding,
      offer: (own) => peer.exchange("guestOffer", own, "hostOffer"),
      opened: (own) => peer.exchange("guestOpened", own, "hostOpened"),
      receipt: (own) => peer.exchange("guestReceipt", own, "hostReceipt"),
    },
    options,
  );
