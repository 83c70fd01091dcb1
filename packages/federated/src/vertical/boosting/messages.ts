/** Who sends what to whom, in order. Several hosts each have a session of their own with the guest. */

import { TomboloError } from "@tombolo/base";
import { bytes, fixedWidth, integer, json, message, stream, u32s } from "@tombolo/channel";
import { linearMessages } from "@tombolo/protocols/linear-answers";
import { otMessages } from "@tombolo/protocols/oblivious-transfer/softspoken";
import * as z from "zod";
import { servingTable } from "../serving/messages.ts";
import { CLASSES_MAX, FEATURES_MAX, ROWS_MAX, TREES_MAX } from "./parameters.ts";

const DIGEST_CHARS = 64;
const digest = z.string().length(DIGEST_CHARS);
const rowCount = z.int().min(1).max(ROWS_MAX);

const helloSchema = z.strictObject({
  /** SHA-256 over parameters, seed probe and versions: both sides must mean the same job. */
  agreement: digest,
  rows: rowCount,
  /** Position of this host among the sites; the guest is 0. */
  site: z.int().min(1).max(255),
  /** Digests of the guest's part after 0, 1, ... trees. */
  digests: z
    .array(digest)
    .min(1)
    .max(TREES_MAX + 1),
});

const readySchema = z.strictObject({
  rows: rowCount,
  columns: z.int().min(0).max(FEATURES_MAX),
  digests: z
    .array(digest)
    .min(1)
    .max(TREES_MAX + 1),
});

const startSchema = z.strictObject({
  /** Trees in common. */
  trees: z.int().min(0).max(TREES_MAX),
  /** Of the model to go on with; new unless trees are kept. */
  modelId: z.string().regex(/^[0-9a-f]{32}$/),
});

/** By number. */
const namesSchema = z
  .array(z.strictObject({ number: z.int().min(1).max(FEATURES_MAX), name: z.string().min(1).max(4096) }))
  .max(FEATURES_MAX);

const requestSchema = z.strictObject({
  rows: z.int().min(0).max(ROWS_MAX),
  /** Those before it have been scored. */
  first: z.int().min(0).max(ROWS_MAX),
  chunkRows: z.int().min(1).max(65536),
  digest,
});

const sumRequestSchema = requestSchema.extend({
  /** Totals of a row: one, or one a class. */
  outputs: z.int().min(1).max(CLASSES_MAX),
});

const openSchema = z.strictObject({ digest });

export type Hello = z.infer<typeof helloSchema>;

function checked<T>(name: string, schema: z.ZodType<T>) {
  return json(name, (value) => {
    const result = schema.safeParse(value);
    if (!result.success) throw new TomboloError("protocol.malformed", `a malformed ${name} message`);
    return result.data;
  });
}

const KEY_BYTES_MAX = 8192;

/**
 * Training; see README. By lattices: layout, seeds and hint once, per level vectors, items (and counts of rows in place of sums of h), answers. By additive encryption: key once, gradients
 * per tree, per level offers, sums. Then splits, branches, routes.
 */
