/** Who has the small table: goal, messages and guarantees are in guest.ts. */
import type { Secrets } from "@tombolo/base";
import type { Peer } from "@tombolo/channel";
import { ID_DIGEST_BYTES } from "@tombolo/crypto";
import { host as offer } from "../../pir/oblivious-transfer/index.ts";
import { sortTags } from "../../psi/unbalanced/index.ts";
import { beside, strip } from "../keyword/index.ts";
import { KEYS_CHUNK_BYTES, type messages } from "./messages.ts";

export interface SmallTable {
  /** 16 bytes each, distinct, under `idPrefix`. */
  readonly digests: Uint8Array;
  /** `recordBytes` each, at least one. */
  readonly records: Uint8Array;
  readonly recordBytes: number;
}

export interface OfferOptions {
  readonly secrets: Secrets;
  /** Awaited with the number of rows asked for before anything of the table leaves. */
  readonly admit: (count: number) => Promise<void>;
  readonly progress?: (done: number) => void;
}

/** Returns how many rows were asked for, padding included. */
export async function host(
  { digests, records, recordBytes }: SmallTable,
  peer: Peer<typeof messages, "host">,
  { secrets, admit, progress }: OfferOptions,
): Promise<number> {
  const asked = await peer.receive("asks"); // 1
  await admit(asked);
  const width = ID_DIGEST_BYTES + recordBytes;
  const sorted = await sortTags(beside([digests, ID_DIGEST_BYTES], [records, recordBytes]), width);
  await peer.sendEach("keys", chunksOf(strip(sorted, 0, ID_DIGEST_BYTES, width))); // 2
  const rows = strip(sorted, ID_DIGEST_BYTES, recordBytes, width);
  for (let run = 0; run < asked; run++) {
    await offer(rows, recordBytes, peer, secrets, run); // 3
    progress?.(run + 1);
  }
  return asked;
}

function* chunksOf(digests: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < digests.length; at += KEYS_CHUNK_BYTES) yield digests.subarray(at, at + KEYS_CHUNK_BYTES);
}
