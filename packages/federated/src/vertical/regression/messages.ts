/** Who sends what to whom: an opening, then the engine's messages and those of products with matrices, both ways. */
import { TomboloError } from "@tombolo/base";
import { bytes, f64s, fixedWidth, json, message, stream } from "@tombolo/channel";
import { ELGAMAL_CIPHERTEXT_BYTES, ELGAMAL_KEY_BYTES } from "@tombolo/crypto";
import { exactly } from "@tombolo/protocols/exactly";
import { aheadMessages, productMessages } from "@tombolo/protocols/matrix-product";
import { renamed } from "@tombolo/protocols/renamed";
import { KEY_BYTES } from "@tombolo/protocols/secret-sharing/pairwise";
import * as z from "zod";
import { engineMessages } from "../two-party.ts";
import { TERMS_MAX } from "./design.ts";
import { ITERATIONS_MAX, PARTIES_MAX, ROWS_MAX } from "./parameters.ts";

const digest = z.string().length(64);
const runId = z.string().regex(/^[0-9a-f]{32}$/);
const kept = z.strictObject({ run: runId, steps: z.array(z.int().min(1).max(ITERATIONS_MAX)).max(4) }).nullable();

const opening = z.strictObject({
  /** SHA-256 over parameters and versions: both sides must mean the same training. */
  agreement: digest,
  rows: z.int().min(1).max(ROWS_MAX),
  /** Columns of the own matrix. */
  columns: z
    .int()
    .min(0)
    .max(TERMS_MAX + 1),
  /** What an earlier attempt left here. */
  kept,
});
export type Opening = z.infer<typeof opening>;

const start = z.strictObject({
  run: runId,
  /** From which both go on; 0: afresh. */
  step: z.int().min(0).max(ITERATIONS_MAX),
  /** The guest's rows have weights, or offsets of the linear predictor. */
  weighted: z.boolean(),
  offset: z.boolean(),
  /** The label's spread lies between 2 to it and twice that; 0 where it is not scaled. */
  labelExponent: z.int().min(-1100).max(1100),
});
export type Start = z.infer<typeof start>;

const ID_MAX = 2 ** 16;
const BINS_OF_COLUMN_MAX = 128;
/** Of columns in bins whose weights the guest has, those that take part, in the order of the host's matrix. */
const binsTold = z
  .array(z.strictObject({ id: z.int().min(0).max(ID_MAX), bins: z.int().min(2).max(BINS_OF_COLUMN_MAX) }))
  .min(1)
  .max(TERMS_MAX);
export type BinsTold = z.infer<typeof binsTold>;

function checked<T>(name: string, schema: z.ZodType<T>) {
  return json(name, (value) => {
    const result = schema.safeParse(value);
    if (!result.success) throw new TomboloError("protocol.malformed", `a malformed ${name} message`);
    return result.data;
  });
}

const computation = z.strictObject({
  run: runId,
  /** Of the guest, the first host, and the further ones in their order. */
  columns: z
    .array(
      z
        .int()
        .min(0)
        .max(TERMS_MAX + 1),
    )
    .min(3)
    .max(PARTIES_MAX),
  weighted: z.boolean(),
  labelExponent: z.int().min(-1100).max(1100),
});
export type Computation = z.infer<typeof computation>;

const task = z.discriminatedUnion("product", [
  z.strictObject({
    product: z.enum(["forward", "backward"]),
    part: z.union([z.int().min(0).max(ROWS_MAX), z.literal("all")]),
  }),
  /** For standard errors: a column of its matrix, and its combinations of columns, as shares. */
  z.strictObject({
    product: z.literal("column"),
    place: z
      .int()
      .min(0)
      .max(TERMS_MAX - 1),
  }),
  z.strictObject({ product: z.literal("combinations") }),
  /** Its coefficients of the model that training starts from, as shares. */
  z.strictObject({ product: z.literal("earlier") }),
  /** And the owner's: scale of the information matrix, and fraction bits of the mean square, if there is one. */
  z.strictObject({
    product: z.literal("errors"),
    scaled: z.int().min(0).max(64),
    fraction: z.int().min(0).max(61).nullable(),
  }),
  /** Of the training as a whole. */
  z.strictObject({ product: z.literal("end"), converged: z.boolean(), steps: z.int().min(0).max(ITERATIONS_MAX) }),
]);
export type OwnerTask = z.infer<typeof task>;
export type OwnerErrors = Extract<OwnerTask, { product: "errors" }>;

const OPENING_BYTES = 2048;
const PASSED_WORDS = 65536;
const OWN_BYTES = 8 * TERMS_MAX;
const BINS_TOLD_BYTES = 32 * TERMS_MAX;

