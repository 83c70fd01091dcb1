/** One of the two that have a copy of the table: goal, messages and guarantees are in guest.ts. */
import type { Peer } from "@tombolo/channel";
import { retrieval } from "@tombolo/crypto";
import type { Table } from "../simple/index.ts";
import { refused } from "./guest.ts";
import type { messages } from "./messages.ts";

/** Answers until the guest has asked its last; returns how many queries there were. `admit` is awaited before each. */
export async function host(
  { description, cells }: Table,
  peer: Peer<typeof messages, "host">,
  admit: () => Promise<void>,
): Promise<number> {
  await peer.receive("open"); // 1
  await peer.send("description", description); // 2
  for (let count = 0; ; count++) {
    const query = await peer.receive("query"); // 3
    if (query.length === 0) return count;
    await admit();
    await peer.send("answer", await answerTo(query, { description, cells }, peer.party)); // 4
  }
}

/** D·query, the lowest byte of each. */
export async function answerTo(query: Uint8Array, { description, cells }: Table, party: string): Promise<Uint8Array> {
  if (query.length !== description.columns)
    throw refused("size", "the partner's query is not as wide as the table", party);
  return Uint8Array.from(await retrieval.pirAnswer(cells, Uint32Array.from(query)));
}
