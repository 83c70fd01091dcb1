/**
 * Unbalanced private set intersection, online: who holds a catalogue of keyed fingerprints of a large table finds which
 * of its few ids are in that table. Cost follows the small side.
 *
 * Paper: an OPRF over a group (Jarecki, Liu, SCN 2010; Kiss, Liu, Schneider, Asokan, Pinkas, PoPETs 2017/4), F_k(x) =
 * SHA-256(k·H(x)); the offline phase is in publish.ts. Deviation from RFC 9497: one blinding key a run instead of one an
 * id (as in psi/ecdh: DDH), and SHA-256 over the point alone, so that all of it runs in bulk kernels.
 *
 * 1. guest -> host: catalogue, version, number of ids.   host: checks version, end of the epoch, budget; writes it down.
 * 2. guest -> host: a·H(x).     3. host -> guest: k·a·H(x), same order; guest divides by a, tags, looks up.  (2, 3 overlap)
 *
 * H is RFC 9380 hashing to ristretto255 under a tag with the catalogue's id in it. The session is not in these hashes:
 * catalogues outlive sessions. What separates them is the catalogue's id and key, one for each (partner, dataset,
 * epoch) (SECURITY.md rules 5 and 14).
 *
 * Learns. Guest: which of its ids are in the host's table of that version, and nothing of other ids but their number.
 * Host: how many ids were asked about; neither which, nor how many matched.
 * Adversary: malicious guest (one-more gap Diffie-Hellman): it learns F_k of as many ids as it asks about, and those may
 * be guesses, hence budgets and epochs. Host semi-honest: one that applies another key makes matches disappear.
 *
 * Rounds: 3. Bytes: to the host 40 + 32·n, to the guest 32·n.
 */
import { type Secrets, TomboloError } from "@tombolo/base";
import type { Peer } from "@tombolo/channel";
import { ID_DIGEST_BYTES, POINT_BYTES, ristretto255 } from "@tombolo/crypto";
import { onPoints } from "../../on-points.ts";
import { type CatalogueHeader, refused, STAGE } from "./header.ts";
import { ASKED_MAX, type messages } from "./messages.ts";
import { blind, CHUNK_ROWS, tagsOf } from "./steps.ts";

/** The stored tags. */
export interface CatalogueReader {
  /** For each tag (`tagBytes` wide) 1 if it is in the catalogue, else 0. */
  lookUp(tags: Uint8Array): Promise<Uint8Array>;
}

export interface LookUpOptions {
  readonly secrets: Secrets;
  readonly header: CatalogueHeader;
  readonly catalogue: CatalogueReader;
  readonly chunkRows?: number;
  readonly progress?: (done: number, total: number) => void;
}

/** Positions of the matched ids. `digests`: 16 bytes each, under `idPrefix` of the catalogue. */
export async function guest(
  digests: Uint8Array,
  host: Peer<typeof messages, "guest">,
  options: LookUpOptions,
): Promise<Uint32Array> {
  const { header, secrets, chunkRows = CHUNK_ROWS } = options;
  const count = digests.length / ID_DIGEST_BYTES;
  if (!Number.isInteger(count)) throw new RangeError("digests of a wrong length");
  if (count > ASKED_MAX) throw new TomboloError("input.rows", `at most ${ASKED_MAX} ids are asked about at a time`);
  await host.send("ask", { catalogue: header.catalogue, version: header.version, count }); // 1
  const a = ristretto255.randomScalar(secrets);
  const [, tags] = await Promise.all([
    host.sendEach("blinded", blindedChunks(digests, a, header.catalogue, chunkRows)), // 2
    receiveTags(host, count, ristretto255.invertScalar(a), options), // 3
  ]);
  const found = await options.catalogue.lookUp(tags);
  return Uint32Array.from(Array.from(found.keys()).filter((i) => found[i] === 1));
}

async function* blindedChunks(
  digests: Uint8Array,
  a: Uint8Array,
  catalogue: Uint8Array,
  chunkRows: number,
): AsyncGenerator<Uint8Array> {
  const size = chunkRows * ID_DIGEST_BYTES;
  for (let at = 0; at < digests.length; at += size) yield blind(digests.subarray(at, at + size), a, catalogue); // a·H(x)
}

async function receiveTags(
  host: Peer<typeof messages, "guest">,
  count: number,
  unblind: Uint8Array,
  { header, progress }: LookUpOptions,
): Promise<Uint8Array> {
  const { tagBytes: width, catalogue } = header;
  const tags = new Uint8Array(count * width);
  let done = 0;
  for await (const evaluated of host.receiveEach("evaluated")) {
    const size = evaluated.length / POINT_BYTES;
    if (size === 0 || done + size > count) throw wrongCount(host.party);
    const points = await onPoints(STAGE, host.party, done, () => ristretto255.multiply(evaluated, unblind)); // k·a·H(x) / a
    tags.set(await tagsOf(points, catalogue, width), done * width);
    done += size;
    progress?.(done, count);
  }
  if (done !== count) throw wrongCount(host.party);
  return tags;
}

const wrongCount = (party: string): TomboloError =>
  refused("size", "the partner answered another number of ids than it was asked about", party);
