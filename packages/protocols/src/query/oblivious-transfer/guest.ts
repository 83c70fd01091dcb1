/**
 * Records of single keys from a small table whose keys are no secret: the owner does not learn which rows are taken, the asker
 * gets no other. Nothing is kept, and nothing is assumed of the asker.
 *
 * Paper: Naor, Pinkas, STOC 1999; see pir/oblivious-transfer, of which this is a run for each row, with the list of keys before them.
 *
 * 1. guest -> host: how many rows it will ask for.   2. host -> guest: a fingerprint of each key, sorted: rows are in that order.
 * 3. For each, one run of pir/oblivious-transfer. For a key that is not there, and for padding, of the first row, which is thrown away.
 *
 * Learns. Guest: which keys the table has (fingerprints are hashes: a key that can be guessed is found in them), and the rows it chose.
 * Host: how many rows are asked for, rounded up to the guest's step; neither which, nor how many of the keys are there.
 * Adversary: malicious guest: it gets so many rows and no more. Host: learns nothing however it departs.
 *
 * Rounds: 2, and 4 a row. Bytes: 16 a row of the table, and for each row asked for those of pir/oblivious-transfer.
 */
import { type Secrets, TomboloError, toHex } from "@tombolo/base";
import type { Peer } from "@tombolo/channel";
import { ID_DIGEST_BYTES } from "@tombolo/crypto";
import { guest as choose, ROWS_MAX } from "../../pir/oblivious-transfer/index.ts";
import type { Answers } from "../keyword/index.ts";
import { IDS_MAX_CHOSEN, type messages } from "./messages.ts";
import { refused, STAGE } from "./steps.ts";

export interface ChosenOptions {
  readonly secrets: Secrets;
  readonly recordBytes: number;
  /** A table of more bytes is refused before a row is chosen. */
  readonly bytesMax: number;
  /** As many rows as a multiple of this are asked for. */
  readonly padTo: number;
  readonly progress?: (done: number) => void;
}

/** `digests`: 16 bytes each, distinct, under `idPrefix`. */
export async function guest(
  digests: Uint8Array,
  peer: Peer<typeof messages, "guest">,
  options: ChosenOptions,
): Promise<Answers> {
  const { recordBytes, padTo, secrets, bytesMax, progress } = options;
  const count = digests.length / ID_DIGEST_BYTES;
  const asked = Math.max(padTo, Math.ceil(count / padTo) * padTo);
  if (asked > IDS_MAX_CHOSEN)
    throw new TomboloError("input.rows", `at most ${IDS_MAX_CHOSEN} rows are asked for at a time`, { stage: STAGE });
  await peer.send("asks", asked); // 1
  const places = await placesFrom(peer); // 2
  const answers = { found: new Uint8Array(count), records: new Uint8Array(count * recordBytes) };
  for (let run = 0; run < asked; run++) {
    const digest = digests.subarray(run * ID_DIGEST_BYTES, (run + 1) * ID_DIGEST_BYTES);
    const row = run < count ? places.get(toHex(digest)) : undefined;
    const record = await choose(row ?? 0, peer, { secrets, bytesMax, run }); // 3
    if (record.length !== recordBytes) throw refused("size", "the partner's rows have another width", peer.party);
    progress?.(run + 1);
    if (row === undefined) continue;
    answers.found[run] = 1;
    answers.records.set(record, run * recordBytes);
  }
  return answers;
}

/** Row by digest. */
async function placesFrom(peer: Peer<typeof messages, "guest">): Promise<Map<string, number>> {
  const places = new Map<string, number>();
  for await (const part of peer.receiveEach("keys")) {
    if (part.length === 0 || places.size + part.length / ID_DIGEST_BYTES > ROWS_MAX)
      throw refused("size", "the partner's table has an impossible number of keys", peer.party);
    for (let at = 0; at < part.length; at += ID_DIGEST_BYTES) {
      const size = places.size;
      places.set(toHex(part.subarray(at, at + ID_DIGEST_BYTES)), size);
      if (places.size === size) throw refused("order", "a key is in the partner's table twice", peer.party);
    }
  }
  return places;
}
