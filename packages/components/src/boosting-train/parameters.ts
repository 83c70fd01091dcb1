import {
  type BoostingParameters,
  CALIBRATIONS,
  CLASSES_MAX,
  DEPTH_MAX,
  GRADIENT_BITS_MAX,
  GRADIENT_BITS_MIN,
  HOST_COLUMNS,
  METRICS,
  OBJECTIVES,
  SCHEMES,
  TREES_MAX,
} from "@tombolo/federated/vertical/boosting";
import { z } from "zod";
import type { TableNote } from "../component.ts";
import { columnName, columnNames, field, trainedColumns } from "../fields.ts";
import { distinctRows } from "../tables.ts";
import { customMetric, earlyStopping } from "./watching.ts";

const weight = z.number().min(0).max(1e9);
const share = z.number().gt(0).max(1);

const goss = z.strictObject({
  top: field(
    z.number().gt(0).lt(1).default(0.2),
    { en: "Share of large gradients", zh: "大梯度占比" },
    { en: "Of all training rows.", zh: "占全部训练行的比例。" },
  ),
  other: field(
    z.number().gt(0).lt(1).default(0.1),
    { en: "Share of the others", zh: "其余行占比" },
    { en: "Of all training rows; they count for those left out.", zh: "占全部训练行的比例，并按未抽中的行放大权重。" },
  ),
});

/** Who learns what: docs/security/boosting.md. */
export const LEVELS = ["standard", "shared"] as const;

