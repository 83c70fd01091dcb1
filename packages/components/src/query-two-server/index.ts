/**
 * Hidden retrieval from two servers: the guest gets chosen columns of the host's rows by key; a third party keeps a sealed copy of the
 * table for the length of the task. Neither learns which keys, whatever it computes, unless the two pool what they see. Protocol, leakage and
 * adversary: packages/protocols, query/two-server and pir/two-server.
 */
import { TomboloError } from "@tombolo/base";
import { idPrefix } from "@tombolo/protocols/psi/unbalanced";
import { entriesTable, IDS_MAX_HIDDEN } from "@tombolo/protocols/query/hidden";
import { guest, host, keeper, messages, receiveCopy, sendCopy } from "@tombolo/protocols/query/two-server";
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
import { askOnce, checkHeader, keepFound, ownKeys } from "../hidden/asker.ts";
import { askedLearns, askingDisclosed } from "../hidden/disclosing.ts";
import { admission, endOfDay, ownTable, reportAsked, sealedEntries } from "../hidden/owner.ts";
import { keysMax, rowsMax, shared, stepOf } from "../hidden/parameters.ts";
import { reasonText } from "../hidden/reasons.ts";
import { labelWidth } from "../match-label/parameters.ts";
import { guestPeer, hostsOf } from "../tables.ts";

export const ROWS_MAX_COPIED = 4_000_000;
/** Index and seals make so much of a row, at most, beside its record. */
const ROW_OVERHEAD_BYTES = 64;
const SMALL_TABLE_BYTES = 2 ** 24;

const parameters = z.strictObject({
  ...shared,
  idsMax: keysMax(100_000),
  padTo: stepOf(IDS_MAX_HIDDEN),
  partnerRowsMax: rowsMax(ROWS_MAX_COPIED),
});
type Parameters = z.output<typeof parameters>;
type Context = TaskContext<Parameters, Record<string, never>>;

export const queryTwoServer = component({
  name: "query-two-server",
  version: "1.0.0",
  title: { en: "Query through two servers that stay apart", zh: "双服务器隐私检索" },
  summary: {
    en: "Keeps the rows whose keys are in a partner's table, with columns of the partner's rows; a third party keeps a sealed copy, and neither it nor the owner learns which keys, unless the two pool what they see.",
    zh: "保留键值存在于对方表中的行，并取得对方选定列的取值；由第三方保存加密副本，除非两者合谋，任何一方都不知道查询了哪些键。",
  },
  roles: { guest: one, host: one, arbiter: one },
  parameters,
  partyParameters: z.strictObject({}),
  inputs: { data: onlyAt(table(), "guest", "host") },
  outputs: { data: onlyAt(table(), "guest"), report: report() },
  protocol: { name: "query/two-server", messages },
  use: "both",
  discloses: ({ participants, parameters: given }) => disclosures(participants, given),
  run: { guest: runGuest, host: runHost, arbiter: runKeeper },
});

const keeperOf = ({ participants }: { readonly participants: readonly Participant[] }): Participant | undefined =>
  participants.find(({ role }) => role === "arbiter");

function disclosures(participants: readonly Participant[], given: Parameters): readonly Disclosure[] {
  const third = keeperOf({ participants });
  if (third === undefined) return [];
  return askingDisclosed(participants, given, (asker, owner) => [
    ...askedLearns(third, asker, given),
    learns(third, owner, "sealed-copy", {
      en: `how many rows the table of ${owner.party} has, rounded as its layout shows, and its entries sealed under a key it does not get: they say nothing of a row`,
      zh: `${owner.party} 表的行数（按存储布局取整），以及以其得不到的密钥加密的条目：不透露任何一行`,
    }),
    ...[owner, third].map((one) =>
      learns(one, asker, "coalition", {
        en: `which keys ${asker.party} asks about, only if ${owner.party} and ${third.party} pool what they see`,
        zh: `仅当 ${owner.party} 与 ${third.party} 合谋时，可得知 ${asker.party} 查询了哪些键`,
      }),
    ),
  ]);
}

async function runGuest(context: Context): Promise<void> {
  const { secrets, parameters: given } = context;
  const own = await ownKeys(context);
  const partner = hostsOf(context)[0]!.party;
  const [owner, second] = await Promise.all(
    [partner, keeperOf(context)!.party].map((party) => context.peer(messages, "guest", "host", party)),
  );
  context.progress({ stage: "setup", done: 0, total: 2 });
  const { header, signature } = await owner!.receive("header");
  await checkHeader(context, header, signature, given.partnerRowsMax, partner);
  context.progress({ stage: "ask", done: 1, total: 2 });
  const digests = await own.digests(idPrefix(header.catalogue));
  const most = Math.floor(IDS_MAX_HIDDEN / given.padTo) * given.padTo;
  const answers = await guest(owner!, second!, { secrets, header, padTo: given.padTo }, (ask) =>
    askOnce(digests, given, header.recordBytes, most, ask),
  );
  await keepFound(context, "query-two-server", own, answers);
  context.progress({ stage: "done", done: 2, total: 2 });
}

async function runHost(context: Context): Promise<void> {
  const own = await ownTable(context, ROWS_MAX_COPIED);
  const [peer, second] = await Promise.all([
    guestPeer(context, messages),
    context.peer(messages, "host", "keeper", keeperOf(context)!.party),
  ]);
  const { header, signature, key, entries } = await sealedEntries(context, own, { expiresAt: endOfDay(context) });
  const copied = await entriesTable(entries, header, context.secrets);
  await sendCopy(copied, second);
  await peer.send("header", { header, signature });
  const { admit } = admission(context);
  const total = context.parameters.idsMax;
  const progress = (done: number): void => context.progress({ stage: "answer", done, total });
  const asked = await host(peer, { header, key, admit, now: context.startedAtMs, table: copied, progress });
  await reportAsked(context, "query-two-server", own, asked);
}

async function runKeeper(context: Context): Promise<void> {
  const { partnerRowsMax, columns, idsMax, reason } = context.parameters;
  const bytesMax = SMALL_TABLE_BYTES + 2 * partnerRowsMax * (ROW_OVERHEAD_BYTES + labelWidth(columns));
  const [owner, peer] = await Promise.all([
    context.peer(messages, "keeper", "host", hostsOf(context)[0]!.party),
    guestPeer(context, messages),
  ]);
  const copy = await receiveCopy(owner, bytesMax);
  let asked = 0;
  const admit = async (): Promise<void> => {
    asked += 1;
    // What the owner keeps to in its questions the guest may leave out of its retrievals here.
    if (asked > idsMax)
      throw new TomboloError("consent.rows", "more keys are asked about than agreed", { blame: peer.party });
    context.progress({ stage: "answer", done: asked, total: idsMax });
  };
  await keeper(copy, peer, admit);
  await context.outputs.report("report", {
    kind: "query-two-server",
    title: { en: "Keys asked about", zh: "被查询键数" },
    data: { asked, idsMax, form: "query-two-server", why: reasonText(reason) },
  });
}
