/**
 * Single rows of a small table whose keys are no secret, by oblivious transfer: the host does not learn which rows, the guest gets
 * no other. Protocol, leakage and adversary: packages/protocols, query/oblivious-transfer.
 */
import { ROWS_MAX, TABLE_BYTES_MAX } from "@tombolo/protocols/pir/oblivious-transfer";
import { guest, host, IDS_MAX_CHOSEN, idPrefix, messages } from "@tombolo/protocols/query/oblivious-transfer";
import { z } from "zod";
import {
  component,
  type Disclosure,
  one,
  onlyAt,
  type Participant,
  report,
  type TaskContext,
  table,
} from "../component.ts";
import { learns } from "../disclosing.ts";
import { field } from "../fields.ts";
import { askOnce, keepFound, ownKeys } from "../hidden/asker.ts";
import { askingDisclosed } from "../hidden/disclosing.ts";
import { admission, ownTable, reportAsked } from "../hidden/owner.ts";
import { keysMax, rowsMax, shared, stepOf } from "../hidden/parameters.ts";
import { handedColumns, labelWidth } from "../match-label/parameters.ts";
import { guestPeer, hostsOf } from "../tables.ts";

const parameters = z.strictObject({
  ...shared,
  columns: field(
    handedColumns.min(1),
    { en: "Columns to get", zh: "获取的列" },
    {
      en: "Of the host's table, for the rows that are asked for; the host's grant has to list them.",
      zh: "数据方表中的列：取得所查询行上的取值，数据方的授权须逐一列出。",
    },
  ),
  idsMax: keysMax(IDS_MAX_CHOSEN),
  padTo: stepOf(64),
  partnerRowsMax: rowsMax(ROWS_MAX),
});
type Parameters = z.output<typeof parameters>;
type Context = TaskContext<Parameters, Record<string, never>>;

export const queryTransfer = component({
  name: "query-transfer",
  version: "1.0.1",
  title: { en: "Query a small table by oblivious transfer", zh: "小表不经意传输查询" },
  summary: {
    en: "Gets columns of single rows of a partner's small table, whose keys are no secret; the partner does not learn which rows, and no other row can be read.",
    zh: "从对方的小表（键值不需保密）中取得个别行的选定列；对方不知道取了哪些行，其余行无法读取。",
  },
  roles: { guest: one, host: one },
  parameters,
  partyParameters: z.strictObject({}),
  inputs: { data: table() },
  outputs: { data: onlyAt(table(), "guest"), report: report() },
  protocol: { name: "query/oblivious-transfer", messages },
  use: "both",
  discloses: ({ participants, parameters: given }) => askingDisclosed(participants, given, keysShown),
  run: { guest: runGuest, host: runHost },
});

const keysShown = (asker: Participant, owner: Participant): Disclosure[] => [
  learns(asker, owner, "all-keys", {
    en: `exactly how many rows the table of ${owner.party} has, and every key of it that can be guessed: for tables whose keys are no secret`,
    zh: `${owner.party} 表的准确行数，以及其中一切可被猜到的键：仅适用于键值不需保密的表`,
  }),
];

async function runGuest(context: Context): Promise<void> {
  const { secrets, parameters: given } = context;
  const own = await ownKeys(context);
  const partner = hostsOf(context)[0]!.party;
  const peer = await context.peer(messages, "guest", "host", partner);
  const recordBytes = labelWidth(given.columns);
  const bytesMax = Math.min(TABLE_BYTES_MAX, given.partnerRowsMax * recordBytes);
  const digests = await own.digests(idPrefix(peer.binding));
  const progress = (done: number): void => context.progress({ stage: "ask", done, total: given.idsMax });
  const options = { secrets, recordBytes, bytesMax, padTo: given.padTo, progress };
  // One question: the partner is told the number once.
  const answers = await askOnce(digests, given, recordBytes, given.idsMax, (asked) => guest(asked, peer, options));
  await keepFound(context, "query-transfer", own, answers);
}

async function runHost(context: Context): Promise<void> {
  const { secrets, parameters: given } = context;
  const own = await ownTable(context, ROWS_MAX);
  const peer = await guestPeer(context, messages);
  const rows = {
    digests: await own.digests(idPrefix(peer.binding)),
    records: own.records,
    recordBytes: own.recordBytes,
  };
  const { admit } = admission(context);
  const progress = (done: number): void => context.progress({ stage: "answer", done, total: given.idsMax });
  const asked = await host(rows, peer, { secrets, admit, progress });
  await reportAsked(context, "query-transfer", own, asked);
}
