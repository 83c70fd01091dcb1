import { z } from "zod";
import { columnNames, field } from "../fields.ts";

const share = (min: number, max: number) => z.number().min(min).max(max).nullable();

export const parameters = z.strictObject({
  missing: field(
    share(0, 1).default(0.9),
    { en: "Most missing", zh: "缺失率上限" },
    { en: "A column falls with a larger share of missing values.", zh: "缺失率高于此值的列被剔除。" },
  ),
  unique: field(
    share(0, 1).default(null),
    { en: "Most different values", zh: "唯一值占比上限" },
    {
      en: "A column falls with more different values for its rows: 1 means that all differ, as in an identifier. Measurements may differ in every row, too.",
      zh: "不同取值占行数的比例高于此值的列被剔除；1 表示各行取值互不相同（如标识）。连续测量值也可能逐行不同。",
    },
  ),
  commonest: field(
    share(0, 1).default(0.99),
    { en: "Most of one value", zh: "单一取值占比上限" },
    {
      en: "A column falls whose commonest value has a larger share of the rows with a value.",
      zh: "最常见取值占有值行的比例高于此值的列被剔除。",
    },
  ),
  variance: field(
    z.number().min(0).nullable().default(null),
    { en: "Least variance", zh: "方差下限" },
    { en: "A column of numbers falls with this variance or less.", zh: "数值列的方差不高于此值时被剔除。" },
  ),
  stability: field(
    z.number().min(0).nullable().default(null),
    { en: "Most movement (PSI)", zh: "稳定性上限（PSI）" },
    {
      en: "A column falls that has moved further since the reference table.",
      zh: "相对对照表的 PSI 高于此值的列被剔除。",
    },
  ),
  informationMin: field(
    z.number().min(0).nullable().default(null),
    { en: "Least information value", zh: "IV 下限" },
    {
      en: "From the binning. A column falls with less; 0.02 is usual. Of the hosts' columns, too: they learn which fell, no figure.",
      zh: "来自分箱模型，IV 低于此值的列被剔除，常用 0.02；也用于数据方的列：其仅得知哪些列被剔除，不知数值。",
    },
  ),
  informationMax: field(
    z.number().min(0).nullable().default(null),
    { en: "Most information value", zh: "IV 上限" },
    {
      en: "A column falls with more: what predicts too well often is a result of the label.",
      zh: "IV 高于此值的列被剔除：预测力过强往往是标签泄露。",
    },
  ),
  importance: field(
    share(0, 1).default(null),
    { en: "Least importance", zh: "重要性下限" },
    {
      en: "From boosted trees: a column falls with a smaller share of the model's whole gain; columns that no split uses have none.",
      zh: "来自提升树模型：增益占比低于此值的列被剔除；未用于分裂的列占比为 0。",
    },
  ),
  pValue: field(
    share(0, 1).default(null),
    { en: "Largest p-value", zh: "p 值上限" },
    {
      en: "From a joint regression with standard errors: each party's own columns fall whose coefficients have larger ones. One step of backward elimination: train on what is left to go on.",
      zh: "来自带标准误的联合回归：各方自行剔除系数 p 值更大的列。相当于一步后向剔除，可在剩余列上重新训练后继续。",
    },
  ),
  permutation: field(
    z.number().min(-1).max(1).nullable().default(null),
    { en: "Least fall of AUC", zh: "置换重要性下限" },
    {
      en: "From a table scored by a regression with contributions: the guest's columns fall that cost less AUC when their values are shuffled.",
      zh: "来自带特征贡献的回归打分表：打乱取值后 AUC 下降少于此值的发起方列被剔除。",
    },
  ),
  correlation: field(
    share(0, 1).default(null),
    { en: "Largest correlation", zh: "相关系数上限" },
    {
      en: "Of two columns of numbers that are closer, the one of less information value falls; without binning the later one.",
      zh: "两数值列相关系数绝对值高于此值时，剔除 IV 较低者；无分箱时剔除靠后者。",
    },
  ),
  inflation: field(
    z.number().min(1).nullable().default(null),
    { en: "Largest variance inflation", zh: "VIF 上限" },
    {
      en: "The column of the largest variance inflation falls, and again, until none is above this; 10 is usual.",
      zh: "反复剔除方差膨胀因子最大的列，直至均不高于此值，常用 10。",
    },
  ),
  across: field(
    z.boolean().default(false),
    { en: "Across parties", zh: "跨方比较" },
    {
      en: "Correlation and variance inflation over the columns of both parties together, by joint computing; otherwise each party looks at its own. With one host.",
      zh: "相关系数与 VIF 在双方的列上联合计算；否则各方只看自己的列。仅限一个数据方。",
    },
  ),
  minimumRows: field(
    z.number().int().min(20).max(1_000_000).default(50),
    { en: "Fewest rows", zh: "最少行数" },
    {
      en: "Of what is computed across parties; a party may insist on more.",
      zh: "跨方计算所需的最少行数；各方可要求更高。",
    },
  ),
  rowsPerColumn: field(
    z.number().int().min(10).max(10_000).default(30),
    { en: "Fewest rows for each column", zh: "每列最少行数" },
    {
      en: "Of all columns of both parties, across them: many figures over few rows would tell the rows.",
      zh: "跨方计算时按双方全部列计；行少而数值多会透露具体的行。",
    },
  ),
  decimals: field(
    z.number().int().min(2).max(4).default(3),
    { en: "Decimals", zh: "小数位数" },
    {
      en: "To which correlations across parties are rounded before anybody sees them.",
      zh: "跨方相关系数在任何一方看到之前舍入到的位数。",
    },
  ),
  stepwise: field(
    z.enum(["none", "forward", "backward", "both"]).default("none"),
    { en: "Stepwise", zh: "逐步回归" },
    {
      en: "Of the guest's own columns of numbers, by a regression of its label on them alone; hosts have no label to try by.",
      zh: "仅对发起方自己的数值列，用其标签单独回归；数据方没有标签，不参与。",
    },
  ),
  objective: field(
    z.enum(["binary", "regression"]).default("binary"),
    { en: "Objective", zh: "目标" },
    { en: "Of stepwise: a label of yes and no, or of numbers.", zh: "逐步回归的标签：二分类或数值。" },
  ),
  criterion: field(
    z.enum(["aic", "bic", "p-value"]).default("aic"),
    { en: "Criterion", zh: "准则" },
    { en: "By which a step is kept.", zh: "保留一步所依据的准则。" },
  ),
  enter: field(
    z.number().gt(0).lt(1).default(0.05),
    { en: "p to enter", zh: "进入 p 值" },
    { en: "Of the criterion p-value.", zh: "准则为 p 值时使用。" },
  ),
  leave: field(
    z.number().gt(0).lt(1).default(0.1),
    { en: "p to leave", zh: "剔除 p 值" },
    { en: "Of the criterion p-value; not below p to enter.", zh: "准则为 p 值时使用；不低于进入 p 值。" },
  ),
});
export type Parameters = z.output<typeof parameters>;

export const partyParameters = z.strictObject({
  keep: field(
    columnNames.default([]),
    { en: "Keep", zh: "保留列" },
    { en: "Own columns that stay whatever the figures say.", zh: "无论指标如何都保留的己方列。" },
  ),
  drop: field(
    columnNames.default([]),
    { en: "Drop", zh: "剔除列" },
    { en: "Own columns that fall whatever the figures say.", zh: "无论指标如何都剔除的己方列。" },
  ),
});
export type PartyParameters = z.output<typeof partyParameters>;
