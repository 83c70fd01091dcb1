import { bothWays as sentBothWays } from "../../both-ways.ts";
import { silentOtMessages } from "../../oblivious-transfer/silent/index.ts";
import { renamed } from "../../renamed.ts";

export const MESSAGE_BYTES_MAX = 8 * 2 ** 20;

const bothWays = <const K extends string>(name: K, means: { readonly en: string; readonly zh: string }) =>
  sentBothWays(name, means, MESSAGE_BYTES_MAX);

/** Sizes follow from the shapes of the program; what has another one is refused (wire.ts). */
export const messages = {
  ...renamed("toSecond", silentOtMessages("first", "second")),
  ...renamed("toFirst", silentOtMessages("second", "first")),
  ...bothWays("DigitTrees", {
    en: "Masked seeds, of which all but one of each tree can be opened",
    zh: "加掩的种子树，每棵仅有一个叶子不可知",
  }), // digit-transfers.ts
  ...bothWays("DigitCorrections", {
    en: "Masked choices of transfers of one in sixteen",
    zh: "十六选一传输的加掩选择",
  }),
  ...bothWays("Products", { en: "Masked parts of random products", zh: "随机乘积的加掩部分" }), // gilboa.ts
  ...bothWays("Keys", { en: "A public key, to make answers fresh with", zh: "用于使应答重新随机化的公钥" }), // slot-products.ts
  ...bothWays("Factors", { en: "Encrypted random numbers", zh: "加密的随机数" }),
  ...bothWays("Answers", { en: "Encrypted, masked products of random numbers", zh: "加密并加掩码的随机数乘积" }),
  ...bothWays("Masked", { en: "Numbers under one-time masks, to multiply them", zh: "一次性掩码下的数，用于乘法" }),
  ...bothWays("MaskedBits", { en: "Bits under one-time masks, to join them", zh: "一次性掩码下的比特，用于逻辑与" }),
  ...bothWays("Choices", { en: "Choices under one-time masks", zh: "一次性掩码下的选择" }),
  ...bothWays("Corrections", { en: "Masked numbers, one of two of which can be read", zh: "加掩的数，每对仅一项可读" }),
  ...bothWays("Digits", { en: "Masked digits of comparisons", zh: "比较所用的加掩数位" }),
  ...bothWays("Tables", {
    en: "Masked results of comparing digits, of which one each can be read",
    zh: "加掩的数位比较结果，每组仅一项可读",
  }),
  ...bothWays("Intervals", { en: "Masked intervals of numbers", zh: "加掩的数所在区间" }), // straight-pieces.ts
  ...bothWays("Pieces", {
    en: "Masked values of straight pieces, of which one each can be read",
    zh: "加掩的分段线性函数值，每组仅一项可读",
  }),
  ...bothWays("Shares", { en: "Shares of numbers that the program opens", zh: "程序公开的数的份额" }),
  ...bothWays("BitShares", { en: "Shares of bits that the program opens", zh: "程序公开的比特的份额" }),
};

export type Kind =
  | "DigitTrees"
  | "DigitCorrections"
  | "Products"
  | "Keys"
  | "Factors"
  | "Answers"
  | "Masked"
  | "MaskedBits"
  | "Choices"
  | "Corrections"
  | "Digits"
  | "Tables"
  | "Intervals"
  | "Pieces"
  | "Shares"
  | "BitShares";
