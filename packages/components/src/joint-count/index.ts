/**
 * Joint count: of each of its rows the guest learns in how many of the hosts' lists its id is, and nobody in which. Protocol, leakage
 * and adversary: packages/protocols, query/joint-count.
 */
import { type Column, TomboloError } from "@tombolo/base";
import { idDigests } from "@tombolo/crypto";
import { host as answer, guest as ask, HOSTS_MAX, idPrefix, messages } from "@tombolo/protocols/query/joint-count";
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
import { earlyEnds, learns, namesOf, sidesOf } from "../disclosing.ts";
import { columnName, field } from "../fields.ts";
import { encodedIds } from "../matching/ids.ts";
import { duplicatesRule, emptyRule, parameters as matchParameters } from "../psi/parameters.ts";
import { guestOf, hostsOf } from "../tables.ts";

const { normalise, partnerRowsMax } = matchParameters.shape;

const parameters = z.strictObject({
  answer: field(
    columnName.default("lists"),
    { en: "Column of the count", zh: "结果列名" },
    {
      en: "In how many lists the row's id is; empty where the row took no part.",
      zh: "该行标识出现在多少份名单中；未参与的行为空。",
    },
  ),
  normalise,
  duplicates: duplicatesRule,
  empty: emptyRule,
  partnerRowsMax,
});
type Parameters = z.output<typeof parameters>;
type Context = TaskContext<Parameters, Record<string, never>>;

export const jointCount = component({
  name: "joint-count",
  version: "2.0.0",
  title: { en: "Count lists that have an id", zh: "多方名单命中计数" },
  summary: {
    en: "Says for each row in how many of several partners' lists its id is, and nobody learns in which; only the asking party learns the counts.",
    zh: "逐行得知其标识出现在多少家机构的名单中，任何一方都不知道是哪几家；仅查询方知道计数。",
  },
  roles: { guest: one, host: { min: 2, max: HOSTS_MAX } },
  parameters,
  partyParameters: z.strictObject({}),
  inputs: { data: table() },
  outputs: { data: onlyAt(table(), "guest"), report: report() },
  protocol: { name: "query/joint-count", messages },
  use: "both",
  discloses: ({ participants, parameters: given }) => disclosures(participants, given),
  run: { guest: runGuest, host: runHost },
});

function disclosures(participants: readonly Participant[], { partnerRowsMax: most }: Parameters): Disclosure[] {
  const sides = sidesOf(participants);
  if (sides === undefined || sides.hosts.length === 0) return [];
  const { guest, hosts } = sides;
  const names = namesOf(hosts);
  const why = {
    en: "that ids are repeated or unusable (not which), or that too many rows take part",
    zh: "存在重复或不可用的标识（不说明是哪些），或参与行数过多",
  };
  return [
    ...hosts.flatMap((host) => [
      learns(guest, host, "list-counts", {
        en: `for each of its own rows in how many of the lists of ${names} it is, asking about ${most} rows at most, and how many rows each list has; not in which lists, unless the count is none or all of them`,
        zh: `自己的每一行出现在 ${names} 的多少份名单中（最多 ${most} 行），以及各名单的行数；除计数为零或为全部外，不知道是哪几份`,
      }),
      learns(host, guest, "row-count", {
        en: `exactly how many rows of ${guest.party} are asked about; neither which, nor any count`,
        zh: `${guest.party} 查询行数的准确值；不知道是哪些，也不知道任何计数`,
      }),
    ]),
    ...hosts.map((host) =>
      learns(guest, host, "coalition", {
        en: `which of its rows are in the list of ${host.party}, only if it pools what it sees with all other lists' owners`,
        zh: `仅当其与其余全部名单方合谋时，可得知自己的哪些行在 ${host.party} 的名单中`,
      }),
    ),
    ...earlyEnds([guest, ...hosts], why),
  ];
}

async function runGuest(context: Context): Promise<void> {
  const name = context.parameters.answer;
  const { data, ids } = await encodedIds(context);
  if (data.columns.some((column) => column.name === name))
    throw new TomboloError("input.columns", "the table has a column of the answer's name already", {
      remedy: "Name the answer's column otherwise.",
    });
  const hosts = await Promise.all(
    hostsOf(context).map(({ party }) => context.peer(messages, "receiver", "sender", party)),
  );
  const counts = await ask(hosts, {
    secrets: context.secrets,
    digestsOf: (run) => idDigests(idPrefix(run), ids.messages, ids.offsets),
    count: ids.rows.length,
    progress: (share) => context.progress({ stage: "match", done: Math.round(share * 100), total: 100 }),
  });
  const values = new Float64Array(data.rowCount).fill(Number.NaN);
  ids.rows.forEach((row, i) => {
    values[row] = counts[i]!;
  });
  const column: Column = { kind: "number", name, values };
  await context.outputs.report("report", {
    kind: "joint-count",
    title: { en: "Rows counted", zh: "名单命中计数" },
    data: { ownRows: data.rowCount, removed: ids.removed, counts: histogram(counts, hosts.length) },
  });
  await context.outputs.table("data", { ...data, columns: [...data.columns, column], aligned: false });
}

/** How many rows are in none, in one, in two, ... of the lists. */
function histogram(counts: Uint8Array, hosts: number): number[] {
  const rows = new Array<number>(hosts + 1).fill(0);
  for (const count of counts) rows[count]! += 1;
  return rows;
}

async function runHost(context: Context): Promise<void> {
  const { data, ids } = await encodedIds(context);
  const partner = guestOf(context).party;
  const peer = await context.peer(messages, "sender", "receiver", partner);
  const admit = async (count: number): Promise<void> => {
    if (count > context.parameters.partnerRowsMax)
      throw new TomboloError("consent.rows", "the partner asks about more rows than agreed", { blame: partner });
    await context.draw(partner, count);
  };
  const asked = await answer(peer, {
    secrets: context.secrets,
    digestsOf: (run) => idDigests(idPrefix(run), ids.messages, ids.offsets),
    count: ids.rows.length,
    admit,
  });
  await context.outputs.report("report", {
    kind: "joint-count",
    title: { en: "Rows asked about", zh: "被查询行数" },
    data: { ownRows: data.rowCount, removed: ids.removed, partners: { [partner]: asked } },
  });
}
