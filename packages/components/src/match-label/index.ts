/**
 * The guest keeps those of its rows that the host has, and gets chosen columns of the host's rows beside them; the host
 * learns only how many rows the guest put in. Always in the setting that holds against a receiver that departs: it could
 * otherwise read the columns of ids it guesses. Protocol, leakage and adversary: packages/protocols, psi/labelled.
 */
import { TomboloError, takeTable } from "@tombolo/base";
import { asksOf, messagesOf, receiver, sender } from "@tombolo/protocols/psi/labelled";
import { z } from "zod";
import { component, type Disclosure, one, onlyAt, type Participant, report, table } from "../component.ts";
import { betweenTwo, earlyEnds, learns } from "../disclosing.ts";
import { encodedIds, idDigests } from "../matching/ids.ts";
import { guestOf, hostsOf } from "../tables.ts";
import { decodeLabels, encodeLabels } from "./labels.ts";
import { type Context, labelWidth, type Parameters, parameters } from "./parameters.ts";

const messages = messagesOf("guest", "host");
/** All labels of a run are in memory at both sides. */
const LABELS_BYTES_MAX = 2 ** 30;
const FAILURE_BITS = 40;

export const matchLabel = component({
  name: "match-label",
  version: "1.0.0",
  title: { en: "Match and get columns", zh: "匿踪匹配取数" },
  summary: {
    en: "Keeps the rows whose ids a partner has too, with chosen columns of the partner's rows beside them; only the asking party learns which.",
    zh: "保留对方也拥有其标识的行，并取得对方选定列的取值；仅发起方知道是哪些行。",
  },
  roles: { guest: one, host: one },
  parameters,
  partyParameters: z.strictObject({}),
  inputs: { data: table() },
  outputs: { data: onlyAt(table(), "guest"), report: report() },
  protocol: { name: "psi/labelled", messages },
  use: "both",
  discloses: ({ participants, parameters: given }) => disclosures(participants, given),
  run: { guest: runGuest, host: runHost },
});

function disclosures(participants: readonly Participant[], given: Parameters): readonly Disclosure[] {
  const columns = given.columns.map(({ column }) => column).join(", ");
  const most = given.partnerRowsMax;
  const why = {
    en: "that ids are repeated or unusable (not which), that a column is not as named or a text too long, or that too few or too many rows take part",
    zh: "存在重复或不可用的标识（不说明是哪些）、列与所述不符或文本过长，或参与行数过少或过多",
  };
  return betweenTwo(participants, (guest, host) => [
    learns(guest, host, "row-count", {
      en: `exactly how many rows of ${host.party} take part; ${guest.party} itself may ask about ${most} rows at most`,
      zh: `${host.party} 参与行数的准确值；${guest.party} 自身最多可用 ${most} 行参与比对`,
    }),
    learns(guest, host, "matched-rows", {
      en: `which of its own rows ${host.party} has too, hence how many; nothing about rows that did not match`,
      zh: `自己的哪些行在 ${host.party} 也存在（从而知道数量）；未匹配的行不会透露`,
    }),
    learns(guest, host, "matched-values", {
      en: `of each matched row, the values of ${columns} as they are in the table of ${host.party}`,
      zh: `每一匹配行在 ${host.party} 表中 ${columns} 的原始取值`,
    }),
    learns(guest, host, "security-model", {
      en: `nothing more by departing from the protocol, but that it may put in up to three times the rows it declares, or any ids it guesses`,
      zh: "即使偏离协议也不会得到更多信息，但可投入至多约三倍于声明行数的数据或任意猜测的标识",
    }),
    learns(host, guest, "row-count", {
      en: `exactly how many rows of ${guest.party} take part; neither which of its rows ${guest.party} has, nor how many`,
      zh: `${guest.party} 参与行数的准确值；不会得知自己的哪些行在 ${guest.party} 存在，也不会得知数量`,
    }),
    learns(host, guest, "security-model", {
      en: `nothing more by departing from the protocol; it can hand over any values, which nothing proves`,
      zh: "即使偏离协议也不会得到更多信息；但其交付的取值真伪无从证明",
    }),
    ...earlyEnds([guest, host], why),
  ]);
}

