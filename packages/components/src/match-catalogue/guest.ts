/** Who will ask: takes a version's changes, checks them, and merges them into the file of tags it keeps. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { TomboloError } from "@tombolo/base";
import { mergeTags, readTags, TagFileWriter } from "@tombolo/datasets";
import {
  type CatalogueHeader,
  type ChangeSink,
  entryBytes,
  publishMessages,
  receiveVersion,
} from "@tombolo/protocols/psi/unbalanced";
import { decodeStored, encodeStored, FILES } from "../catalogue/stored.ts";
import { labelWidth } from "../match-label/parameters.ts";
import { hostsOf } from "../tables.ts";
import { type Context, summaryOf } from "./parameters.ts";

export async function runGuest(context: Context): Promise<void> {
  const { normalise, duplicates, empty, columns, rowsMax } = context.parameters;
  const earlier = context.inputs.has("previous");
  const before = earlier ? decodeStored(await context.inputs.model("previous")).header : null;
  const beforeTags = earlier ? join(await context.inputs.modelFolder("previous"), FILES.tags) : null;
  const tags = join(await context.outputs.modelFolder("catalogue"), FILES.tags);
  const partner = hostsOf(context)[0]!.party;
  const peer = await context.peer(publishMessages, "guest", "host", partner);
  context.progress({ stage: "receive", done: 0, total: 1 });
  const open = async (next: CatalogueHeader): Promise<ChangeSink> => {
    if (next.recordBytes !== labelWidth(columns))
      throw new TomboloError("protocol.size", "the catalogue's records are not of the agreed columns", {
        blame: partner,
      });
    return sinkFor(next, beforeTags, tags);
  };
  const header = await receiveVersion(peer, { before, rowsMax, open });
  const stored = { header, normalise, duplicates, empty, columns, keys: null, dummies: null };
  await context.outputs.model("catalogue", encodeStored(stored), summaryOf(header.rows, header.version));
  await context.outputs.report("report", {
    kind: "match-catalogue",
    title: { en: "Catalogue", zh: "查询目录" },
    data: { version: header.version, rows: header.rows, added: header.added, removed: header.removed },
  });
  context.progress({ stage: "done", done: 1, total: 1, rows: header.rows });
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
