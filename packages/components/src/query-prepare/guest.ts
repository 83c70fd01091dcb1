/** Who will ask, and keeps the hint until then. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { TomboloError, toHex } from "@tombolo/base";
import { type Description, description, receiveSetup, rowsOf } from "@tombolo/protocols/pir/simple";
import { handOutMessages } from "@tombolo/protocols/query/hidden";
import { summaryOf } from "../catalogue/making-parameters.ts";
import { encodeStored, FILES } from "../catalogue/stored.ts";
import { checkHeader } from "../hidden/asker.ts";
import { databaseRowsMax } from "../hidden/parameters.ts";
import { hostsOf } from "../tables.ts";
import type { Context } from "./parameters.ts";

export async function runGuest(context: Context): Promise<void> {
  const { normalise, duplicates, empty, columns, rowsMax, idsMax, padTo, hint } = context.parameters;
  const partner = hostsOf(context)[0]!.party;
  const peer = await context.peer(handOutMessages, "guest", "host", partner);
  context.progress({ stage: "receive", done: 0, total: 1 });
  const { header, signature } = await peer.receive("header");
  const rowsAtMost = Math.ceil(rowsMax / padTo) * padTo;
  await checkHeader(context, header, signature, rowsAtMost, partner);
  const most = databaseRowsMax({ rows: rowsAtMost, columns, idsMax });
  const folder = await context.outputs.modelFolder("catalogue");
  let described: Description;
  if (hint === "kept") {
    const setup = await receiveSetup(peer, most);
    described = setup.description;
    await writeFile(join(folder, FILES.hint), new Uint8Array(setup.hint.buffer), { mode: 0o600, flush: true });
  } else {
    described = await peer.receive("description");
    if (rowsOf(described) > most)
      throw new TomboloError("protocol.size", "the database is larger than agreed", { blame: partner });
  }
  const about = { columns, scores: null, keys: null, dummies: null };
  const retrieval = { description: toHex(description.encode(described)), hint };
  const stored = { header, normalise, duplicates, empty, ...about, retrieval };
  await context.outputs.model("catalogue", encodeStored(stored), summaryOf(header, "retrieval"));
  await context.outputs.report("report", {
    kind: "match-catalogue",
    title: { en: "Prepared table", zh: "已准备的数据表" },
    data: { version: header.version, rows: header.rows, added: header.rows, removed: 0 },
  });
  context.progress({ stage: "done", done: 1, total: 1, rows: header.rows });
}
