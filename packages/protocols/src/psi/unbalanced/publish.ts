/**
 * The offline phase of unbalanced matching: a catalogue of keyed fingerprints of the large side's ids is handed to the
 * small side, once an epoch in full and then in padded batches. Behind each fingerprint may stand a sealed record (query/
 * keyword): fingerprint and record are one entry, which comes and goes as a whole.
 *
 * 1. host -> guest: header (key, sizes, snapshot, end of the epoch), signed with the catalogue's key.
 * 2. host -> guest: entries taken out, sorted.   3. host -> guest: entries put in, sorted.
 * 4. guest -> host: hash of the header; the version counts from here on.
 *
 * Learns. Guest: the number of fingerprints (padded) and, in a refresh, how many (padded) were added and removed, and by
 * asking later which of its ids were among them. Host: that it is stored. Adversary: as in guest.ts.
 * Rounds: 2. Bytes: `HEADER_BYTES + SIGNATURE_BYTES + entryBytes·(added + removed) + 32`.
 */
import { equalBytes, type Secrets, TomboloError } from "@tombolo/base";
import type { Peer } from "@tombolo/channel";
import {
  type CatalogueHeader,
  checkSignature,
  checkSuccessor,
  entryBytes,
  headerHash,
  refused,
  signHeader,
} from "./header.ts";
import { type publishMessages, TAG_CHUNK_BYTES } from "./messages.ts";
import { ascends } from "./steps.ts";

type Chunks = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** Sorted entries, in chunks of any size. */
export interface Changes {
  readonly removed: Chunks;
  readonly added: Chunks;
}

export async function publish(
  header: CatalogueHeader,
  key: Uint8Array,
  changes: Changes,
  peer: Peer<typeof publishMessages, "host">,
  secrets: Secrets,
): Promise<void> {
  await peer.send("header", { header, signature: await signHeader(header, key, secrets) }); // 1
  const width = entryBytes(header);
  await peer.sendEach("removed", recut(changes.removed, width)); // 2
  await peer.sendEach("added", recut(changes.added, width)); // 3
  if (!equalBytes(await peer.receive("stored"), await headerHash(header)))
    // 4
    throw refused("version", "the partner stored another version", peer.party);
}

/** Where a version's changes are put while they come; committed by the caller once `receiveVersion` returns. */
export interface ChangeSink {
  removed(entries: Uint8Array): Promise<void>;
  added(entries: Uint8Array): Promise<void>;
  /** All changes are there and valid: makes the version durable. */
  commit(header: CatalogueHeader): Promise<void>;
}

export interface ReceiveOptions {
  /** The version that is here; null: none. */
  readonly before: CatalogueHeader | null;
  readonly rowsMax: number;
  /** Called with the header before any tag is taken; may throw. */
  readonly open: (header: CatalogueHeader) => Promise<ChangeSink>;
}

export async function receiveVersion(
  peer: Peer<typeof publishMessages, "guest">,
  { before, rowsMax, open }: ReceiveOptions,
): Promise<CatalogueHeader> {
  const { header, signature } = await peer.receive("header"); // 1
  await checkSignature(header, signature, peer.party);
  await checkSuccessor(before, header, peer.party);
  if (header.rows > rowsMax)
    throw new TomboloError("consent.rows", "the catalogue has more rows than agreed", {
      stage: "psi/unbalanced",
      blame: peer.party,
    });
  const sink = await open(header);
  await take(peer, "removed", header, header.removed, (tags) => sink.removed(tags)); // 2
  await take(peer, "added", header, header.added, (tags) => sink.added(tags)); // 3
  await sink.commit(header);
  await peer.send("stored", await headerHash(header)); // 4
  return header;
}

async function take(
  peer: Peer<typeof publishMessages, "guest">,
  name: "removed" | "added",
  header: CatalogueHeader,
  count: number,
  put: (tags: Uint8Array) => Promise<void>,
): Promise<void> {
  const width = entryBytes(header);
  let done = 0;
  let last: Uint8Array = new Uint8Array(0);
  for await (const tags of peer.receiveEach(name)) {
    if (tags.length === 0 || tags.length % width !== 0 || done + tags.length / width > count)
      throw wrongSize(peer.party);
    if (!ascends(last, tags, width, header.tagBytes))
      throw refused("order", "fingerprints are not ascending, or come twice", peer.party);
    last = tags.slice(-width);
    done += tags.length / width;
    await put(tags);
  }
  if (done !== count) throw wrongSize(peer.party);
}

const wrongSize = (party: string): TomboloError =>
  refused("size", "the partner sent another number of fingerprints than it declared", party);

async function* recut(chunks: Chunks, width: number): AsyncGenerator<Uint8Array> {
  const size = Math.floor(TAG_CHUNK_BYTES / width) * width;
  for await (const chunk of chunks) for (let at = 0; at < chunk.length; at += size) yield chunk.subarray(at, at + size);
}
