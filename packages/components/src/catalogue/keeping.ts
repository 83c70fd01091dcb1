/** Who will ask: takes a version's changes, checks them, and merges them into the file of tags it keeps. */
import { rm } from "node:fs/promises";
import { TomboloError } from "@tombolo/base";
import type { Peer } from "@tombolo/channel";
import { mergeTags, readTags, TagFileWriter } from "@tombolo/datasets";
import {
  type CatalogueHeader,
  type ChangeSink,
  entryBytes,
  type publishMessages,
  receiveVersion,
} from "@tombolo/protocols/psi/unbalanced";

export interface Keeping {
  /** Kept already, with its file of tags; null: this is the first version. */
  readonly before: { readonly header: CatalogueHeader; readonly tags: string } | null;
  /** The file to be. */
  readonly tags: string;
  readonly rowsMax: number;
  readonly recordBytes: number;
}

export function keepVersion(peer: Peer<typeof publishMessages, "guest">, keeping: Keeping): Promise<CatalogueHeader> {
  const { before, tags, rowsMax, recordBytes } = keeping;
  const open = async (next: CatalogueHeader): Promise<ChangeSink> => {
    if (next.recordBytes !== recordBytes)
      throw new TomboloError("protocol.size", "the catalogue's records are not what was agreed", { blame: peer.party });
    return sinkFor(next, before?.tags ?? null, tags);
  };
  return receiveVersion(peer, { before: before?.header ?? null, rowsMax, open });
}

async function sinkFor(header: CatalogueHeader, before: string | null, tags: string): Promise<ChangeSink> {
  const width = entryBytes(header);
  const [gone, fresh] = [`${tags}.removed`, `${tags}.added`];
  const [removed, added] = [await TagFileWriter.create(gone, width), await TagFileWriter.create(fresh, width)];
  return {
    removed: (chunk) => removed.append(chunk),
    added: (chunk) => added.append(chunk),
    async commit() {
      await removed.finish();
      await added.finish();
      const kept = before === null ? [] : readTags(before, width);
      await mergeTags(tags, width, { before: kept, removed: readTags(gone, width), added: readTags(fresh, width) });
      for (const file of [gone, fresh]) for (const each of [file, `${file}.index`]) await rm(each, { force: true });
    },
  };
}
