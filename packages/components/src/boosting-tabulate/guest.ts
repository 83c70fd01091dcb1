/** Who will score: keeps a catalogue of each host of the model. */
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { flatGuest, guestDigests, scoreRecordBytes, tabulatingMessages } from "@tombolo/federated/vertical/boosting";
import { publishMessages } from "@tombolo/protocols/psi/unbalanced";
import { requireOneScore } from "../boosting-serve/served.ts";
import { storedGuestModel } from "../boosting-train/model.ts";
import { keepVersion } from "../catalogue/keeping.ts";
import { summaryOf } from "../catalogue/making-parameters.ts";
import { requireHosts } from "../scoring.ts";
import { encodeKept, type KeptCatalogue, tagsFile } from "./kept.ts";
import type { Context } from "./parameters.ts";

export async function runGuest(context: Context): Promise<void> {
  const { part } = storedGuestModel(await context.inputs.model("model"));
  requireHosts(context, part);
  requireOneScore(part);
  const { hostSplits } = flatGuest(part);
  const folder = await context.outputs.modelFolder("catalogue");
  const { normalise, duplicates, empty, rowsMax, staleAfterHours } = context.parameters;
  const total = part.hosts.length;
  let done = 0;
  context.progress({ stage: "receive", done, total });
  const receive = async (party: string, host: number): Promise<KeptCatalogue> => {
    const digest = (await guestDigests(part, host)).at(-1)!;
    const scores = { digest, splits: hostSplits[host]!, ages: staleAfterHours !== null };
    const peer = await context.peer({ ...tabulatingMessages, ...publishMessages }, "guest", "host", party);
    await peer.send("model", { digest });
    const tags = tagsFile(folder, host);
    await mkdir(dirname(tags), { recursive: true, mode: 0o700 });
    const recordBytes = scoreRecordBytes(scores);
    const header = await keepVersion(peer, { before: null, tags, rowsMax, recordBytes });
    context.progress({ stage: "receive", done: ++done, total });
    return { party, stored: { header, normalise, duplicates, empty, columns: [], scores, keys: null, dummies: null } };
  };
  const kept = await Promise.all(part.hosts.map(receive));
  const [first] = kept;
  await context.outputs.model("catalogue", encodeKept(kept), summaryOf(first!.stored.header, "score"));
  const [added, removed] = [kept.reduce((sum, { stored }) => sum + stored.header.rows, 0), 0];
  await context.outputs.report("report", {
    kind: "match-catalogue",
    title: { en: "Catalogue", zh: "查询目录" },
    data: { version: 1, rows: added, added, removed },
  });
  context.progress({ stage: "done", done: total, total, rows: added });
}