export const parameters = z.strictObject({
  level: field(
    z.enum(LEVELS).default("standard"),
    { en: "Disclosure level", zh: "披露级别" },
    {
      en: "Standard: sums per node and rows' nodes are shown, as in SecureBoost. Shared: nobody learns which rows went where, nor any sum or weight; two parties, yes-or-no or squared error, slower.",
      zh: "标准：如 SecureBoost，会显示各节点的和与行所在节点。共享：任何一方都不知道行的走向、任何和或叶权重；仅两方、二分类或平方误差，较慢。",
    },
  ),
  objective: field(
    z.enum(OBJECTIVES).default("binary"),
    { en: "Objective", zh: "目标" },
    {
      en: "A probability of yes; a number by its squared, absolute or Huber error; a count (Poisson); a cost (Tweedie); or several classes.",
      zh: "二分类概率；按平方、绝对或 Huber 误差的数值回归；计数（Poisson）；金额（Tweedie）；或多分类。",
    },
  ),
  classes: field(
    z.number().int().min(2).max(CLASSES_MAX).nullable().default(null),
    { en: "Classes", zh: "类别数" },
    { en: "Only for several classes: how many different labels there are.", zh: "仅用于多分类：标签的不同取值个数。" },
  ),
  huberSlope: field(
    z.number().gt(0).max(1e9).default(1),
    { en: "Huber slope", zh: "Huber 转折点" },
    {
      en: "Errors beyond it count by their size, not their square; in the label's unit.",
      zh: "超过该值的误差按绝对值计，单位同标签。",
    },
  ),
  tweediePower: field(
    z.number().gt(1).lt(2).default(1.5),
    { en: "Tweedie power", zh: "Tweedie 方差幂" },
    { en: "Between 1, like counts, and 2, like amounts.", zh: "介于 1（近似计数）与 2（近似金额）之间。" },
  ),
  trees: field(
    z.number().int().min(1).max(TREES_MAX).default(50),
    { en: "Trees", zh: "树的数量" },
    {
      en: "More trees take longer and show each party more; of several classes, as many of each.",
      zh: "树越多耗时越长，各方所见也越多；多分类时为每类的棵数。",
    },
  ),
  depth: field(
    z.number().int().min(1).max(DEPTH_MAX).default(4),
    { en: "Depth", zh: "树深" },
    { en: "Most splits between root and leaf.", zh: "从根到叶的最大分裂次数。" },
  ),
  maxLeaves: field(
    z
      .number()
      .int()
      .min(2)
      .max(2 ** DEPTH_MAX)
      .nullable()
      .default(null),
    { en: "Most leaves", zh: "最多叶数" },
    {
      en: "Takes the best splits first, up to so many leaves; none: splits every node down to the depth.",
      zh: "按增益从高到低分裂，直至该叶数；留空则逐层分裂至树深。",
    },
  ),
  forest: field(
    z.boolean().default(false),
    { en: "Random forest", zh: "随机森林" },
    {
      en: "Trees do not follow one another but are averaged; the learning rate does not count. Needs a row or column share below 1.",
      zh: "各树相互独立并取平均，学习率不起作用；行采样或列采样须小于 1。",
    },
  ),
  guestOnlyTrees: field(
    z.number().int().min(0).max(TREES_MAX).default(0),
    { en: "Trees of the guest alone", zh: "仅用发起方列的树" },
    {
      en: "So many first trees use no column of a host: hosts then see rows grouped by what is left to explain, not by the labels themselves.",
      zh: "最初若干棵树不使用数据方的列，数据方此后看到的分组反映剩余误差而非标签本身。",
    },
  ),
  goss: field(
    goss.nullable().default(null),
    { en: "Rows by gradient (GOSS)", zh: "按梯度采样（GOSS）" },
    {
      en: "In trees that the guest grows alone: the rows with the largest gradients and some of the others. Never with hosts, whom it would tell labels.",
      zh: "仅用于发起方单独生长的树：取梯度最大的行与部分其余行。有数据方参与的树不可用，否则会泄露标签。",
    },
  ),
  learningRate: field(
    z.number().gt(0).max(10).default(0.2),
    { en: "Learning rate", zh: "学习率" },
    { en: "How much each tree counts.", zh: "每棵树的权重。" },
  ),
  lambda: field(
    weight.default(1),
    { en: "Lambda (L2)", zh: "L2 正则" },
    { en: "L2 on leaf weights.", zh: "叶权重的 L2 正则。" },
  ),
  alpha: field(
    weight.default(0),
    { en: "Alpha (L1)", zh: "L1 正则" },
    { en: "L1 on leaf weights.", zh: "叶权重的 L1 正则。" },
  ),
  gamma: field(
    weight.default(0),
    { en: "Gamma", zh: "最小增益" },
    { en: "Least gain of a split.", zh: "分裂的最小增益。" },
  ),
  minChildWeight: field(
    weight.default(1),
    { en: "Least child weight", zh: "最小子节点权重" },
    { en: "Least sum of second derivatives in a child.", zh: "子节点二阶导之和的下限。" },
  ),
  maxDeltaStep: field(
    weight.nullable().default(null),
    { en: "Greatest step of a leaf", zh: "叶权重上限" },
    {
      en: "Before the learning rate; 0: no bound; none: 0.7 for Poisson, no bound otherwise.",
      zh: "乘学习率之前的上限；0 表示不限；留空时 Poisson 取 0.7，其余不限。",
    },
  ),
  weighted: field(
    z.boolean().default(false),
    { en: "Weighted rows", zh: "样本加权" },
    { en: "Rows count by a column that the guest names.", zh: "各行按发起方指定的列加权。" },
  ),
  scalePosWeight: field(
    z.number().gt(0).max(1e6).default(1),
    { en: "Weight of yes", zh: "正例权重" },
    {
      en: "What a row of yes counts against one of no; for yes-or-no labels.",
      zh: "正例行相对负例行的权重，仅用于二分类。",
    },
  ),
  subsample: field(
    share.default(1),
    { en: "Row share", zh: "行采样" },
    { en: "Share of the rows each tree sees.", zh: "每棵树使用的行占比。" },
  ),
  colsample: field(
    share.default(1),
    { en: "Column share", zh: "列采样" },
    { en: "Share of each party's columns each tree sees.", zh: "每棵树使用的各方列占比。" },
  ),
  baseScore: field(
    z.number().nullable().default(null),
    { en: "Base score", zh: "初始预测" },
    {
      en: "Prediction before the first tree; none: the mean of the labels, their median for absolute and Huber.",
      zh: "首棵树之前的预测；留空取标签均值（绝对与 Huber 误差取中位数）。",
    },
  ),
  bins: field(
    z.number().int().min(2).max(254).default(32),
    { en: "Bins", zh: "分箱数" },
    { en: "Most bins of a column.", zh: "每列最多分箱数。" },
  ),
  textEncoding: field(
    z.enum(["one-hot", "category"]).default("one-hot"),
    { en: "Text columns", zh: "文本列" },
    { en: "One against the rest, or best group of categories.", zh: "逐类对其余，或按最优类别分组。" },
  ),
  minimumRows: field(
    z.number().int().min(1).max(1_000_000).default(5),
    { en: "Fewest rows", zh: "最少行数" },
    {
      en: "Bins and nodes below it are merged or not split, at every party; a party may insist on more.",
      zh: "低于此值的分箱与节点会合并或不再分裂；各方可要求更高。",
    },
  ),
  gradientBits: field(
    z.number().int().min(GRADIENT_BITS_MIN).max(GRADIENT_BITS_MAX).nullable().default(null),
    { en: "Bits of gradients", zh: "梯度位数" },
    {
      en: "Few bits, rounded at random, send less where rows are many, and score a little differently; none: all bits that count. See docs/accuracy.md.",
      zh: "梯度随机舍入为少数几位，行数多时可减少传输，分数略有变化；留空则保留全部有效位。见 docs/accuracy.md。",
    },
  ),
  earlyStopping: field(
    earlyStopping.nullable().default(null),
    { en: "Early stopping", zh: "早停" },
    {
      en: "Ends when the validation loss no longer falls; none: all trees.",
      zh: "验证损失不再下降时结束；留空则训练全部。",
    },
  ),
  metric: field(
    z.enum(METRICS).default("loss"),
    { en: "Watched figure", zh: "早停指标" },
    {
      en: "What early stopping watches: the objective's loss; AUC or KS of yes-or-no; RMSE or MAE of numbers; accuracy of classes; or an own figure (custom).",
      zh: "早停所看的指标：目标自身的损失；二分类可选 AUC、KS；数值可选 RMSE、MAE；多分类可选准确率；也可自定义（custom）。",
    },
  ),
  customMetric: field(
    customMetric.nullable().default(null),
    { en: "Own figure", zh: "自定义指标" },
    {
      en: "Watched where the figure is custom: a weighted sum of up to eight known figures, such as a cost at a threshold.",
      zh: "指标选 custom 时使用：至多八个已有指标的加权和，例如某阈值下的代价。",
    },
  ),
  calibration: field(
    z.enum(CALIBRATIONS).default("none"),
    { en: "Calibration", zh: "概率校准" },
    {
      en: "Fitted on the rows that early stopping keeps out, so that probabilities are met as often as they say; Platt: a sigmoid; isotonic: steps, for thousands of such rows.",
      zh: "在早停留出的验证行上拟合，使概率与实际频率相符；Platt 为 S 形函数，isotonic 为阶梯函数（需数千验证行）。",
    },
  ),
  hostColumns: field(
    z.enum(HOST_COLUMNS).default("masked"),
    { en: "Hosts' columns", zh: "数据方列名" },
    {
      en: "Named: at the end the guest is told which columns stand behind the splits; every host's grant must allow it. Masked: numbers only.",
      zh: "公开：训练结束时发起方得知各分裂所用的列，须每个数据方的授权允许；隐藏：仅有编号。",
    },
  ),
  scheme: field(
    z.enum(SCHEMES).default("lattice"),
    { en: "How sums are hidden", zh: "求和的隐藏方式" },
    {
      en: "Lattices are fastest, and show sums per bin of unnamed columns; encrypting each row's gradients shows sums per split, shuffled.",
      zh: "格密码最快，给出匿名列各分箱的和；逐行加密梯度则给出打乱后各候选分裂的和。",
    },
  ),
  keyBits: field(
    z.union([z.literal(2048), z.literal(3072)]).default(2048),
    { en: "Key size", zh: "密钥长度" },
    {
      en: "Of encrypted gradients, not of lattices: 2048 bits match 112-bit security, 3072 match 128.",
      zh: "仅用于逐行加密（格密码不用）：2048 位对应 112 位安全强度，3072 位对应 128 位。",
    },
  ),
});

