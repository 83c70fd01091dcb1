/**
 * The catalogue of the query benchmark, as both parties have it, without the hours that a real one of ten million rows takes:
 * entries of the ids that are asked about are made as ever, all others are random bytes, which is what entries are to whoever
 * does not ask about them.
 */
import { randomFillSync } from "node:crypto";
import { concat, utf8 } from "@tombolo/base";
import { idDigests, ristretto255 } from "@tombolo/crypto";
import { mergeTags } from "@tombolo/datasets";
import { publicKeyOf } from "@tombolo/protocols/oprf";
import { type CatalogueHeader, entryBytes, idPrefix, sortTags, tagBytesFor } from "@tombolo/protocols/psi/unbalanced";
import { catalogueEntries } from "@tombolo/protocols/query/keyword";

const CATALOGUE = new Uint8Array(32).fill(7);
/** Both processes make both parts. */
export const KEY = ristretto255.reduceScalar(new Uint8Array(64).fill(5));
const IDS_MAX = 1e9;
const CHUNK_ROWS = 2 ** 14;
/** Of a tag: what gives random tags their order. */
const LEADING_BYTES = 6;

export async function headerOf(rows: number, recordBytes: number): Promise<CatalogueHeader> {
  return {
    catalogue: CATALOGUE,
    version: 1,
    publicKey: await publicKeyOf(KEY),
    tagBytes: tagBytesFor(rows, IDS_MAX),
    recordBytes,
    rows,
    added: rows,
    removed: 0,
    snapshot: new Uint8Array(32),
    previous: new Uint8Array(32),
    idsMax: IDS_MAX,
    expiresAt: 2 ** 52,
  };
}

/** Of ids `from` to `to`. */
export function digestsOf(from: number, to: number): Promise<Uint8Array> {
  const ids = Array.from({ length: to - from }, (_, i) => utf8(`13${String(from + i).padStart(9, "0")}`));
  const offsets = new Uint32Array(ids.length + 1);
  ids.forEach((id, i) => {
    offsets[i + 1] = offsets[i]! + id.length;
  });
  return idDigests(idPrefix(CATALOGUE), concat(...ids), offsets);
}

export const recordOf = (i: number, width: number): Uint8Array => utf8(`record ${i}`.padEnd(width).slice(0, width));

/** Real entries of ids 0 to `known`, ascending. */
export async function entriesOf(known: number, header: CatalogueHeader): Promise<Uint8Array> {
  const digests = await digestsOf(0, known);
  const rows = Array.from({ length: known }, (_, i) =>
    concat(digests.subarray(16 * i, 16 * i + 16), recordOf(i, header.recordBytes)),
  );
  const parts: Uint8Array[] = [];
  for await (const part of catalogueEntries(concat(...rows), KEY, CATALOGUE, header)) parts.push(part);
  return sortTags(concat(...parts), entryBytes(header));
}

/** The file that the guest keeps: `known` real entries among `header.rows`. */
export async function writeCatalogue(path: string, known: number, header: CatalogueHeader): Promise<void> {
  const width = entryBytes(header);
  const added = [await entriesOf(known, header)];
  await mergeTags(path, width, { before: randomEntries(header.rows - known, width), removed: [], added });
}

export function* randomEntries(count: number, width: number): Generator<Uint8Array> {
  const step = 2 ** (8 * LEADING_BYTES) / Math.max(1, count);
  for (let from = 0; from < count; from += CHUNK_ROWS) {
    const rows = Math.min(CHUNK_ROWS, count - from);
    const chunk = Buffer.from(randomFillSync(new Uint8Array(rows * width)).buffer);
    for (let i = 0; i < rows; i++)
      chunk.writeUIntBE(Math.floor((from + i + Math.random()) * step), i * width, LEADING_BYTES);
    yield chunk;
  }
}
