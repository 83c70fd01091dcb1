/** Who has the table, and keeps it. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { toHex } from "@tombolo/base";
import { checkDiskSpace } from "@tombolo/datasets";
import { description, sendSetup } from "@tombolo/protocols/pir/simple";
import { entriesDatabase, handOutMessages } from "@tombolo/protocols/query/hidden";
import { summaryOf } from "../catalogue/making-parameters.ts";
import { encodeStored, FILES, saveKey } from "../catalogue/stored.ts";
import { ownTable, sealedEntries } from "../hidden/owner.ts";
import { guestPeer } from "../tables.ts";
import type { Context } from "./parameters.ts";

const DAY_MS = 86_400_000;

export async function runHost(context: Context): Promise<void> {
  const { secrets, parameters: given } = context;
  // Before the work, which takes a minute on a large table: a partner that is not there is taken for lost.
  const peer = await guestPeer(context, handOutMessages);
  const own = await ownTable(context, given.rowsMax);
  const expiresAt = context.startedAtMs + given.days * DAY_MS;
  const { header, signature, key, entries } = await sealedEntries(context, own, { expiresAt, fillTo: given.padTo });
  const database = await entriesDatabase(entries, header, secrets);
  const folder = await context.outputs.modelFolder("catalogue");
  const hint = new Uint8Array(database.hint.buffer, database.hint.byteOffset, database.hint.byteLength);
  await checkDiskSpace(folder, database.cells.length + hint.length, "the prepared table");
  await writeFile(join(folder, FILES.cells), database.cells, { mode: 0o600, flush: true });
  await saveKey(folder, key);
  await peer.send("header", { header, signature });
  if (given.hint === "kept") await sendSetup(database, peer);
  else {
    await writeFile(join(folder, FILES.hint), hint, { mode: 0o600, flush: true });
    await peer.send("description", database.description);
  }
  const { normalise, duplicates, empty, columns } = given;
  const about = { columns, scores: null, keys: [...own.keys], dummies: null };
  const retrieval = { description: toHex(description.encode(database.description)), hint: given.hint };
  const stored = { header, normalise, duplicates, empty, ...about, retrieval };
  await context.outputs.model("catalogue", encodeStored(stored), summaryOf(header, "retrieval"));
  await context.outputs.report("report", {
    kind: "match-catalogue",
    title: { en: "Prepared table", zh: "已准备的数据表" },
    data: { version: header.version, rows: header.rows, ids: own.rowCount, removed: own.removed },
  });
  context.progress({ stage: "done", done: 1, total: 1, rows: own.rowCount });
}