export const trainingMessages = {
  ...linearMessages("guest", "host"),
  hello: message("guest", "host", checked("hello", helloSchema), {
    means: {
      en: "Number of rows, parameters' digest, digests of trees kept from an earlier attempt",
      zh: "行数、参数摘要、先前尝试保留的树的摘要",
    },
    sizeMax: 2 ** 20,
  }),
  key: message("guest", "host", bytes(KEY_BYTES_MAX), {
    means: { en: "Public key for the encrypted gradients, made for this attempt", zh: "本次尝试新生成的梯度加密公钥" },
    sizeMax: KEY_BYTES_MAX,
  }),
  ready: message("host", "guest", checked("ready", readySchema), {
    means: {
      en: "Number of rows and columns, digests of trees kept from an earlier attempt",
      zh: "行数、列数、先前尝试保留的树的摘要",
    },
    sizeMax: 2 ** 20,
  }),
  start: message("guest", "host", checked("start", startSchema), {
    means: {
      en: "How many kept trees both sides have, and the id of the model",
      zh: "双方共同保留的树的数量，以及模型的编号",
    },
    sizeMax: 4096,
  }),
  layout: message("host", "guest", bytes(2 * FEATURES_MAX), {
    means: {
      en: "Kind and number of bins of each column, without names, in an order drawn for this training",
      zh: "各列的类型与分箱数，不含列名，顺序为本次训练随机抽取",
    },
    sizeMax: 2 * FEATURES_MAX,
  }),
  items: stream("host", "guest", bytes(2 ** 20), {
    means: {
      en: "Which bins of each node are summed together, so that no sum covers too few rows",
      zh: "各节点中哪些分箱合并求和，使任何和都不涉及过少的行",
    },
    sizeMax: 2 ** 20,
  }),
  itemCounts: stream("host", "guest", u32s, {
    means: {
      en: "Where second derivatives are 1: how many rows of the node each of these sums covers",
      zh: "二阶导数恒为 1 时：每个和覆盖该节点的多少行",
    },
    sizeMax: 2 ** 20,
  }),
  verdict: message("guest", "host", integer({ min: 0, max: TREES_MAX }), {
    means: {
      en: "Another tree follows (0), or training is over and so many trees are kept",
      zh: "继续下一棵树（0），或训练结束并保留若干棵树",
    },
    sizeMax: 8,
  }),
  gradients: stream("guest", "host", fixedWidth(1), {
    means: {
      en: "Encrypted gradients of the training rows; only the guest can decrypt",
      zh: "训练行的加密梯度，仅发起方可解密",
    },
  }),
  offers: message("host", "guest", u32s, {
    means: { en: "How many candidate splits each tree node has", zh: "每个树节点的候选分裂数" },
  }),
  sums: stream("host", "guest", fixedWidth(1), {
    means: {
      en: "Encrypted sums of gradients per candidate split, shuffled and without names",
      zh: "各候选分裂的加密梯度和，已打乱且不含列名",
    },
  }),
  splits: message("guest", "host", u32s, {
    means: {
      en: "Which candidate each node takes (one of this host, someone else's, or none), and which children stay open",
      zh: "各节点选中的候选：本方、他方或不分裂，以及哪些子节点可继续分裂",
    },
  }),
  branches: message("host", "guest", bytes(2 ** 24), {
    means: {
      en: "Left or right for each row at this host's splits, with the column's anonymous number",
      zh: "各行在本方分裂处的左右走向，以及匿名列号",
    },
  }),
  routes: message("guest", "host", bytes(2 ** 24), {
    means: { en: "Left or right for each row at the splits of others", zh: "各行在他方分裂处的左右走向" },
  }),
  columnNames: message("host", "guest", checked("columnNames", namesSchema), {
    means: {
      en: "Where agreed: names of this host's columns in the trees, by their numbers there",
      zh: "约定公开时：树中所用本方各列的列名及其编号",
    },
  }),
  kept: message("guest", "host", u32s, {
    means: {
      en: "Which of this host's splits stay in the tree, where leaves are bounded",
      zh: "限制叶数时，本方的哪些分裂保留在树中",
    },
  }),
};

/** Prediction: one request, one streamed answer. */
export const predictionMessages = {
  request: message("guest", "host", checked("request", requestSchema), {
    means: { en: "Number of rows to score, from which on, and the model's digest", zh: "待打分行数、起始行与模型摘要" },
    sizeMax: 4096,
  }),
  bits: stream("host", "guest", bytes(2 ** 24), {
    means: {
      en: "Left or right for each row at this host's splits that its own earlier splits leave open",
      zh: "各行在本方（且未被本方上层分裂排除的）分裂处的左右走向",
    },
  }),
};

const CHUNK_BYTES = 2 ** 22;

/** Prediction, and prediction that tells totals only: a bit and a correction for each transfer, then a sum a row. */
export const scoringMessages = {
  ...predictionMessages,
  ...otMessages("guest", "host"),
  sumRequest: message("guest", "host", checked("sumRequest", sumRequestSchema), {
    means: {
      en: "Number of rows to score, from which on, totals of a row, and the model's digest",
      zh: "待打分行数、起始行、每行的合计数与模型摘要",
    },
    sizeMax: 4096,
  }),
  sumChoices: message("host", "guest", bytes(CHUNK_BYTES), {
    means: { en: "Masked branches at this host's splits", zh: "在本方分裂处的走向，已加掩" },
    sizeMax: CHUNK_BYTES,
  }),
  sumCorrections: message("guest", "host", u32s, {
    means: {
      en: "Masked leaf weights, of which each row takes its own unseen",
      zh: "加掩的叶权重，各行不可见地取其所属",
    },
    sizeMax: CHUNK_BYTES,
  }),
  sumMasked: message("host", "guest", u32s, {
    means: { en: "Each row's total under a mask that the guest knows", zh: "各行的合计，其掩码仅发起方知晓" },
    sizeMax: CHUNK_BYTES,
  }),
};

export const servingMessages = servingTable({
  en: "For each id: unknown, too old, not to be looked up now, or left or right at this host's splits that its own earlier splits leave open",
  zh: "对每个标识：未知、过旧、暂时无法查询，或在本方（且未被本方上层分裂排除的）分裂处的左右走向",
});

/** Training that goes on from an earlier version: first the leaves of its trees, as in prediction. */
export const continuedMessages = { ...trainingMessages, ...predictionMessages };

/** Before a host's part is tabulated: that both sides hold parts of one model. */
export const tabulatingMessages = {
  model: message("guest", "host", checked("open", openSchema), {
    means: { en: "The model's digest: which part is to be tabulated", zh: "模型摘要：指明预先计算的模型部分" },
    sizeMax: 4096,
  }),
};
