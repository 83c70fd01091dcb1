/**
 * Counts, sums, means, variances and quantiles over rows that several parties have, each its own, by groups they agreed on;
 * small groups are never opened, and no total beside groups, from which a hidden one would follow. Protocol, leakage and adversary: packages/federated, horizontal/statistics.
 */
import { TomboloError } from "@tombolo/base";
import {
  PARTIES_MAX,
  type Statistics,
  type StatisticsPeer,
  statisticsMessages,
  summarise,
} from "@tombolo/federated/horizontal/statistics";
import { z } from "zod";
import {
  component,
  type Disclosure,
  one,
  type Participant,
  report,
  type TaskContext,
  type TaskTable,
  table,
} from "../component.ts";
import { earlyEnds, learns, sidesOf } from "../disclosing.ts";
import { distinctRows, guestOf, hostsOf } from "../tables.ts";
import { ownRows } from "./own-rows.ts";
import { faultsOf, type Parameters, parameters } from "./parameters.ts";

type Context = TaskContext<Parameters, Record<string, never>>;

export const jointStatistics = component({
  name: "joint-statistics",
  version: "3.0.0",
  title: { en: "Joint statistics", zh: "联合统计" },
  summary: {
    en: "Counts, sums, means, variances and quantiles over the rows of several parties together, by groups; small groups are not shown.",
    zh: "对多方各自持有的行做联合计数、求和、均值、方差与分位数，可分组；行数过少的组不公开。",
  },
  roles: { guest: one, host: { min: 1, max: PARTIES_MAX - 1 } },
  parameters,
  partyParameters: z.strictObject({}),
  inputs: { data: table() },
  outputs: { report: report() },
  protocol: { name: "joint-statistics", messages: statisticsMessages },
  use: "both",
  oncePerDataset: () => true,
  faults: ({ parameters: given }) => faultsOf(given),
  discloses: ({ participants, parameters: given }) => disclosures(participants, given),
  run: { guest: run, host: run },
});

function disclosures(participants: readonly Participant[], given: Parameters): Disclosure[] {
  const sides = sidesOf(participants);
  const second = sides?.hosts[0];
  if (sides === undefined || second === undefined) return [];
  const all = [sides.guest, ...sides.hosts];
  const why = {
    en: "that a value is missing or not a number, or that a party has too many rows",
    zh: "存在缺失值或非数值，或某方行数过多",
  };
  return [
    ...all.flatMap((me) =>
      all.filter((other) => other !== me).flatMap((other) => sideLearns(me, other, all.length, given, sides.guest)),
    ),
    ...(all.length > 2 ? pooled(sides.guest, second, sides.hosts.slice(1)) : []),
    ...earlyEnds(all, why),
  ];
}

function sideLearns(
  me: Participant,
  other: Participant,
  parties: number,
  given: Parameters,
  guest: Participant,
): Disclosure[] {
  const { values, groupBy, variance, quantiles, minimumRows, receivers } = given;
  const columns = values.map(({ column, lower, upper }) => `${column} (${lower}..${upper})`).join(", ");
  const [per, perZh] =
    groupBy === null
      ? ["", ""]
      : [
          ` in each of ${groupBy.categories.length} groups by ${groupBy.column}`,
          `（按 ${groupBy.column} 分为 ${groupBy.categories.length} 组）`,
        ];
  const [less, lessZh] =
    parties === 2 ? [`; less its own, these are ${other.party}'s`, `；减去己方部分即为 ${other.party} 的`] : ["", ""];
  const enough = `where there are ${minimumRows} rows or more and no party has some but fewer`;
  const enoughZh = `仅限总行数不少于 ${minimumRows} 且没有一方持有但少于此数的组`;
  const shown = learns(me, other, "shown-groups", {
    en: `which columns${per} have enough rows to be shown; of one that has not, neither why nor by how much`,
    zh: `哪些列${perZh}行数足以公开；对不足的组，不知道原因与差距`,
  });
  const figures =
    receivers === "guest" && me !== guest
      ? []
      : [
          learns(me, other, "statistics", {
            en: `over the rows of all ${parties} parties together, count, sum${variance ? " and sum of squares" : ""} of ${columns}${per}, ${enough}${less}`,
            zh: `${parties} 方全部行合计的 ${columns}${perZh}的行数、总和${variance ? "与平方和" : ""}，${enoughZh}${lessZh}`,
          }),
        ];
  const middles =
    quantiles.length === 0
      ? []
      : [
          learns(me, other, "quantiles", {
            en: `the quantiles ${quantiles.join(", ")} of the same, rounded as agreed, where at least ${minimumRows} rows are on either side, and for which that holds`,
            zh: `上述各列的分位数 ${quantiles.join("、")}（按约定舍入，仅当两侧各不少于 ${minimumRows} 行），以及哪些满足此条件`,
          }),
        ];
  const differences = learns(me, other, "differences", {
    en: "what this and other results over the same or nearly the same rows (of other jobs, of match-sum, a known row count) tell by subtraction, also of what is not shown: a total less all groups but one is that group; only the grants' uses bound how many jobs there are",
    zh: "本结果与针对相同或几乎相同的行的其他结果（其他作业、match-sum、已知行数）相减所得，包括不公开的内容：总计减去其余各组即为余下一组；作业数仅由授权的使用次数限定",
  });
  return [shown, ...figures, ...middles, differences];
}