/** Between the guest or the first host, who compute, and a further host, who owns columns. */
const ownerMessages = {
  computingOpening: message("computing", "owner", checked("regression-opening", opening), {
    means: { en: "Parameters' digest, numbers of rows and columns", zh: "参数摘要与行列数" },
    sizeMax: OPENING_BYTES,
  }),
  ownerOpening: message("owner", "computing", checked("regression-opening", opening), {
    means: { en: "Parameters' digest, numbers of rows and columns", zh: "参数摘要与行列数" },
    sizeMax: OPENING_BYTES,
  }),
  ownerStart: message("computing", "owner", checked("regression-computation", computation), {
    means: { en: "A random id of the model, and all parties' numbers of columns", zh: "模型的随机编号与各方列数" },
    sizeMax: OPENING_BYTES,
  }),
  ownerTask: message("computing", "owner", checked("regression-task", task), {
    means: {
      en: "Which product with its matrix comes next, or what of it standard errors or a start from an earlier model take; at the end how many steps there were, and whether they converged",
      zh: "接下来与其矩阵做哪一次乘法，或计算标准误、从已有模型继续训练所需的部分；结束时告知步数与是否收敛",
    },
    sizeMax: 128,
  }),
  ownerPassed: stream("owner", "computing", bytes(8 * PASSED_WORDS), {
    means: { en: "The mask of the other's product: uniform numbers", zh: "另一计算方乘积的掩码：均匀随机数" },
    sizeMax: 8 * PASSED_WORDS,
  }),
  ownerShares: stream("owner", "computing", bytes(8 * PASSED_WORDS), {
    means: {
      en: "Shares, which are uniform numbers: for standard errors of a column of its matrix or of its combinations of columns, for a start from an earlier model of its coefficients",
      zh: "份额（均匀随机数）：用于标准误的其矩阵某一列或列组合，或用于从已有模型继续训练的其系数",
    },
    sizeMax: 8 * PASSED_WORDS,
  }),
  ownerErrors: message("computing", "owner", bytes(OWN_BYTES), {
    means: { en: "Shares of the owner's own standard errors", zh: "该方自身标准误的份额" },
    sizeMax: OWN_BYTES,
  }),
  ownerWeights: message("computing", "owner", bytes(OWN_BYTES), {
    means: { en: "A share of the owner's own coefficients, at the end", zh: "该方自身系数的份额（训练结束时）" },
    sizeMax: OWN_BYTES,
  }),
  ...renamed("owner", productMessages("computing", "owner")),
};

export const trainingMessages = {
  guestOpening: message("guest", "host", checked("regression-opening", opening), {
    means: { en: "Parameters' digest, numbers of rows and columns, steps kept", zh: "参数摘要、行列数与保留的步数" },
    sizeMax: OPENING_BYTES,
  }),
  hostOpening: message("host", "guest", checked("regression-opening", opening), {
    means: { en: "Parameters' digest, numbers of rows and columns, steps kept", zh: "参数摘要、行列数与保留的步数" },
    sizeMax: OPENING_BYTES,
  }),
  start: message("guest", "host", checked("regression-start", start), {
    means: { en: "A random id of the model, and from which step training goes on", zh: "模型的随机编号与训练起始步" },
    sizeMax: OPENING_BYTES,
  }),
  hostBins: message("host", "guest", checked("regression-bins", binsTold), {
    means: {
      en: "Where weights of its bins are with the guest: the numbers of its columns that take part, in their order, and of each how many bins it has",
      zh: "分箱权重留在发起方时：参与各列的编号（依次）及每列的分箱数",
    },
    sizeMax: BINS_TOLD_BYTES,
  }),
  ...engineMessages,
  ...renamed("guestMatrix", aheadMessages("host", "guest")),
  ...renamed("hostMatrix", aheadMessages("guest", "host")),
  ...ownerMessages,
};

/** A key and a number. */
const MASK_BYTES = KEY_BYTES + 8;

/** Exponents of powers of two that are numbers other than 0. */
export const UNIT_LEAST = -1074;
export const UNIT_MOST = 1023;

export const predictionRequest = z.strictObject({
  rows: z.int().min(0).max(ROWS_MAX),
  /** Those before it have been scored. */
  first: z.int().min(0).max(ROWS_MAX),
  chunkRows: z.int().min(1).max(65536),
  modelId: runId,
  /** For bands: two to it is what totals are whole numbers of. */
  unit: z.int().min(UNIT_LEAST).max(UNIT_MOST).nullable(),
});
export type PredictionRequest = z.infer<typeof predictionRequest>;

