import { bytes, message } from "@tombolo/channel";
import { KEY_BYTES } from "@tombolo/protocols/secret-sharing/pairwise";
import { messages as sharingMessages } from "@tombolo/protocols/secret-sharing/two-party";

export const PARTIES_MAX = 16;
export const CELLS_MAX = 2 ** 13;
export const QUANTILES_MAX = 9;
const WORDS_BYTES_MAX = 8 * CELLS_MAX * QUANTILES_MAX;

/** Of each pair of parties: the first is the one that the flow names earlier. The two named first of all compute together. */
export const statisticsMessages = {
  firstKey: message("first", "second", bytes(KEY_BYTES), {
    means: { en: "A key for masks that these two parties have in common", zh: "这两方共有掩码的密钥" },
    sizeMax: KEY_BYTES,
  }), // once, each pair
  secondTotals: message("second", "first", bytes(WORDS_BYTES_MAX), {
    means: { en: "Own counts and sums under masks of all other parties", zh: "在其余各方掩码之下的己方计数与总和" },
    sizeMax: WORDS_BYTES_MAX,
  }), // from all but the two, to the first of all
  ...sharingMessages, // between the two
  firstDecisions: message("first", "second", bytes(WORDS_BYTES_MAX / 64), {
    means: {
      en: "Which groups have enough rows; on which side of a threshold a quantile lies",
      zh: "哪些分组行数足够；分位数位于阈值的哪一侧",
    },
    sizeMax: WORDS_BYTES_MAX / 64,
  }), // to all but the two
  firstResults: message("first", "second", bytes(4 * 8 * CELLS_MAX), {
    means: { en: "Counts and sums over all parties' rows", zh: "各方全部行上的计数与总和" },
    sizeMax: 4 * 8 * CELLS_MAX,
  }), // to all but the two, where all receive
};
