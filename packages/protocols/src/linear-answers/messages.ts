import { bytes, message, stream } from "@tombolo/channel";
import { sumRings } from "@tombolo/crypto";
import { exactly } from "../exactly.ts";

export const SEED_BYTES = 32;
/** Vectors that are sent side by side. */
export const VECTORS_MAX = 16;
/** Polynomials of hints and answers in a message. */
export const AT_ONCE = 32;

const { wideBytes, narrowBytes } = sumRings();
const vectorBytes = VECTORS_MAX * wideBytes;
const answerBytes = AT_ONCE * narrowBytes;

/** Rows to spread into another protocol's table: seeds and hint once, then vectors and answers by turns. */
export const linearMessages = <Asker extends string, Owner extends string>(asker: Asker, owner: Owner) => ({
  sumsSeed: message(asker, owner, exactly(SEED_BYTES), {
    means: { en: "Seed of public polynomials", zh: "公开多项式的种子" },
    sizeMax: SEED_BYTES,
  }), // 1, once
  sumsMask: message(owner, asker, exactly(SEED_BYTES), {
    means: { en: "Seed of one more public polynomial", zh: "另一公开多项式的种子" },
    sizeMax: SEED_BYTES,
  }), // 2, once
  sumsHint: stream(owner, asker, bytes(answerBytes), {
    means: {
      en: "Bins of the columns, hidden: noise without the owner's secrets",
      zh: "各列分箱的隐藏形式：没有数据方的秘密即为噪声",
    },
    sizeMax: answerBytes,
  }), // 3, once
  sumsVectors: stream(asker, owner, bytes(vectorBytes), {
    means: { en: "Encrypted numbers of all rows, several vectors of them", zh: "所有行的加密数值，若干个向量" },
    sizeMax: vectorBytes,
  }), // 4, of each batch
  sumsAnswers: stream(owner, asker, bytes(answerBytes), {
    means: { en: "Encrypted sums of them over sets of bins", zh: "这些数值在各分箱集合上的加密和" },
    sizeMax: answerBytes,
  }), // 5, of each turn
});

export type LinearMessages = ReturnType<typeof linearMessages<"asker", "owner">>;
