/** Who will ask, and keeps the catalogue until then. */
import { join } from "node:path";
import { publishMessages } from "@tombolo/protocols/psi/unbalanced";
import { keepVersion } from "../catalogue/keeping.ts";
import { summaryOf } from "../catalogue/making-parameters.ts";
import { decodeStored, encodeStored, FILES } from "../catalogue/stored.ts";
import { labelWidth } from "../match-label/parameters.ts";
import { hostsOf } from "../tables.ts";
import type { Context } from "./parameters.ts";

export async function runGuest(context: Context): Promise<void> {
  const { normalise, duplicates, empty, columns, rowsMax } = context.parameters;
  const before = context.inputs.has("previous")
    ? {
        header: decodeStored(await context.inputs.model("previous")).header,
        tags: join(await context.inputs.modelFolder("previous"), FILES.tags),
      }
    : null;
  const tags = join(await context.outputs.modelFolder("catalogue"), FILES.tags);
  const peer = await context.peer(publishMessages, "guest", "host", hostsOf(context)[0]!.party);
  context.progress({ stage: "receive", done: 0, total: 1 });
  const header = await keepVersion(peer, { before, tags, rowsMax, recordBytes: labelWidth(columns) });
  const stored = { header, normalise, duplicates, empty, columns, scores: null, keys: null, dummies: null };
  await context.outputs.model("catalogue", encodeStored(stored), summaryOf(header, "lookup"));
  await context.outputs.report("report", {
    kind: "match-catalogue",
    title: { en: "Catalogue", zh: "查询目录" },
    data: { version: header.version, rows: header.rows, added: header.added, removed: header.removed },
  });
  context.progress({ stage: "done", done: 1, total: 1, rows: header.rows });
}
