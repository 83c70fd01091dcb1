/**
 * Joint count: of each of its rows the guest learns in how many of the hosts' lists its id is, and nobody in which. Protocol, leakage
 * and adversary: packages/protocols, query/joint-count.
 */
import { type Column, TomboloError } from "@tombolo/base";
import { idDigests } from "@tombolo/crypto";
import {
  host as answer,
  guest as ask,
  HOSTS_MAX,
  HOSTS_MAX_THRESHOLD,
  idPrefix,
  messages,
} from "@tombolo/protocols/query/joint-count";
import { z } from "zod";
import {
  component,
  type Disclosure,
  one,
  onlyAt,
  type ParameterFault,
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
  least: field(
    z.number().int().min(1).max(HOSTS_MAX_THRESHOLD).nullable().default(null),
    { en: "Threshold", zh: "阈值" },
    {
      en: "If given, only whether at least so many lists have the id is learnt, and not the count; of 15 lists at most.",
      zh: "如填写，仅得知是否至少有这么多份名单包含该标识，而不得知计数；最多 15 份名单。",
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
  version: "3.0.0",
  title: { en: "Count lists that have an id", zh: "多方名单命中计数" },
  summary: {
    en: "Says for each row in how many of several partners' lists its id is, or only whether in as many as a threshold says, and nobody learns in which; only the asking party learns it.",
    zh: "逐行得知其标识出现在多少家机构的名单中（或仅得知是否达到阈值），任何一方都不知道是哪几家；仅查询方知道结果。",
  },
  roles: { guest: one, host: { min: 2, max: HOSTS_MAX } },
  parameters,
  partyParameters: z.strictObject({}),
  inputs: { data: table() },
  outputs: { data: onlyAt(table(), "guest"), report: report() },
  protocol: { name: "query/joint-count", messages },
  use: "both",
  faults: ({ parameters: given, participants }) => thresholdFaults(given, participants),
  discloses: ({ participants, parameters: given }) => disclosures(participants, given),
  run: { guest: runGuest, host: runHost },
});

function thresholdFaults({ least }: Parameters, participants: readonly Participant[]): ParameterFault[] {
  const lists = participants.filter(({ role }) => role === "host").length;
  if (least === null || (least <= lists && lists <= HOSTS_MAX_THRESHOLD)) return [];
  return [
    {
      parameter: "least",
      message: `a threshold is from 1 to the number of lists, of which there are ${HOSTS_MAX_THRESHOLD} at most`,
      remedy: "Choose a smaller threshold, or fewer lists.",
      zh: {
        message: `阈值须在 1 与名单数之间，名单最多 ${HOSTS_MAX_THRESHOLD} 份`,
        remedy: "请调小阈值，或减少名单。",
      },
    },
  ];
}

function disclosures(participants: readonly Participant[], given: Parameters): Disclosure[] {
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
      guestLearns(guest, host, names, hosts.length, given),
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
    ...(given.least === null ? [] : [countsTogether(guest, hosts[0]!)]),
    ...earlyEnds([guest, ...hosts], why),
  ];
}

function guestLearns(
  guest: Participant,
  host: Participant,
  names: string,
  lists: number,
  { partnerRowsMax: most, least }: Parameters,
): Disclosure {
  if (least === null)
    return learns(guest, host, "list-counts", {
      en: `for each of its own rows in how many of the lists of ${names} it is, asking about ${most} rows at most, and how many rows each list has; not in which lists, unless the count is none or all of them`,
      zh: `自己的每一行出现在 ${names} 的多少份名单中（最多 ${most} 行），以及各名单的行数；除计数为零或为全部外，不知道是哪几份`,
    });
  const [which, whichZh] =
    least === 1
      ? [", unless it is in none", "；未达到时可知均不在其中"]
      : least === lists
        ? [", unless it is in all", "；达到时可知均在其中"]
        : ["", ""];
  return learns(guest, host, "list-threshold", {
    en: `for each of its own rows whether it is in ${least} or more of the lists of ${names}, asking about ${most} rows at most, and how many rows each list has; neither how many lists nor which${which}`,
    zh: `自己的每一行是否出现在 ${names} 的至少 ${least} 份名单中（最多 ${most} 行），以及各名单的行数；不知道份数，也不知道是哪几份${whichZh}`,
  });
}

const countsTogether = (guest: Participant, first: Participant): Disclosure =>
  learns(guest, first, "coalition", {
    en: `the exact counts, only if it pools what it sees with ${first.party}, which masks them`,
    zh: `仅当其与为计数加掩的 ${first.party} 合谋时，可得知准确计数`,
  });

async function runGuest(context: Context): Promise<void> {
  const { answer: name, least } = context.parameters;
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
    ...(least === null ? {} : { least }),
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
    data: {
      ownRows: data.rowCount,
      removed: ids.removed,
      counts: histogram(counts, least === null ? hosts.length : 1),
      least,
    },
  });
  await context.outputs.table("data", { ...data, columns: [...data.columns, column], aligned: false });
}

/** How many rows are in none, in one, in two, ... of the lists; or below the threshold, and not. */
function histogram(counts: Uint8Array, hosts: number): number[] {
  const rows = new Array<number>(hosts + 1).fill(0);
  for (const count of counts) rows[count]! += 1;
  return rows;
}

async function runHost(context: Context): Promise<void> {
  const { data, ids } = await encodedIds(context);
  const partner = guestOf(context).party;
  const peer = await context.peer(messages, "sender", "receiver", partner);
  const { least } = context.parameters;
  const first = hostsOf(context)[0]!.party === context.self.party;
  const admit = async (count: number): Promise<void> => {
    if (count > context.parameters.partnerRowsMax)
      throw new TomboloError("consent.rows", "the partner asks about more rows than agreed", { blame: partner });
    await context.draw(partner, count);
  };
  const asked = await answer(peer, {
    secrets: context.secrets,
    digestsOf: (run) => idDigests(idPrefix(run), ids.messages, ids.offsets),
    count: ids.rows.length,
    ...(least === null ? {} : { threshold: { least, first } }),
    admit,
  });
  await context.outputs.report("report", {
    kind: "joint-count",
    title: { en: "Rows asked about", zh: "被查询行数" },
    data: { ownRows: data.rowCount, removed: ids.removed, partners: { [partner]: asked } },
  });
}
