import { fixedWidth, message, stream, u32s } from "@tombolo/channel";
import { ELGAMAL_CIPHERTEXT_BYTES, ELGAMAL_KEY_BYTES } from "@tombolo/crypto";
import { exactly } from "../exactly.ts";

/** Columns and sums of one run; both sides refuse more. */
export const COLUMNS_MAX = 2 ** 16;
export const SUMS_MAX = 2 ** 18;
/** Sums are found among as many numbers as a bin has rows. */
export const ROWS_MAX = 10 ** 8;
/** Ciphertexts of a message. */
export const AT_ONCE = 8192;

const layoutBytes = 4 * (2 + COLUMNS_MAX + SUMS_MAX);
const chunkBytes = AT_ONCE * ELGAMAL_CIPHERTEXT_BYTES;

/** Once each, in this order; to spread into another protocol's table. */
export const messages = {
  categoryRows: message("host", "guest", u32s, {
    means: { en: "Number of bins of each column, and of rows in each bin", zh: "各列的分箱数与各分箱的行数" },
    sizeMax: layoutBytes,
  }), // 1
  categoryKey: message("guest", "host", exactly(ELGAMAL_KEY_BYTES), {
    means: { en: "Public key that labels are encrypted under", zh: "用于加密标签的公钥" },
    sizeMax: ELGAMAL_KEY_BYTES,
  }), // 2
  categoryLabels: stream("guest", "host", fixedWidth(ELGAMAL_CIPHERTEXT_BYTES), {
    means: { en: "Encrypted label of each row", zh: "每一行的加密标签" },
    sizeMax: chunkBytes,
  }), // 3
  categorySums: stream("host", "guest", fixedWidth(ELGAMAL_CIPHERTEXT_BYTES), {
    means: { en: "Encrypted number of positive labels in each bin", zh: "各分箱中正样本数的加密值" },
    sizeMax: chunkBytes,
  }), // 4
};
