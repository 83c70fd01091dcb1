/** The session's peer as products know it, by their roles and names. */
import type { Peer } from "@tombolo/channel";
import { plainNamed } from "@tombolo/protocols/renamed";
import type { sharedMessages } from "./messages.ts";
import type { Side, SumsEnd } from "./products.ts";

export type SharedGuestPeer = Peer<typeof sharedMessages, "guest">;
export type SharedHostPeer = Peer<typeof sharedMessages, "host">;

export function productPeers(side: Side, peer: SharedGuestPeer | SharedHostPeer): Pick<SumsEnd, "own" | "theirs"> {
  const [own, theirs] = side === "guest" ? ["guestMatrix", "hostMatrix"] : ["hostMatrix", "guestMatrix"];
  const both = <P extends SumsEnd["own"] | SumsEnd["theirs"]>(prefix: string): P => {
    const plain: unknown = plainNamed(prefix, peer as never);
    return { product: plain, histogram: plain } as P;
  };
  return { own: both(own!), theirs: both(theirs!) };
}
