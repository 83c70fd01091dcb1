/**
 * Hidden retrieval: the guest gets chosen columns of the host's rows by key; the table stays with the host, which works through it
 * for each key and learns only how many. No catalogue: the hint lives as long as the task. Protocol, leakage and adversary: packages/protocols,
 * query/hidden and pir/simple.
 */
import { receiveSetup, sendSetup } from "@tombolo/protocols/pir/simple";
import { idPrefix } from "@tombolo/protocols/psi/unbalanced";
import { entriesDatabase, guest, host, IDS_MAX_HIDDEN, sessionMessages } from "@tombolo/protocols/query/hidden";
import { z } from "zod";
import { component, one, onlyAt, report, type TaskContext, table } from "../component.ts";
import { askOnce, checkHeader, keepFound, ownKeys } from "../hidden/asker.ts";
import { askingDisclosed } from "../hidden/disclosing.ts";
import { admission, endOfDay, ownTable, reportAsked, sealedEntries } from "../hidden/owner.ts";
import { databaseRowsMax, keysMax, rowsMax, shared, stepOf } from "../hidden/parameters.ts";
import { guestPeer, hostsOf } from "../tables.ts";

/** The host holds the table, its sealed entries and the index in memory. */
export const ROWS_MAX_HIDDEN = 4_000_000;

const parameters = z.strictObject({
  ...shared,
  idsMax: keysMax(10_000),
  padTo: stepOf(IDS_MAX_HIDDEN),
  partnerRowsMax: rowsMax(ROWS_MAX_HIDDEN),
});
type Parameters = z.output<typeof parameters>;
type Context = TaskContext<Parameters, Record<string, never>>;

export const queryHidden = component({
  name: "query-hidden",
  version: "1.0.0",
  title: { en: "Query a table that stays with its owner", zh: "隐私检索查询" },
  summary: {
    en: "Keeps the rows whose keys are in a partner's table, with columns of the partner's rows; no catalogue leaves the partner, which works through its table for each key and learns only how many.",
    zh: "保留键值存在于对方表中的行，并取得对方选定列的取值；目录不离开对方，由对方为每个键遍历整表，且只知道查询数量。",
  },
  roles: { guest: one, host: one },
  parameters,
  partyParameters: z.strictObject({}),
  inputs: { data: table() },
  outputs: { data: onlyAt(table(), "guest"), report: report() },
  protocol: { name: "query/hidden", messages: sessionMessages },
  use: "both",
  discloses: ({ participants, parameters: given }) => askingDisclosed(participants, given),
  run: { guest: runGuest, host: runHost },
});

async function runGuest(context: Context): Promise<void> {
  const { secrets, parameters: given } = context;
  const own = await ownKeys(context);
  const partner = hostsOf(context)[0]!.party;
  const peer = await context.peer(sessionMessages, "guest", "host", partner);
  context.progress({ stage: "setup", done: 0, total: 2 });
  const { header, signature } = await peer.receive("header");
  await checkHeader(context, header, signature, given.partnerRowsMax, partner);
  const setup = await receiveSetup(peer, databaseRowsMax({ ...given, rows: given.partnerRowsMax }));
  context.progress({ stage: "ask", done: 1, total: 2 });
  const digests = await own.digests(idPrefix(header.catalogue));
  const options = { secrets, header, setup, padTo: given.padTo };
  const most = Math.floor(IDS_MAX_HIDDEN / given.padTo) * given.padTo;
  const answers = await guest(peer, options, (ask) => askOnce(digests, given, header.recordBytes, most, ask));
  await keepFound(context, "query-hidden", own, answers);
  context.progress({ stage: "done", done: 2, total: 2 });
}

async function runHost(context: Context): Promise<void> {
  const { secrets } = context;
  const own = await ownTable(context, ROWS_MAX_HIDDEN);
  const peer = await guestPeer(context, sessionMessages);
  const { header, signature, key, entries } = await sealedEntries(context, own, { expiresAt: endOfDay(context) });
  const database = await entriesDatabase(entries, header, secrets);
  await peer.send("header", { header, signature });
  await sendSetup(database, peer);
  const { admit } = admission(context);
  const total = context.parameters.idsMax;
  const progress = (done: number): void => context.progress({ stage: "answer", done, total });
  const asked = await host(peer, { header, key, admit, now: context.startedAtMs, table: database, progress });
  await reportAsked(context, "query-hidden", own, asked);
}
