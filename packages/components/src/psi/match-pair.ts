/** Two parties, tables of any size: from the id columns of a file to a file with the matched rows in the joint order. */
import { stat } from "node:fs/promises";
import { TomboloError } from "@tombolo/base";
import type { Peer } from "@tombolo/channel";
import { alignTable } from "@tombolo/datasets";
import * as buckets from "@tombolo/protocols/psi/buckets";
import * as ecdh from "@tombolo/protocols/psi/ecdh";
import * as vole from "@tombolo/protocols/psi/vole";
import type { TableFile } from "../component.ts";
import { type Context, type Parameters, rulesOf } from "./parameters.ts";
import { reportMatch } from "./report-match.ts";
import { TableIds } from "./table-ids.ts";
import { agreedStore, checkRoom, emptied, MatchedRows } from "./work.ts";

/** All that a match may send; which of it is the protocol's that the consent names. The guest receives first. */
export const messages = { ...buckets.messages, ...ecdh.messages, ...vole.messagesOf("guest", "host") };

/** Of the whole task in the progress shown: reading, matching, writing. */
const SHARES = { read: 0.2, match: 0.6 } as const;

export async function matchPair(context: Context, partner: string): Promise<void> {
  requireVole(context.parameters);
  const data = await context.inputs.file("data");
  const folder = await context.workFolder();
  await emptied(context, folder, async () => {
    const { size } = await stat(data.path);
    await checkRoom(folder, data, size);
    const ids = idsOf(context, data, folder);
    const matched = new MatchedRows(folder);
    const result = await run(context, partner, ids, {
      secrets: context.secrets,
      agreed: agreedStore(context, ids),
      matches: matched,
      bucketRowsMax: context.parameters.bucketRows,
      partnerRowsMin: context.parameters.partnerRowsMin,
      partnerRowsMax: context.parameters.partnerRowsMax,
      admit: (asked, party) => context.draw(party, asked),
      ...(context.parameters.protocol === "vole" && context.self.role === "host" ? { asksOf: vole.asksOf } : {}),
      progress: (share) => showProgress(context, data, "match", SHARES.read + SHARES.match * share),
    });
    const order = await matched.order(result.buckets, data.rowCount);
    const rows = { [context.self.party]: data.rowCount, [partner]: result.partnerRows };
    await reportMatch(context, { matched: order.length, ownRows: data.rowCount, rows, removed: ids.removed });
    showProgress(context, data, "order", SHARES.read + SHARES.match);
    const note = { keys: data.keys, label: data.label, aligned: true };
    await context.outputs.file("data", data, note, async (path) => {
      await alignTable(data.path, path, order, { signal: context.signal });
      return order.length;
    });
    context.progress({ stage: "done", done: 1, total: 1, rows: order.length });
  });
}

/** What was consented to as malicious never runs as anything less. */
function requireVole({ security, protocol }: Parameters): void {
  if (security === "semi-honest" || protocol === "vole") return;
  throw new TomboloError("input.protocol", `${protocol} holds against semi-honest partners only`, {
    remedy: "Set the match's protocol to vole, or its security to semi-honest.",
  });
}

function idsOf(context: Context, data: TableFile, folder: string): TableIds {
  const { duplicates, empty } = context.parameters;
  return new TableIds({
    path: data.path,
    rowCount: data.rowCount,
    keys: data.keys,
    rules: rulesOf(context.parameters),
    policy: { duplicates, empty },
    folder,
    signal: context.signal,
    progress: (rows) => showProgress(context, data, "read", (SHARES.read * rows) / data.rowCount),
  });
}

/** Shares of the whole, in hundredths, and nothing of buckets: coarser still, partners see this too. */
function showProgress(context: Context, { rowCount }: TableFile, stage: string, share: number): void {
  context.progress({ stage, done: Math.floor((Math.floor(100 * share) / 100) * rowCount), total: rowCount });
}

type Options = Omit<buckets.MatchOptions, "protocol">;

async function run(context: Context, partner: string, ids: TableIds, options: Options): Promise<buckets.MatchResult> {
  if (context.self.role === "guest") {
    const peer = await context.peer(messages, "guest", "host", partner);
    return buckets.guest(ids, peer, { ...options, protocol: asGuest(peer, context) });
  }
  const peer = await context.peer(messages, "host", "guest", partner);
  return buckets.host(ids, peer, { ...options, protocol: asHost(peer, context) });
}

const asGuest = (peer: Peer<typeof messages, "guest">, { secrets, parameters }: Context): buckets.BucketProtocol =>
  parameters.protocol === "vole"
    ? (digests, run) => vole.receiver(digests, peer, { ...voleOptions(run, parameters), secrets })
    : (digests, run) => ecdh.receiver(digests, peer, { ...run, secrets, output: "both" });

const asHost = (peer: Peer<typeof messages, "host">, { secrets, parameters }: Context): buckets.BucketProtocol =>
  parameters.protocol === "vole"
    ? (digests, run) => vole.sender(digests, peer, { ...voleOptions(run, parameters), secrets })
    : (digests, run) => ecdh.sender(digests, peer, { ...run, secrets, output: "both" });

const voleOptions = (
  { binding, partnerCount, failureBits, progress }: buckets.BucketRun,
  { security }: Parameters,
): Omit<vole.VolePsiOptions, "secrets"> => ({
  setting: security === "malicious" ? "malicious" : "fast",
  binding,
  partnerRows: partnerCount,
  failureBits,
  progress,
});