export const TOTALS_AT_ONCE = 65536;

export const LOOKUPS_AT_ONCE = 4096;

/** Of each two hosts, where there are several. */
export const maskMessages = {
  earlierMask: message("earlier", "later", bytes(MASK_BYTES), {
    means: {
      en: "A key for masks of these two hosts' totals, and what the sender's are rounded to",
      zh: "这两个数据方贡献之和的掩码密钥，及发送方的舍入单位",
    },
    sizeMax: MASK_BYTES,
  }),
  laterUnit: message("later", "earlier", f64s({ missing: false }), {
    means: { en: "What the sender's totals are rounded to", zh: "发送方贡献之和的舍入单位" },
    sizeMax: 8,
  }),
};

/** Of columns in bins whose weights the guest has: products of what each bin adds with whether a row is in it. */
const lookupMessages = {
  ...renamed("lookup", productMessages("guest", "host")),
  lookupMasks: message("host", "guest", bytes(8 * TOTALS_AT_ONCE), {
    means: {
      en: "Of each row what masks the product of its bins with what these add: the rest of the row's total",
      zh: "每行中分箱与各箱贡献之乘积的掩码：与乘积合成该行的贡献之和",
    },
    sizeMax: 8 * TOTALS_AT_ONCE,
  }),
};

/** The same for services: what each bin adds comes once, encrypted. */
export const servedLookupMessages = {
  lookupKey: message("guest", "host", exactly(ELGAMAL_KEY_BYTES), {
    means: { en: "Public key that what each bin adds is encrypted under", zh: "用于加密各分箱贡献的公钥" },
    sizeMax: ELGAMAL_KEY_BYTES,
  }),
  lookupAdded: stream("guest", "host", fixedWidth(ELGAMAL_CIPHERTEXT_BYTES), {
    means: {
      en: "Of each bin of this host's columns, and of rows in none, what it adds to a total, encrypted",
      zh: "该数据方各列每个分箱（及不属于任何分箱时）对合计的贡献（已加密）",
    },
    sizeMax: LOOKUPS_AT_ONCE * ELGAMAL_CIPHERTEXT_BYTES,
  }),
};

/** Where guest and first host compute on shares: from the further hosts to both. */
const sharedMessages = {
  sharedKey: message("host", "guest", bytes(KEY_BYTES), {
    means: {
      en: "A key that the guest's shares of this host's totals are drawn from: nothing of the totals",
      zh: "用于生成发起方所持份额的密钥，与该数据方的合计无关",
    },
    sizeMax: KEY_BYTES,
  }),
  laterRequest: message("later", "earlier", checked("regression-request", predictionRequest), {
    means: { en: "What the guest asked this host for", zh: "发起方向该数据方提出的请求" },
    sizeMax: OPENING_BYTES,
  }),
  laterTotals: stream("later", "earlier", bytes(8 * TOTALS_AT_ONCE), {
    means: {
      en: "Of each row a share of this host's total, a uniform number to who lacks the key",
      zh: "每行中该数据方合计的份额，对没有密钥者为均匀随机数",
    },
    sizeMax: 8 * TOTALS_AT_ONCE,
  }),
};

/** Prediction: one request, one streamed answer; for bands the engine's messages in its place, of several hosts totals in masks. */
export const predictionMessages = {
  ...maskMessages,
  ...sharedMessages,
  maskedUnit: message("host", "guest", f64s({ missing: false }), {
    means: { en: "What all hosts' totals are rounded to", zh: "各数据方贡献之和的统一舍入单位" },
    sizeMax: 8,
  }),
  maskedTotals: stream("host", "guest", bytes(8 * TOTALS_AT_ONCE), {
    means: {
      en: "Of each row this host's rounded total in masks that cancel in the sum over all hosts",
      zh: "每行中该数据方的贡献之和（已舍入并加掩码），掩码在各数据方之和中抵消",
    },
    sizeMax: 8 * TOTALS_AT_ONCE,
  }),
  request: message("guest", "host", checked("regression-request", predictionRequest), {
    means: { en: "Number of rows to score, from which on, and the model's id", zh: "待打分行数、起始行与模型编号" },
    sizeMax: OPENING_BYTES,
  }),
  totals: stream("host", "guest", f64s({ missing: false }), {
    means: {
      en: "Of each row the rounded sum of this host's contributions to the linear predictor",
      zh: "每行由该数据方各列贡献之和（已舍入），用于线性预测值",
    },
    sizeMax: 8 * TOTALS_AT_ONCE,
  }),
  ...lookupMessages,
  ...engineMessages,
};
