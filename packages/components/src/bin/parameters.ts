import {
  BINS_MAX,
  EVENTS_MIN,
  FINE_BINS_MAX,
  FINE_ROWS_MIN,
  MODES,
  mergeSpec,
  SPECIAL_MAX,
  TRENDS,
} from "@tombolo/federated/binning";
import { z } from "zod";
import type { ParameterFault } from "../component.ts";
import { columnName, columnNames, field } from "../fields.ts";

export const modeField = field(
  z.enum(MODES).default("host-learns-woe"),
  { en: "Weights of the data providers' columns", zh: "数据方各列的 WOE" },
  {
    en: "host-learns-woe: each is told the weights of its own bins, which are the event rates of these rows. shared: it is told which of its fine bins go together, and the weights stay with the initiator.",
    zh: "host-learns-woe：各数据方得知己方各分箱的 WOE（即这些行的事件率）；shared：只得知哪些细箱合并，WOE 留在发起方。",
  },
);

const rule = mergeSpec.shape;

export const parameters = z.strictObject({
  mode: modeField,
  method: field(
    rule.method,
    { en: "Merge by", zh: "合并方法" },
    {
      en: "optimal: most information value, exactly. tree: cuts of a decision tree. chi-merge: neighbours that differ least. fine: only bins that hold too little are merged.",
      zh: "optimal：信息值最大（精确解）；tree：决策树切分；chi-merge：合并差异最小的相邻箱；fine：只合并样本不足的箱。",
    },
  ),
  binsMax: field(
    rule.binsMax,
    { en: "Most bins", zh: "最多分箱数" },
    {
      en: `2 to ${BINS_MAX} for each column; special and missing values come beside them.`,
      zh: `每列 2 至 ${BINS_MAX} 箱；特殊值与缺失另计。`,
    },
  ),
  trend: field(
    z.enum(TRENDS).default("none"),
    { en: "Trend", zh: "事件率走势" },
    {
      en: "Of the rates along a column of numbers, with the optimal method. auto: ascending or descending, whichever has more information value; peak: up, then down; valley: down, then up.",
      zh: "optimal 方法下数值列事件率的走势。auto：升序或降序中信息值较大者；peak：先升后降；valley：先降后升。",
    },
  ),
  minimumShare: field(
    rule.minimumShare,
    { en: "Smallest share of rows", zh: "最小行占比" },
    { en: "Of all rows, that each bin has.", zh: "每箱至少占全部行的比例。" },
  ),
  minimumEvents: field(
    rule.minimumEvents,
    { en: "Fewest events", zh: "最少事件数" },
    {
      en: `Of rows with label 1, and of rows with label 0, that each bin has; at least ${EVENTS_MIN}.`,
      zh: `每箱标签为 1 的行数与为 0 的行数的下限，不低于 ${EVENTS_MIN}。`,
    },
  ),
  criterion: field(
    rule.criterion,
    { en: "Impurity", zh: "不纯度" },
    { en: "That a tree's cuts lower.", zh: "决策树切分所依据的不纯度。" },
  ),
  chiSquared: field(
    rule.chiSquared,
    { en: "Chi-squared", zh: "卡方阈值" },
    {
      en: "Neighbours below it are merged by chi-merge; 3.84 is a p-value of 0.05.",
      zh: "chi-merge 合并低于此值的相邻箱；3.84 对应 p 值 0.05。",
    },
  ),
  smoothing: field(
    z.number().min(0.1).max(100).default(0.5),
    { en: "Smoothing", zh: "平滑" },
    {
      en: "Added to each bin's rows of either label before its weight is taken: no weight is infinite, and those of small bins are nearer to 0.",
      zh: "计算 WOE 前在每箱两类行数上各加此值：任何 WOE 均为有限值，小箱的 WOE 更接近 0。",
    },
  ),
  minimumRows: field(
    z.number().int().min(FINE_ROWS_MIN).max(1_000_000).default(FINE_ROWS_MIN),
    { en: "Fewest rows of a fine bin", zh: "细箱最少行数" },
    {
      en: "Nobody is told counts of fewer rows, nor of less than 1 % of them; a party may insist on more.",
      zh: "少于此行数或不足总行数 1% 的计数不向任何人提供；各方可要求更高。",
    },
  ),
});
export type Parameters = z.output<typeof parameters>;

export const partyParameters = z.strictObject({
  columns: field(
    columnNames.nullable().default(null),
    { en: "Columns", zh: "列" },
    { en: "To bin; none: all but ids and label.", zh: "要分箱的列；留空表示除标识与标签外的全部列。" },
  ),
  fineMethod: field(
    z.enum(["quantile", "width"]).default("quantile"),
    { en: "Fine bins by", zh: "细箱划分" },
    {
      en: "quantile: about equally many rows in each; width: equally wide. Of text each category is one, rare ones together.",
      zh: "quantile：等频；width：等宽。文本列每个类别一箱，罕见类别合为一箱。",
    },
  ),
  fineBins: field(
    z.number().int().min(2).max(FINE_BINS_MAX).default(20),
    { en: "Fine bins", zh: "细箱数" },
    {
      en: "At most, of each column. They are fixed here once: what is changed later merges them.",
      zh: "每列至多此数。细箱一次定下，之后的调整只能合并。",
    },
  ),
  edges: field(
    z
      .array(
        z.strictObject({
          column: columnName,
          edges: z
            .array(z.number())
            .min(1)
            .max(FINE_BINS_MAX - 1),
        }),
      )
      .max(1000)
      .default([]),
    { en: "Own edges", zh: "自定义切点" },
    {
      en: "For columns of numbers, ascending: a bin holds what is at its edge or above it. Edges that would leave too few rows are left out.",
      zh: "用于数值列，升序；取值大于或等于切点者归入该箱。会使行数不足的切点将被略去。",
    },
  ),
  special: field(
    z
      .array(z.union([z.number(), z.string().min(1).max(120)]))
      .max(SPECIAL_MAX)
      .default([]),
    { en: "Special values", zh: "特殊值" },
    {
      en: "With a bin of their own in every column that has enough of them, such as -999; elsewhere they count as missing.",
      zh: "如 -999：在行数足够的列中各自成箱，否则视同缺失。",
    },
  ),
  showNames: field(
    z.boolean().default(false),
    { en: "Show column names", zh: "公开列名" },
    {
      en: "Of a data provider: the initiator sees the names of its binned columns. Otherwise it knows them by number, in an order made by chance.",
      zh: "数据方选项：发起方可见己方参与分箱的列名；否则只见编号，次序随机。",
    },
  ),
});
export type PartyParameters = z.output<typeof partyParameters>;

export function mergeFaults({ method, trend }: Parameters): ParameterFault[] {
  if (method === "optimal" || trend === "none") return [];
  return [
    {
      parameter: "trend",
      message: "a trend is kept by the optimal method alone",
      remedy: 'Set method to "optimal", or trend to "none".',
      zh: { message: "只有 optimal 方法能保证走势", remedy: "请将 method 设为 optimal，或将 trend 设为 none。" },
    },
  ];
}
