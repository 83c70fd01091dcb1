/** Who sends what to whom at level `shared`: an opening, then the engine's messages and those of products with both matrices. */
import { TomboloError } from "@tombolo/base";
import { json, message } from "@tombolo/channel";
import { aheadMessages } from "@tombolo/protocols/matrix-product";
import { renamed } from "@tombolo/protocols/renamed";
import { histogramMessages } from "@tombolo/protocols/shared-histograms";
import * as z from "zod";
import { engineMessages } from "../../two-party.ts";
import { FEATURES_MAX, ROWS_MAX, TREES_MAX } from "../parameters.ts";
import { SHARED_ROWS_MAX, SHARED_WEIGHT_BITS_MAX } from "./parameters.ts";

const digest = z.string().length(64);
const runId = z.string().regex(/^[0-9a-f]{32}$/);
const CANDIDATES_MAX = FEATURES_MAX * 512;

const opening = z.strictObject({
  /** SHA-256 over parameters, level, seed probe and versions: both sides must mean the same training. */
  agreement: digest,
  rows: z.int().min(1).max(SHARED_ROWS_MAX),
  candidates: z.int().min(0).max(CANDIDATES_MAX),
  /** That have candidates, and bins of the one that has most. */
  columns: z.int().min(0).max(FEATURES_MAX),
  cells: z.int().min(0).max(256),
  /** Of the largest weight of a row, where the guest's rows have weights. */
  weightBits: z.int().min(0).max(SHARED_WEIGHT_BITS_MAX).nullable(),
  /** What an earlier attempt left here: after which trees. */
  kept: z.strictObject({ run: runId, trees: z.array(z.int().min(1).max(TREES_MAX)).max(4) }).nullable(),
});
export type Opening = z.infer<typeof opening>;

const start = z.strictObject({
  run: runId,
  /** That both have; 0: afresh. */
  trees: z.int().min(0).max(TREES_MAX),
});
export type Start = z.infer<typeof start>;

const request = z.strictObject({
  rows: z.int().min(0).max(ROWS_MAX),
  first: z.int().min(0).max(ROWS_MAX),
  digest,
});

function checked<T>(name: string, schema: z.ZodType<T>) {
  return json(name, (value) => {
    const result = schema.safeParse(value);
    if (!result.success) throw new TomboloError("protocol.malformed", `a malformed ${name} message`);
    return result.data;
  });
}

const OPENING = {
  means: {
    en: "Parameters' digest, numbers of rows, candidate splits and columns, most bins of a column, bits of the largest weight of a row, trees kept from an earlier attempt",
    zh: "参数摘要、行数、候选分裂数与列数、单列最多分箱数、最大样本权重的位数、先前尝试保留的树",
  },
  sizeMax: 2048,
};

export const sharedMessages = {
  guestOpening: message("guest", "host", checked("boosting-opening", opening), OPENING),
  hostOpening: message("host", "guest", checked("boosting-opening", opening), OPENING),
  sharedStart: message("guest", "host", checked("boosting-start", start), {
    means: {
      en: "A random id of the model, and how many kept trees both sides have",
      zh: "模型的随机编号，以及双方共同保留的树的数量",
    },
    sizeMax: 2048,
  }),
  ...engineMessages,
  ...renamed("guestMatrix", { ...aheadMessages("host", "guest"), ...histogramMessages("host", "guest") }),
  ...renamed("hostMatrix", { ...aheadMessages("guest", "host"), ...histogramMessages("guest", "host") }),
};

/** Scoring: one request, then the engine's messages, of which the last of each chunk opens totals to the guest. */
export const sharedPredictionMessages = {
  sharedRequest: message("guest", "host", checked("boosting-shared-request", request), {
    means: { en: "Number of rows to score, from which on, and the model's digest", zh: "待打分行数、起始行与模型摘要" },
    sizeMax: 2048,
  }),
  ...engineMessages,
};
