/**
 * Joint randomness of n parties by commit and open (Blum 1983), in a star: leaves talk to the hub only.
 *
 * 1. leaf -> hub: commitment to its coin.       2. hub -> leaf: all commitments, its own first.
 * 3. leaf -> hub: opening.                      4. hub -> leaf: all openings. Everyone hashes all coins.
 *
 * All learn the result and nothing else. Against malicious parties the result is uniform for whoever was honest: no one
 * opens before all have committed. The hub, or whoever opens last, may see the result first and then end the session
 * (no protocol prevents that); a hub may give different leaves different results, which the leaves notice as soon as
 * they use it together. Four messages one after the other; bytes per leaf: 32 + (4 + 32n) + 64 + (4 + 64n).
 */
import type { Secrets } from "@tombolo/base";
import { concat } from "@tombolo/base";
import type { Peer } from "@tombolo/channel";
import type { messages } from "./messages.ts";
import { combineCoins, makeCoin } from "./steps.ts";

/** 32 bytes, the same at all parties. */
export async function hub(leaves: readonly Peer<typeof messages, "hub">[], secrets: Secrets): Promise<Uint8Array> {
  const binding = leaves[0]!.binding;
  const own = await makeCoin(binding, secrets);
  const theirs = await Promise.all(leaves.map((leaf) => leaf.receive("commitment"))); // 1
  const commitments = concat(own.commitment, ...theirs);
  await Promise.all(leaves.map((leaf, i) => leaf.send("commitments", { index: i + 1, list: commitments }))); // 2
  const opened = await Promise.all(leaves.map((leaf) => leaf.receive("opening"))); // 3
  const openings = concat(own.opening, ...opened);
  const result = await combineCoins(binding, commitments, openings);
  await Promise.all(leaves.map((leaf, i) => leaf.send("openings", { index: i + 1, list: openings }))); // 4
  return result;
}
