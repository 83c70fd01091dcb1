/**
 * Correlations of all columns of two parties over their matched rows, and variance inflation from them; no row and no exact
 * product is seen by anybody. Protocol, leakage and adversary: packages/federated, vertical/correlation.
 */
import { type NumberColumn, TomboloError } from "@tombolo/base";
import {
  COLUMNS_MAX,
  type Correlation,
  type CorrelationPeer,
  correlate,
  correlationMessages,
} from "@tombolo/federated/vertical/correlation";
import {
  aligned,
  component,
  type Disclosure,
  one,
  type Participant,
  report,
  type TaskContext,
  type TaskTable,
  table,
} from "../component.ts";
import { betweenTwo, earlyEnds, learns } from "../disclosing.ts";
import { alignedInput, columnNamed, distinctRows, featureColumns, guestOf, hostsOf } from "../tables.ts";
import { type Parameters, type PartyParameters, parameters, partyParameters } from "./parameters.ts";

type Context = TaskContext<Parameters, PartyParameters>;

export const jointCorrelation = component({
  name: "joint-correlation",
  version: "3.0.0",
  title: { en: "Joint correlation", zh: "联合相关性分析" },
  summary: {
    en: "Correlations of the columns of two parties over their matched rows, and which columns follow from others (variance inflation).",
    zh: "计算两方各列在匹配行上的相关系数矩阵，以及各列的方差膨胀因子（VIF）。",
  },
  roles: { guest: one, host: one },
  parameters,
  partyParameters,
  inputs: { data: aligned(table(), "required") },
  outputs: { report: report() },
  protocol: { name: "correlation", messages: correlationMessages },
  use: "both",
  discloses: ({ participants, parameters: given }) => disclosures(participants, given),
  run: {
    guest: async (context) => {
      const peer = await context.peer(correlationMessages, "first", "second", hostsOf(context)[0]!.party);
      await run(context, { side: "first", peer });
    },
    host: async (context) => {
      const peer = await context.peer(correlationMessages, "second", "first", guestOf(context).party);
      await run(context, { side: "second", peer });
    },
  },
});

function disclosures(participants: readonly Participant[], given: Parameters): readonly Disclosure[] {
  const why = {
    en: "that a value is missing or infinite, that a column has one value only, or that there are too few rows for so many columns",
    zh: "存在缺失值或无穷值、某列取值全部相同，或相对列数而言行数过少",
  };
  return betweenTwo(participants, (guest, host) => [
    ...sideLearns(guest, host, given, true),
    ...sideLearns(host, guest, given, given.receivers === "all"),
    ...earlyEnds([guest, host], why),
  ]);
}

function sideLearns(me: Participant, other: Participant, given: Parameters, receives: boolean): Disclosure[] {
  const { decimals, missing, method, minimumRows, rowsPerColumn, constant } = given;
  const [kind, kindZh] = method === "pearson" ? ["correlation", "相关系数"] : ["rank correlation", "秩相关系数"];
  const names = learns(me, other, "columns", {
    en: `the names of the columns of ${other.party} that take part${constant === "leave-out" ? ", and by that which are constant" : ""}`,
    zh: `${other.party} 参与列的列名${constant === "leave-out" ? "（由此可知哪些是常数列）" : ""}`,
  });
  const lacking =
    missing === "drop"
      ? [
          learns(me, other, "missing-rows", {
            en: `which of the matched rows lack a value at ${other.party} in one of these columns or another; not in which`,
            zh: `匹配行中哪些行在 ${other.party} 的参与列中存在缺失；不知道是哪一列`,
          }),
        ]
      : [];
  const figures = receives
    ? learns(me, other, "correlations", {
        en: `the ${kind} of each column of ${other.party} with each of its own and with each other of ${other.party}, rounded to ${decimals} decimals, over ${minimumRows} rows or more and ${rowsPerColumn} for each column; what a column chosen for that purpose can tell of single rows is bounded by the rounding alone`,
        zh: `${other.party} 每一列与己方每一列、以及与 ${other.party} 其他各列的${kindZh}，舍入到 ${decimals} 位小数；总行数不少于 ${minimumRows}，且每列不少于 ${rowsPerColumn} 行；刻意构造的列能透露多少单行信息，仅受舍入位数限制`,
      })
    : learns(me, other, "correlations", {
        en: `no correlation, neither across nor of ${other.party}'s own columns`,
        zh: `不会得知任何相关系数（包括跨方的与 ${other.party} 自身各列之间的）`,
      });
  return [names, ...lacking, figures];
}

async function run(context: Context, end: CorrelationPeer): Promise<void> {
  checkMinimum(context);
  const { parameters: given, secrets } = context;
  const data = await alignedInput(context, "data");
  const result = await correlate(columnsOf(data, context.partyParameters.columns), end, {
    method: given.method,
    missing: given.missing,
    constant: given.constant,
    decimals: given.decimals,
    rowsMin: distinctRows(given.minimumRows, data),
    rowsPerColumnMin: distinctRows(given.rowsPerColumn, data),
    receivers: given.receivers === "all" ? "both" : "first",
    secrets,
    progress: (share) => context.progress({ stage: "products", done: Math.round(100 * share), total: 100 }),
  });
  await tell(context, result);
}

/** SECURITY.md rule 9: each party's own minimum binds, whatever the flow says. */
function checkMinimum({ parameters: { minimumRows }, policy, self }: Context): void {
  if (minimumRows >= policy.minimumRows) return;
  throw new TomboloError(
    "consent.minimum-rows",
    `the flow allows results over ${minimumRows} rows, too few for a party`,
    {
      remedy: `Set minimumRows to ${policy.minimumRows} or more.`,
      blame: self.party,
    },
  );
}

function columnsOf(data: TaskTable, chosen: readonly string[] | null): NumberColumn[] {
  const columns = (chosen === null ? featureColumns(data, null) : chosen.map((name) => columnNamed(data, name))).filter(
    (column) => chosen !== null || column.kind === "number",
  );
  const numbers = columns.filter((column) => column.kind === "number");
  const text = columns.find((column) => column.kind === "text" || data.keys.includes(column.name));
  if (text !== undefined)
    throw new TomboloError("input.columns", "a column to be correlated holds text, or is an id", {
      remedy: "Choose columns of numbers.",
      detail: { column: text.name },
    });
  if (numbers.length === 0 || numbers.length > COLUMNS_MAX)
    throw new TomboloError("input.columns", `a party correlates 1 to ${COLUMNS_MAX} columns of numbers`, {
      remedy: "Choose columns of numbers, and fewer of them.",
    });
  return numbers;
}

async function tell(context: Context, result: Correlation): Promise<void> {
  const { method, decimals, receivers } = context.parameters;
  const named = (names: readonly string[], { party }: Participant) => names.map((name) => ({ party, name }));
  const columns = [...named(result.first, guestOf(context)), ...named(result.second, hostsOf(context)[0]!)];
  const { matrix } = result;
  await context.outputs.report("report", {
    kind: "correlation",
    title: { en: "Joint correlation", zh: "联合相关性" },
    data: {
      method,
      decimals,
      receivers,
      rows: result.rows,
      dropped: result.dropped,
      constant: result.constant,
      columns,
      matrix:
        matrix === null
          ? null
          : columns.map((_, i) => [...matrix.subarray(i * columns.length, (i + 1) * columns.length)]),
      inflation: result.inflation,
    },
  });
}