export const partyParameters = z.strictObject({
  columns: trainedColumns,
  rising: field(
    columnNames.default([]),
    { en: "Rising columns", zh: "单调递增列" },
    {
      en: "Only the guest's, of numbers: the prediction never falls as they rise.",
      zh: "仅发起方的数值列：取值增大时预测不下降。",
    },
  ),
  falling: field(
    columnNames.default([]),
    { en: "Falling columns", zh: "单调递减列" },
    {
      en: "Only the guest's, of numbers: the prediction never rises as they rise.",
      zh: "仅发起方的数值列：取值增大时预测不上升。",
    },
  ),
  weight: field(
    columnName.nullable().default(null),
    { en: "Weight column", zh: "权重列" },
    {
      en: "Only the guest's: what each row counts; it is no feature then.",
      zh: "仅发起方：每行的权重，不再作为特征。",
    },
  ),
});

export type Parameters = z.output<typeof parameters>;
export type PartyParameters = z.output<typeof partyParameters>;

/** The same names on both sides; the compiler checks that none is missing. */
/** For rows of a table, of which each may stand several times. */
export const parametersOn = (parameters: Parameters, data: Pick<TableNote, "copiesMax">): BoostingParameters => ({
  ...boostingParameters(parameters),
  minimumRows: distinctRows(parameters.minimumRows, data),
});
export const boostingParameters = (parameters: Parameters): BoostingParameters => parameters;
