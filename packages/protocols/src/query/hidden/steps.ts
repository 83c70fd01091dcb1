/** The entries of a catalogue as a table for hidden retrieval. */
import type { Secrets } from "@tombolo/base";
import { type Database, KEY_BYTES, makeDatabase } from "../../pir/simple/index.ts";
import { type CatalogueHeader, entryBytes } from "../../psi/unbalanced/index.ts";
import { strip } from "../keyword/index.ts";

/** Tags as keys of retrieval, which are longer. */
export function keysOf(tags: Uint8Array, tagBytes: number): Uint8Array {
  const keys = new Uint8Array((tags.length / tagBytes) * KEY_BYTES);
  for (let from = 0, to = 0; from < tags.length; from += tagBytes, to += KEY_BYTES)
    keys.set(tags.subarray(from, from + tagBytes), to);
  return keys;
}

/** Of entries as `catalogueEntries` of query/keyword makes them: a tag, and the sealed record where there are any. */
export function entriesDatabase(
  entries: Uint8Array,
  header: Pick<CatalogueHeader, "tagBytes" | "recordBytes">,
  secrets: Secrets,
): Promise<Database> {
  const width = entryBytes(header);
  const rest = width - header.tagBytes;
  const keys = keysOf(strip(entries, 0, header.tagBytes, width), header.tagBytes);
  const values = rest === 0 ? new Uint8Array(0) : strip(entries, header.tagBytes, rest, width);
  return makeDatabase(keys, values, rest, secrets);
}
