/** Who sends what to whom in training with an arbiter. An owner is whoever has columns: guest and hosts alike. */
import { TomboloError } from "@tombolo/base";
import { bytes, json, message, stream } from "@tombolo/channel";
import * as z from "zod";
import { TERMS_MAX } from "../design.ts";
import { PARTIES_MAX, ROWS_MAX } from "../parameters.ts";
import { EPOCHS_MAX } from "./parameters.ts";

const digest = z.string().regex(/^[0-9a-f]{64}$/);
const runId = z.string().regex(/^[0-9a-f]{32}$/);
const sizes = {
  /** SHA-256 over parameters and versions: all must mean the same training. */
  agreement: digest,
  rows: z.int().min(1).max(ROWS_MAX),
  /** Own columns, a column of text counted once for each category but one; without the constant. */
  terms: z.int().min(0).max(TERMS_MAX),
};

const ownerOpening = z.strictObject(sizes);
export type OwnerOpening = z.infer<typeof ownerOpening>;

const opening = z.strictObject({
  ...sizes,
  /** SHA-256 of the key that the arbiter gave. */
  key: digest,
  /** What an earlier attempt left here: after which epochs. */
  kept: z.strictObject({ run: runId, epochs: z.array(z.int().min(1).max(EPOCHS_MAX)).max(2) }).nullable(),
});
export type ArbiterModeOpening = z.infer<typeof opening>;

const start = z.strictObject({
  run: runId,
  /** From which all go on; 0: afresh. */
  epoch: z.int().min(0).max(EPOCHS_MAX),
  /** Labels are in units of two to it. */
  labelExponent: z.int().min(-1100).max(1100),
  /** Of all owners, the guest first. */
  terms: z.array(z.int().min(0).max(TERMS_MAX)).min(2).max(PARTIES_MAX),
});
export type ArbiterModeStart = z.infer<typeof start>;

function checked<T>(name: string, schema: z.ZodType<T>) {
  return json(name, (value) => {
    const result = schema.safeParse(value);
    if (!result.success) throw new TomboloError("protocol.malformed", `a malformed ${name} message`);
    return result.data;
  });
}

const SMALL_BYTES = 2048;
const KEY_BYTES_MAX = 2048;
/** 4,096 ciphertexts of 3072-bit Paillier. */
export const CHUNK_BYTES_MAX = 4096 * 768;

const openingMeans = {
  means: {
    en: "Digests of parameters and of the arbiter's key, numbers of rows and columns, epochs kept",
    zh: "参数与协调方密钥的摘要、行列数与保留的轮次",
  },
  sizeMax: SMALL_BYTES,
};

export const arbiterMessages = {
  ownerOpening: message("owner", "arbiter", checked("regression-owner-opening", ownerOpening), {
    means: { en: "Parameters' digest, numbers of rows and columns", zh: "参数摘要与行列数" },
    sizeMax: SMALL_BYTES,
  }),
  key: message("arbiter", "owner", bytes(KEY_BYTES_MAX), {
    means: { en: "The arbiter's public key, fresh for this training", zh: "协调方的公钥（每次训练重新生成）" },
    sizeMax: KEY_BYTES_MAX,
  }),
  guestOpening: message("guest", "host", checked("regression-arbiter-opening", opening), openingMeans),
  hostOpening: message("host", "guest", checked("regression-arbiter-opening", opening), openingMeans),
  start: message("guest", "host", checked("regression-arbiter-start", start), {
    means: {
      en: "A random id of the model, from which epoch training goes on, all parties' numbers of columns, the label's unit",
      zh: "模型的随机编号、训练起始轮次、各方列数与标签单位",
    },
    sizeMax: SMALL_BYTES,
  }),
  parts: stream("host", "guest", bytes(CHUNK_BYTES_MAX), {
    means: {
      en: "The host's part of each row's linear predictor, encrypted under the arbiter's key",
      zh: "数据方对每行线性预测值的贡献，以协调方公钥加密",
    },
    sizeMax: CHUNK_BYTES_MAX,
  }),
  residuals: stream("guest", "host", bytes(CHUNK_BYTES_MAX), {
    means: {
      en: "Each row's residual, encrypted under the arbiter's key",
      zh: "每行的残差，以协调方公钥加密",
    },
    sizeMax: CHUNK_BYTES_MAX,
  }),
  request: message("owner", "arbiter", checked("regression-arbiter-request", z.strictObject({ more: z.boolean() })), {
    means: { en: "Whether sums to decrypt come next, or training is over", zh: "接下来是否有待解密的和，或训练已结束" },
    sizeMax: 64,
  }),
  sums: stream("owner", "arbiter", bytes(CHUNK_BYTES_MAX), {
    means: {
      en: "Sums of residuals times own columns over a batch, encrypted, under masks that the owner alone knows",
      zh: "一批行上残差与己方各列乘积之和，加密并带有只有己方知道的掩码",
    },
    sizeMax: CHUNK_BYTES_MAX,
  }),
  plaintexts: stream("arbiter", "owner", bytes(CHUNK_BYTES_MAX), {
    means: { en: "The same sums decrypted, under their masks", zh: "解密后的和，仍带掩码" },
    sizeMax: CHUNK_BYTES_MAX,
  }),
  settled: message("host", "guest", checked("regression-settled", z.strictObject({ settled: z.boolean() })), {
    means: {
      en: "Whether the host's own mean gradient of the epoch is below the tolerance",
      zh: "本轮数据方自身的平均梯度是否低于收敛精度",
    },
    sizeMax: 64,
  }),
  goOn: message("guest", "host", checked("regression-go-on", z.strictObject({ more: z.boolean() })), {
    means: { en: "Whether another epoch follows", zh: "是否还有下一轮" },
    sizeMax: 64,
  }),
};