/** Said of each of the others: the two that compute could add up their shares. */
const pooled = (guest: Participant, second: Participant, others: readonly Participant[]): Disclosure[] =>
  others.flatMap((about) =>
    [
      [guest, second],
      [second, guest],
    ].map(([me, partner]) =>
      learns(me!, about, "coalition", {
        en: `only if it pools what it sees with ${partner!.party}: totals over all parties of groups that are not shown; figures of ${about.party} alone only if all other parties pool`,
        zh: `仅当与 ${partner!.party} 合谋时：未公开分组的各方合计；仅当其余各方全部合谋时才能得知 ${about.party} 单独的数值`,
      }),
    ),
  );

async function run(context: Context): Promise<void> {
  const { parameters: given, participants, self, secrets } = context;
  const data = await context.inputs.table("data");
  checkMinimum(context, data);
  const rows = ownRows(data, given);
  if (rows.clipped > 0) context.log("warn", `${rows.clipped} values are beyond their bounds and count as the bound`);
  const members = [guestOf(context), ...hostsOf(context)];
  const place = members.findIndex(({ party }) => party === self.party);
  const others = await Promise.all(
    members.flatMap(({ party }, i) => (i === place ? [] : [peerOf(context, party, place < i)])),
  );
  const result = await summarise(
    rows,
    { place, others },
    {
      values: given.values,
      groupCount: given.groupBy?.categories.length ?? 1,
      minimumRows: given.minimumRows,
      rowsMax: given.rowsMax,
      variance: given.variance,
      quantiles: given.quantiles.map((share) => Math.round(1000 * share)),
      receivers: given.receivers === "all" ? "all" : "first",
      secrets,
      progress: (share) => context.progress({ stage: "evaluate", done: Math.round(100 * share), total: 100 }),
    },
  );
  await tell(context, result, { parties: participants.length, ownRows: data.rowCount, clipped: rows.clipped });
}

const peerOf = async (context: Context, party: string, isFirst: boolean): Promise<StatisticsPeer> =>
  isFirst
    ? { side: "first", peer: await context.peer(statisticsMessages, "first", "second", party) }
    : { side: "second", peer: await context.peer(statisticsMessages, "second", "first", party) };

/** SECURITY.md rule 9: each party's own minimum binds, whatever the flow says, and counts rows of its own table that differ. */
function checkMinimum({ parameters: { minimumRows }, policy, self }: Context, data: TaskTable): void {
  const least = distinctRows(policy.minimumRows, data);
  if (minimumRows >= least) return;
  throw new TomboloError("consent.minimum-rows", `the flow shows groups of ${minimumRows} rows, too few for a party`, {
    remedy: `Set minimumRows to ${least} or more.`,
    blame: self.party,
  });
}

async function tell(
  context: Context,
  { shown, cells }: Statistics,
  own: { readonly parties: number; readonly ownRows: number; readonly clipped: number },
): Promise<void> {
  const { values, groupBy, quantiles, minimumRows } = context.parameters;
  const groups: readonly (string | null)[] = groupBy?.categories ?? [null];
  await context.outputs.report("report", {
    kind: "joint-statistics",
    title: { en: "Joint statistics", zh: "联合统计" },
    data: {
      ...own,
      minimumRows,
      groupBy: groupBy?.column ?? null,
      quantiles,
      columns: values.map(({ column }, c) => ({
        column,
        groups: groups.map((group, g) => {
          const at = g * values.length + c;
          return { group, shown: shown[at]!, ...cells[at]! };
        }),
      })),
    },
  });
}
