import {
  ARBITER_FAMILIES,
  ARBITER_SCHEMES,
  type ArbiterParameters,
  BATCH_ROWS_MAX,
  BATCH_ROWS_PER_TERM_LEAST,
  defaultArbiterParameters as defaults,
  EPOCHS_MAX,
  ROWS_LEAST,
} from "@tombolo/federated/vertical/regression";
import { z } from "zod";
import { field, trainedColumns } from "../fields.ts";

export const parameters = z.strictObject({
  family: field(
    z.enum(ARBITER_FAMILIES).default(defaults.family),
    { en: "Family", zh: "回归类型" },
    {
      en: "Logistic: a probability of yes, fitted by the quadratic loss that agrees with the logistic one at 0, so that coefficients come out nearer to 0 where the columns tell much. Linear: a number.",
      zh: "逻辑回归：二分类概率，以在零点与逻辑损失一致的二次损失拟合，各列区分力强时系数偏小；线性回归：数值。",
    },
  ),
  intercept: field(
    z.boolean().default(defaults.intercept),
    { en: "Intercept", zh: "截距" },
    { en: "A constant beside the columns, held by the guest.", zh: "在各列之外加入常数项，由发起方持有。" },
  ),
  missing: field(
    z.enum(["refuse", "mean"]).default(defaults.missing),
    { en: "Missing values", zh: "缺失值" },
    {
      en: "Refuse: training ends and names the column. Mean: the column's mean, of text the commonest category.",
      zh: "拒绝：结束训练并指出该列；均值：以列均值代替，文本列以最常见类别代替。",
    },
  ),
  l2: field(
    z.number().min(0).max(1e6).default(defaults.l2),
    { en: "L2 penalty", zh: "L2 正则" },
    {
      en: "On standardised coefficients, beside the sum of the rows' losses.",
      zh: "作用于标准化系数，与各行损失之和相加。",
    },
  ),
  epochs: field(
    z.number().int().min(1).max(EPOCHS_MAX).default(defaults.epochs),
    { en: "Most epochs", zh: "最多轮数" },
    { en: "Passes over the rows.", zh: "遍历全部行的次数上限。" },
  ),
  tolerance: field(
    z.number().min(1e-7).max(0.1).default(defaults.tolerance),
    { en: "Tolerance", zh: "收敛精度" },
    {
      en: "Training ends when each party's own mean gradient of an epoch is shorter.",
      zh: "各方一轮的自身平均梯度长度均低于此值时结束训练。",
    },
  ),
  batchRows: field(
    z.number().int().min(16).max(BATCH_ROWS_MAX).default(defaults.batchRows),
    { en: "Rows of a batch", zh: "批大小" },
    {
      en: "At most. A table of fewer rows is one batch. Batches are the same rows in every epoch.",
      zh: "每批行数上限；行数不足时整表为一批。每轮各批的行相同。",
    },
  ),
  learningRate: field(
    z.number().gt(0).max(2).default(defaults.learningRate),
    { en: "Learning rate", zh: "学习率" },
    {
      en: "Of the longest step that is safe for one party's columns: 1 suits most tables.",
      zh: "相对于单方各列安全步长的比例：多数表取 1 即可。",
    },
  ),
  momentum: field(
    z.number().min(0).max(0.99).default(defaults.momentum),
    { en: "Momentum", zh: "动量" },
    { en: "The part of a step that goes on in the next one.", zh: "上一步在下一步中延续的比例。" },
  ),
  rowsPerTerm: field(
    z.number().int().min(BATCH_ROWS_PER_TERM_LEAST).max(10_000).default(defaults.rowsPerTerm),
    { en: "Fewest rows of a batch for each term", zh: "每批每项最少行数" },
    {
      en: "Of all columns of all parties, a text column counted once for each category but one, and one more; with smaller batches all refuse, since sums over a batch would tell single rows.",
      zh: "按各方全部列（文本列按类别数减一计）再加一计算；批过小时各方均拒绝，否则批内的和会透露单行信息。",
    },
  ),
  minimumRows: field(
    z.number().int().min(ROWS_LEAST).max(1_000_000).default(defaults.minimumRows),
    { en: "Fewest rows of a category", zh: "类别最少行数" },
    {
      en: "In every batch. Rarer categories are merged into one, or counted with the commonest where they are too few together; a column of numbers that differs from its commonest value in fewer rows is refused. A party may insist on more.",
      zh: "每批内分别计算。更少见的类别合并为一类，合并后仍不足时并入最常见的类别；数值列中与最常见取值不同的行数不足时拒绝。各方可要求更大的值。",
    },
  ),
  hostTermsMin: field(
    z.number().int().min(1).max(100).default(defaults.hostTermsMin),
    { en: "Fewest host terms", zh: "数据方最少项数" },
    {
      en: "Columns of a host, a text column counted once for each category but one; with fewer all refuse.",
      zh: "每个数据方的列（文本列按类别数减一计）；少于此数时各方均拒绝。",
    },
  ),
  scheme: field(
    z.enum(ARBITER_SCHEMES).default(defaults.scheme),
    { en: "Encryption", zh: "加密方案" },
    {
      en: "Okamoto-Uchiyama is four times as fast; Paillier rests on the assumption that is studied more.",
      zh: "Okamoto-Uchiyama 快约四倍；Paillier 所依据的假设研究更充分。",
    },
  ),
  keyBits: field(
    z.union([z.literal(2048), z.literal(3072)]).default(defaults.keyBits),
    { en: "Key size", zh: "密钥长度" },
    {
      en: "3072 bits match 128-bit security; 2048 match 112, in a quarter of the time: encrypted rows stay as safe as that for as long as anybody keeps them.",
      zh: "3072 位对应 128 位安全强度；2048 位对应 112 位，耗时约为四分之一：密文被保留期间，安全性均取决于此。",
    },
  ),
});

export const partyParameters = z.strictObject({
  columns: trainedColumns,
});

export type Parameters = z.output<typeof parameters>;
export type PartyParameters = z.output<typeof partyParameters>;

/** The same names on all sides; the compiler checks that none is missing. */
export const arbiterParameters = (parameters: Parameters): ArbiterParameters => parameters;
