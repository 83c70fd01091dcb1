/** The leaf's part of the coin toss: goal, messages and guarantees are in hub.ts. */
import { type Secrets, TomboloError } from "@tombolo/base";
import type { Peer } from "@tombolo/channel";
import type { messages } from "./messages.ts";
import { checkOwn, combineCoins, makeCoin } from "./steps.ts";

/** 32 bytes, the same at all parties. */
export async function leaf(peer: Peer<typeof messages, "leaf">, secrets: Secrets): Promise<Uint8Array> {
  const own = await makeCoin(peer.binding, secrets);
  await peer.send("commitment", own.commitment); // 1
  const commitments = await peer.receive("commitments"); // 2
  checkOwn(commitments.list, own.commitment, commitments.index);
  await peer.send("opening", own.opening); // 3
  const openings = await peer.receive("openings"); // 4
  if (openings.index !== commitments.index) throw new TomboloError("protocol.coin", "the place changed between rounds");
  return combineCoins(peer.binding, commitments.list, openings.list);
}
