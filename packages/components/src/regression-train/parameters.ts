import {
  CLASSES_LEAST,
  CLASSES_MOST,
  FAMILIES,
  type GivenParameters,
  HELD_OUT_LEAST,
  HELD_OUT_MOST,
  ITERATIONS_MAX,
  POWER_LEAST,
  POWER_MOST,
  ROWS_LEAST,
} from "@tombolo/federated/vertical/regression";
import { z } from "zod";
import { columnName, columnNames, field } from "../fields.ts";

const earlyStopping = z.strictObject({
  rounds: field(
    z.number().int().min(1).max(ITERATIONS_MAX).default(3),
    { en: "Patience", zh: "容忍轮数" },
    { en: "Epochs without a better validation loss before it stops.", zh: "验证损失连续多少轮未改善则停止。" },
  ),
  fraction: field(
    z.number().min(HELD_OUT_LEAST).max(HELD_OUT_MOST).default(0.2),
    { en: "Validation share", zh: "验证集占比" },
    {
      en: "Share of the rows kept out, in whole batches; batches are made smaller where one is more than that.",
      zh: "留出的行占比，按整批计；若一批已超过该占比则缩小批大小。",
    },
  ),
});

export const parameters = z.strictObject({
  inference: field(
    z.boolean().default(false),
    { en: "Standard errors", zh: "标准误" },
    {
      en: "With p-values and confidence intervals: of a regression of one score by quasi-Newton, without penalties and weights; with hosts of at most 64 terms of all parties.",
      zh: "同时给出 p 值与置信区间：适用于单一分数、以拟牛顿法求解、无正则与权重的回归；有数据方时各方合计不超过 64 项。",
    },
  ),
  residuals: field(
    z.boolean().default(false),
    { en: "Residuals", zh: "残差分布" },
    {
      en: "The guest is told how residuals lie at the fit, as counts of rows, rounded down in steps of a power of two that is the fewest rows of a category at least, of which a party may insist on more; the data providers are not.",
      zh: "训练结束时向发起方给出残差分布：各区间的行数以不小于设定最少行数的 2 的幂为单位取整，各方可要求更大的最少行数；数据方不会得知。",
    },
  ),
  family: field(
    z.enum(FAMILIES).default("logistic"),
    { en: "Family", zh: "回归类型" },
    {
      en: "Logistic: a probability of yes. Linear: a number. With a log link: Poisson for counts, Gamma for amounts above 0, Tweedie for amounts of which many are 0. Of several classes: multinomial by probabilities that sum up to 1, one-vs-rest by a logistic regression of each against all others.",
      zh: "逻辑回归：二分类概率；线性回归：数值；对数连接：泊松用于计数，伽马用于大于 0 的金额，Tweedie 用于许多行为 0 的金额。多分类：multinomial 给出总和为 1 的各类概率，one-vs-rest 对每一类与其余各类做逻辑回归。",
    },
  ),
  power: field(
    z.number().min(POWER_LEAST).max(POWER_MOST).default(1.5),
    { en: "Tweedie power", zh: "Tweedie 幂次" },
    {
      en: "The variance goes with this power of the mean: nearer to 1 like counts, nearer to 2 like amounts.",
      zh: "方差与均值的该次幂成正比：接近 1 时近似计数，接近 2 时近似金额。",
    },
  ),
  classes: field(
    z.number().int().min(CLASSES_LEAST).max(CLASSES_MOST).nullable().default(null),
    { en: "Classes", zh: "类别数" },
    {
      en: "Only for several classes: how many different labels there are. The data provider learns this number and no name of a class.",
      zh: "仅用于多分类：标签的不同取值个数。数据方得知该个数，不得知类别名称。",
    },
  ),
  solver: field(
    z.enum(["quasi-newton", "sgd"]).default("quasi-newton"),
    { en: "Solver", zh: "求解方法" },
    {
      en: "Quasi-Newton: all rows in each step, until it converges; with an L1 penalty accelerated proximal gradients in its place. SGD: mini-batches, a number of epochs; for large tables.",
      zh: "拟牛顿：每步使用全部行，直至收敛；带 L1 正则时改用加速近端梯度；随机梯度：小批量、固定轮数，适合大表。",
    },
  ),
  intercept: field(
    z.boolean().default(true),
    { en: "Intercept", zh: "截距" },
    { en: "A constant beside the columns, held by the guest.", zh: "在各列之外加入常数项，由发起方持有。" },
  ),
  missing: field(
    z.enum(["refuse", "mean"]).default("refuse"),
    { en: "Missing values", zh: "缺失值" },
    {
      en: "Refuse: training ends and names the column. Mean: the column's mean, of text the commonest category.",
      zh: "拒绝：结束训练并指出该列；均值：以列均值代替，文本列以最常见类别代替。",
    },
  ),
  l2: field(
    z.number().min(0).max(1e6).default(0),
    { en: "L2 penalty", zh: "L2 正则" },
    {
      en: "On standardised coefficients, beside the sum of the rows' losses: 1/C of scikit-learn.",
      zh: "作用于标准化系数，与各行损失之和相加：相当于 scikit-learn 的 1/C。",
    },
  ),
  l1: field(
    z.number().min(0).max(1e6).default(0),
    { en: "L1 penalty", zh: "L1 正则" },
    {
      en: "On standardised coefficients, beside the sum of the rows' losses; sets those of little use to 0 exactly. With the L2 penalty beside it an elastic net. Of a linear regression the label is standardised too; with a log link it is taken over its mean.",
      zh: "作用于标准化系数，与各行损失之和相加；将作用很小的系数精确置为 0；与 L2 同用即弹性网。线性回归的标签同样标准化；对数连接的标签除以其均值。",
    },
  ),
  iterations: field(
    z.number().int().min(1).max(1000).default(100),
    { en: "Most steps", zh: "最多步数" },
    { en: "Of quasi-Newton.", zh: "用于拟牛顿法。" },
  ),
  tolerance: field(
    z.number().min(1e-7).max(0.1).default(1e-5),
    { en: "Tolerance", zh: "收敛精度" },
    { en: "Quasi-Newton ends when the mean gradient is shorter.", zh: "平均梯度的长度低于此值时拟牛顿法结束。" },
  ),
  epochs: field(
    z.number().int().min(1).max(ITERATIONS_MAX).nullable().default(null),
    { en: "Epochs", zh: "训练轮数" },
    {
      en: "Passes of SGD over the rows; none: as many as make 100 batches, 10 at least and 100 at most.",
      zh: "随机梯度遍历全部行的次数；留空则取累计约 100 批所需的轮数，最少 10 轮，最多 100 轮。",
    },
  ),
  batchRows: field(
    z
      .number()
      .int()
      .min(16)
      .max(2 ** 20)
      .default(4096),
    { en: "Rows of a batch", zh: "批大小" },
    {
      en: "Of SGD. Larger ones take fewer rounds of messages: about 30 batches of a table are enough, 32,768 rows of a million.",
      zh: "用于随机梯度。批越大通信轮数越少：整张表分约 30 批即可，例如一百万行取 32,768。",
    },
  ),
  optimizer: field(
    z.enum(["momentum", "adam"]).default("momentum"),
    { en: "Steps", zh: "步长规则" },
    {
      en: "Of SGD. Momentum: one rate for all columns. Adam: for each column by how large its gradients have been, on shares; for labels or columns of very different sizes, at about three times the rounds of messages a batch. Not with an L1 penalty.",
      zh: "用于随机梯度。动量：各列同一学习率；Adam：按各列以往梯度的大小（在秘密份额上计算）调整步长，适合尺度差异很大的标签或列，每批通信轮数约为 3 倍；不能与 L1 正则同用。",
    },
  ),
  learningRate: field(
    z.number().gt(0).max(10).nullable().default(null),
    { en: "Learning rate", zh: "学习率" },
    {
      en: "Of SGD, on standardised columns; none: 0.1 with momentum, 0.02 with Adam.",
      zh: "用于随机梯度，作用于标准化后的列；留空则动量取 0.1，Adam 取 0.02。",
    },
  ),
  momentum: field(
    z.number().min(0).max(0.99).default(0.9),
    { en: "Momentum", zh: "动量" },
    { en: "Of SGD; with Adam its first decay.", zh: "用于随机梯度；Adam 时为一阶矩衰减率。" },
  ),
  earlyStopping: field(
    earlyStopping.nullable().default(null),
    { en: "Early stopping", zh: "早停" },
    {
      en: "Of SGD: ends when the loss on rows kept out no longer falls, and takes the best epoch's coefficients; none: all epochs.",
      zh: "用于随机梯度：留出行上的损失不再下降时结束，并取最优一轮的系数；留空则训练全部轮数。",
    },
  ),
  link: field(
    z.enum(["fast", "slow"]).default("fast"),
    { en: "Link", zh: "网络" },
    {
      en: "Slow: fewer bytes for more processor time; worth it below some 100 Mbit/s between the parties.",
      zh: "慢：以更多计算换取更少流量，适合双方之间带宽低于约 100 Mbit/s 的网络。",
    },
  ),
  sharedBins: field(
    z.boolean().default(false),
    { en: "Shared bins", zh: "共享分箱" },
    {
      en: "The data provider's columns are in bins whose weights stay with the guest (a bin task of the mode shared, whose model goes into the input bins): the guest gets the coefficients of these columns, by number, and the data provider none. Of a logistic or linear regression with one data provider, without standard errors.",
      zh: "数据方的列已分箱且 WOE 留在发起方（分箱任务的 shared 模式，其模型接入 bins 输入）：这些列的系数按编号由发起方获得，数据方不获得任何系数。适用于只有一个数据方的逻辑或线性回归，不含标准误。",
    },
  ),
  rowsPerTerm: field(
    z.number().int().min(ROWS_LEAST).max(10_000).default(10),
    { en: "Fewest rows for each term", zh: "每项最少行数" },
    {
      en: "Of all columns of both parties, a text column counted once for each category but one, and one more; with fewer rows both refuse, since coefficients would tell single rows.",
      zh: "按双方全部列（文本列按类别数减一计）再加一计算；行数不足时双方均拒绝，否则系数会透露单行信息。",
    },
  ),
  minimumRows: field(
    z.number().int().min(ROWS_LEAST).max(1_000_000).default(20),
    { en: "Fewest rows of a category", zh: "类别最少行数" },
    {
      en: "Rarer categories are merged into one, or counted with the commonest where they are too few together; a column of numbers that differs from its commonest value in fewer rows is refused.",
      zh: "更少见的类别合并为一类，合并后仍不足时并入最常见的类别；数值列中与最常见取值不同的行数不足时拒绝。",
    },
  ),
  hostTermsMin: field(
    z.number().int().min(1).max(100).default(3),
    { en: "Fewest host terms", zh: "数据方最少项数" },
    {
      en: "Columns of the host, a text column counted once for each category but one; with fewer both refuse, since the opened sums would tell much of each.",
      zh: "数据方的列（文本列按类别数减一计）；少于此数时双方均拒绝，否则公开的总和会较多地透露各列信息。",
    },
  ),
});

export const partyParameters = z.strictObject({
  columns: field(
    columnNames.nullable().default(null),
    { en: "Columns", zh: "特征列" },
    { en: "Of those read; none: all of them.", zh: "在已读取的列中选择；留空表示全部。" },
  ),
  weight: field(
    columnName.nullable().default(null),
    { en: "Weight column", zh: "权重列" },
    { en: "At the guest: how much each row counts.", zh: "仅发起方：每行的权重。" },
  ),
  offset: field(
    columnName.nullable().default(null),
    { en: "Offset column", zh: "偏移列" },
    {
      en: "At the guest: added to each row's linear predictor; for a rate per exposure the logarithm of the exposure. Not on shared bins.",
      zh: "仅发起方：加到每行的线性预测值上；按风险暴露计算频率时，填写暴露量的对数。共享分箱时不可用。",
    },
  ),
});

export type Parameters = z.output<typeof parameters>;
export type PartyParameters = z.output<typeof partyParameters>;

/** The same names on both sides; the compiler checks that none is missing. */
export const regressionParameters = (parameters: Parameters): GivenParameters => parameters;
