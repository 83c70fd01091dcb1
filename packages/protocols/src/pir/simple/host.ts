/** Who has the table: goal, messages and guarantees are in guest.ts. */
import { equalBytes } from "@tombolo/base";
import type { Peer } from "@tombolo/channel";
import { retrieval } from "@tombolo/crypto";
import type { Database } from "./database.ts";
import { refused } from "./guest.ts";
import { HINT_CHUNK_WORDS, type messages, type setupMessages } from "./messages.ts";

/** Hands the public part over, once for each asker. */
export async function sendSetup(
  { description, hint }: Pick<Database, "description" | "hint">,
  peer: Peer<typeof setupMessages, "host">,
): Promise<void> {
  await peer.send("description", description);
  await peer.sendEach("hint", chunksOf(hint));
}

function* chunksOf(words: Uint32Array): Generator<Uint8Array> {
  for (let at = 0; at < words.length; at += HINT_CHUNK_WORDS) {
    const part = words.subarray(at, at + HINT_CHUNK_WORDS);
    yield new Uint8Array(part.buffer, part.byteOffset, part.byteLength);
  }
}

/** Answers until the guest has asked its last; returns how many queries there were. `admit` is awaited before each. */
export async function host(
  { description, cells }: Pick<Database, "description" | "cells">,
  peer: Peer<typeof messages, "host">,
  admit: () => Promise<void>,
): Promise<number> {
  if (!equalBytes(await peer.receive("open"), description.id))
    throw refused("version", "the partner asks of another database", peer.party);
  for (let count = 0; ; count++) {
    const query = await peer.receive("query");
    if (query.length === 0) return count;
    if (query.length !== description.columns)
      throw refused("size", "the partner's query is not as wide as the database", peer.party);
    await admit();
    await peer.send("answer", await retrieval.pirAnswer(cells, query));
  }
}
