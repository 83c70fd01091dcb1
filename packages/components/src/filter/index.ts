/**
 * Keeps the aligned rows that meet every party's condition over its own columns, at all parties. Hosts tell the guest which rows meet
 * theirs; the guest tells all which rows stay.
 *
 * Learns: guest - of each row whether it meets each host's condition; host - which rows stay, so of those that meet its own condition
 * whether they meet the others'. Conditions stand word for word in the consent. Each party holds its own condition, and what stays in the
 * end, to its minimum of rows (SECURITY.md, rule 9).
 * Adversary: semi-honest. A bit a row from each host, and one to it.
 */
import { TomboloError, takeTable } from "@tombolo/base";
import { bytes, message } from "@tombolo/channel";
import { expressionText, rowsWhere } from "@tombolo/federated/features";
import { z } from "zod";
import {
  aligned,
  anyNumber,
  component,
  type Disclosure,
  one,
  type Participant,
  report,
  type TaskContext,
  type TaskTable,
  table,
} from "../component.ts";
import { earlyEnds, learns } from "../disclosing.ts";
import { field } from "../fields.ts";
import { rowsByLabel } from "../row-choice/by-label.ts";
import { MARKS_BYTES_MAX, packBits, unpackBits } from "../row-choice/marks.ts";
import { alignedInput, distinctRows, featureColumns, guestPeer, hostPeers } from "../tables.ts";

const partyParameters = z.strictObject({
  where: field(
    expressionText.nullable().default(null),
    { en: "Condition", zh: "条件" },
    {
      en: "Over own columns, for example age >= 18 && income > 0; partners read it word for word. Rows without a value of it are left out.",
      zh: "基于本方列的条件，例如 age >= 18 && income > 0；合作方可见其原文。条件无定义的行将被剔除。",
    },
  ),
});
type PartyParameters = z.output<typeof partyParameters>;
type Context = TaskContext<Record<string, never>, PartyParameters>;

export const filterMessages = {
  met: message("host", "guest", bytes(MARKS_BYTES_MAX), {
    means: {
      en: "For each matched row, whether it meets the sender's condition",
      zh: "每个匹配行是否满足发送方的条件",
    },
    sizeMax: MARKS_BYTES_MAX,
  }),
  kept: message("guest", "host", bytes(MARKS_BYTES_MAX), {
    means: { en: "For each matched row, whether it stays", zh: "每个匹配行是否保留" },
    sizeMax: MARKS_BYTES_MAX,
  }),
};

export const filter = component({
  name: "filter",
  version: "1.0.1",
  title: { en: "Filter rows", zh: "行筛选" },
  summary: {
    en: "Keeps the matched rows that meet every party's condition over its own columns, the same at every party.",
    zh: "保留满足各方条件（各基于自己的列）的匹配行，各方一致。",
  },
  roles: { guest: one, host: anyNumber },
  parameters: z.strictObject({}),
  partyParameters,
  inputs: { data: aligned(table(), "required") },
  outputs: { data: aligned(table(), "kept"), report: report() },
  protocol: { name: "filter/conditions", messages: filterMessages },
  use: "both",
  discloses: ({ participants, partyParameters: given }) =>
    disclosures(participants, (party) => partyParameters.safeParse(given[party] ?? {}).data?.where ?? null),
  run: { guest: runGuest, host: runHost },
});

function disclosures(participants: readonly Participant[], whereOf: (party: string) => string | null): Disclosure[] {
  const told = participants.flatMap((about) => {
    const where = whereOf(about.party);
    if (where === null) return [];
    return participants
      .filter((recipient) => recipient !== about)
      .map((recipient) =>
        recipient.role === "guest"
          ? learns(recipient, about, "rows-meeting", {
              en: `of each matched row whether it meets the condition of ${about.party}: ${where}`,
              zh: `每个匹配行是否满足 ${about.party} 的条件：${where}`,
            })
          : learns(recipient, about, "rows-meeting", {
              en: `which of the matched rows stay, so of rows that meet its own condition whether they meet those of all others, among them that of ${about.party}: ${where}`,
              zh: `匹配的行中哪些被保留；由此得知满足自身条件的行是否满足其他各方的条件，其中 ${about.party} 的条件为：${where}`,
            }),
      );
  });
  const why = {
    en: "that its condition does not fit its columns, or that it keeps or leaves out fewer rows than the party allows",
    zh: "其条件与列不符，或保留、剔除的行数少于该方允许的下限",
  };
  return [...told, ...earlyEnds(participants, why)];
}

