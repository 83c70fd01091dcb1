/** The entries of a catalogue as a table for hidden retrieval. */
import type { Secrets } from "@tombolo/base";
import { type Database, KEY_BYTES, makeDatabase, makeTable, type Table } from "../../pir/simple/index.ts";
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
  return makeDatabase(...keysAndValues(entries, header), secrets);
}

/** The same without a hint, for retrieval that takes none. */
export function entriesTable(
  entries: Uint8Array,
  header: Pick<CatalogueHeader, "tagBytes" | "recordBytes">,
  secrets: Secrets,
): Promise<Table> {
  return makeTable(...keysAndValues(entries, header), secrets);
}

function keysAndValues(
  entries: Uint8Array,
  header: Pick<CatalogueHeader, "tagBytes" | "recordBytes">,
): [Uint8Array, Uint8Array, number] {
  const width = entryBytes(header);
  const rest = width - header.tagBytes;
  const keys = keysOf(strip(entries, 0, header.tagBytes, width), header.tagBytes);
  return [keys, rest === 0 ? new Uint8Array(0) : strip(entries, header.tagBytes, rest, width), rest];
}
