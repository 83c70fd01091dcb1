/** The training session's peer as the engine and the products know it: by their roles and names. */
import type { Peer } from "@tombolo/channel";
import { plainNamed } from "@tombolo/protocols/renamed";
import type { trainingMessages } from "./messages.ts";
import type { ProductEnd, Side } from "./products.ts";

export type GuestPeer = Peer<typeof trainingMessages, "guest">;
export type HostPeer = Peer<typeof trainingMessages, "host">;

/** A further host's end at the guest or the first host, and theirs at it. */
export type ComputingPeer = Peer<typeof trainingMessages, "computing">;
export type OwnerPeer = Peer<typeof trainingMessages, "owner">;

export function productPeers(side: Side, peer: GuestPeer | HostPeer): Pick<ProductEnd, "own" | "theirs" | "lane"> {
  const [own, theirs] = side === "guest" ? ["guestMatrix", "hostMatrix"] : ["hostMatrix", "guestMatrix"];
  return {
    own: plainNamed(own!, peer as never) as unknown as ProductEnd["own"],
    theirs: plainNamed(theirs!, peer as never) as unknown as ProductEnd["theirs"],
    lane: async () => productPeers(side, await peer.lane()),
  };
}