async function runGuest(context: Context): Promise<void> {
  const data = await alignedInput(context, "data");
  const own = ownRows(context, data);
  const peers = await hostPeers(context, filterMessages);
  const kept = own.rows.slice();
  const meeting = new Map([[context.self.party, own.rows]]);
  for (const peer of peers) {
    const met = unpackBits(await peer.receive("met"), data.rowCount, peer.party);
    meeting.set(peer.party, met);
    for (let row = 0; row < kept.length; row++) kept[row]! &= met[row]!;
  }
  requireMinimum(context, data, kept);
  await Promise.all(peers.map((peer) => peer.send("kept", packBits(kept))));
  await finish(context, data, { kept, meeting, undefinedRows: own.undefinedRows });
}

async function runHost(context: Context): Promise<void> {
  const data = await alignedInput(context, "data");
  const own = ownRows(context, data);
  const peer = await guestPeer(context, filterMessages);
  await peer.send("met", packBits(own.rows));
  const kept = unpackBits(await peer.receive("kept"), data.rowCount, peer.party);
  if (kept.some((stays, row) => stays > own.rows[row]!))
    throw new TomboloError("protocol.rows", "rows stay that do not meet the own condition", { blame: peer.party });
  requireMinimum(context, data, kept);
  const meeting = new Map([[context.self.party, own.rows]]);
  await finish(context, data, { kept, meeting, undefinedRows: own.undefinedRows });
}

function ownRows(context: Context, data: TaskTable) {
  const { where } = context.partyParameters;
  if (where === null) return { rows: new Uint8Array(data.rowCount).fill(1), undefinedRows: 0 };
  const met = rowsWhere({ rowCount: data.rowCount, columns: featureColumns(data, null) }, where);
  requireMinimum(context, data, met.rows);
  return met;
}

/** Of rows that stay, and of those that go unless none does: their difference to other results says as much. */
function requireMinimum({ policy, self }: Context, data: TaskTable, kept: Uint8Array): void {
  const least = distinctRows(Math.max(1, policy.minimumRows), data);
  const stay = kept.reduce((sum, bit) => sum + bit, 0);
  const go = kept.length - stay;
  if (stay >= least && (go === 0 || go >= least)) return;
  throw new TomboloError("consent.minimum-rows", "conditions keep or leave out fewer rows than a party allows", {
    remedy: "Choose a wider or a narrower condition, or match more rows.",
    blame: self.party,
  });
}

interface Outcome {
  readonly kept: Uint8Array;
  /** Of each party whose condition is known here row by row: which rows meet it. */
  readonly meeting: ReadonlyMap<string, Uint8Array>;
  readonly undefinedRows: number;
}

async function finish(context: Context, data: TaskTable, { kept, meeting, undefinedRows }: Outcome): Promise<void> {
  const rows = [...kept.keys()].filter((row) => kept[row] === 1);
  const count = (flags: Uint8Array): number => flags.reduce((sum, flag) => sum + flag, 0);
  await context.outputs.table("data", { ...data, ...takeTable(data, rows) });
  await context.outputs.report("report", {
    kind: "filter",
    title: { en: "Filter", zh: "行筛选" },
    data: {
      rows: data.rowCount,
      kept: rows.length,
      undefinedRows,
      condition: context.partyParameters.where,
      meeting: Object.fromEntries([...meeting].map(([party, flags]) => [party, count(flags)])),
      label: data.label,
      byLabel: rowsByLabel(data, kept),
    },
  });
  context.progress({ stage: "filter", done: 1, total: 1, rows: rows.length });
}