async function runGuest(context: Context): Promise<void> {
  const { columns } = context.parameters;
  const { data, ids } = await encodedIds(context);
  const partner = hostsOf(context)[0]!.party;
  const peer = await context.peer(messages, "guest", "host", partner);
  const digests = await idDigests(ids, peer.binding);
  const { positions, labels } = await receiver(digests, labelWidth(columns), peer, {
    ...optionsOf(context),
    admit: async (rows) => refuseFew(context, rows, partner),
  });
  const name = (column: string): string => `${partner}.${column}`;
  const rows = Array.from(positions, (position) => ids.rows[position]!);
  const own = takeTable(data, rows);
  const handed = decodeLabels(labels, columns, name, partner);
  await context.outputs.table("data", { ...data, ...own, columns: [...own.columns, ...handed], aligned: false });
  const filled = handed.map((column) => ({ column: column.name, filled: countFilled(column) }));
  await context.outputs.report("report", {
    kind: "match-label",
    title: { en: "Matched rows with columns", zh: "匹配行与取得的列" },
    data: { matched: rows.length, ownRows: data.rowCount, removed: ids.removed, columns: filled },
  });
}

async function runHost(context: Context): Promise<void> {
  const { columns } = context.parameters;
  const { data, ids } = await encodedIds(context);
  const width = labelWidth(columns);
  if (ids.rows.length * width > LABELS_BYTES_MAX)
    throw new TomboloError("input.labels", "the columns of so many rows take too much memory", {
      remedy: "Hand over fewer columns, or match fewer rows.",
    });
  const values = encodeLabels(data, ids.rows, columns);
  const partner = guestOf(context).party;
  const peer = await context.peer(messages, "host", "guest", partner);
  let asked = 0;
  const admit = async (rows: number): Promise<void> => {
    refuseFew(context, rows, partner);
    asked = rows;
    // Its table has room for more ids than it declares: budgets count these.
    await context.draw(partner, asksOf(rows, FAILURE_BITS));
  };
  const digests = await idDigests(ids, peer.binding);
  await sender(digests, { width, values }, peer, { ...optionsOf(context), admit });
  await context.outputs.report("report", {
    kind: "match-label",
    title: { en: "Columns handed over", zh: "交付的列" },
    data: {
      matched: null,
      ownRows: data.rowCount,
      removed: ids.removed,
      partners: { [partner]: asked },
      columns: columns.map(({ column }) => ({ column })),
    },
  });
}

function refuseFew({ parameters: { partnerRowsMin } }: Context, rows: number, partner: string): void {
  if (rows >= partnerRowsMin) return;
  throw new TomboloError("consent.rows", "the partner's number of rows is below the agreed limit", { blame: partner });
}

const optionsOf = (context: Context) => ({
  secrets: context.secrets,
  setting: "malicious" as const,
  output: "receiver" as const,
  failureBits: FAILURE_BITS,
  partnerRowsMax:
    context.self.role === "guest"
      ? Math.min(
          context.parameters.partnerRowsMax,
          Math.floor(LABELS_BYTES_MAX / labelWidth(context.parameters.columns)),
        )
      : context.parameters.partnerRowsMax,
  progress: (share: number) => context.progress({ stage: "match", done: Math.round(share * 100), total: 100 }),
});

function countFilled(column: ReturnType<typeof decodeLabels>[number]): number {
  let filled = 0;
  if (column.kind === "number") for (const value of column.values) filled += Number.isNaN(value) ? 0 : 1;
  else for (const code of column.codes) filled += code < 0 ? 0 : 1;
  return filled;
}
