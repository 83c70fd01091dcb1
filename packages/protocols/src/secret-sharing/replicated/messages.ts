import { bytes, message } from "@tombolo/channel";
import { KEY_BYTES } from "../pairwise/stream.ts";

export const MESSAGE_BYTES_MAX = 8 * 2 ** 20;

const on = (en: string, zh: string) =>
  message("left", "right", bytes(MESSAGE_BYTES_MAX), { means: { en, zh }, sizeMax: MESSAGE_BYTES_MAX });
const back = (en: string, zh: string) =>
  message("right", "left", bytes(MESSAGE_BYTES_MAX), { means: { en, zh }, sizeMax: MESSAGE_BYTES_MAX });

/**
 * Of each of the three pairs: the first is left of the second, the second of the third, the third of the first. Sizes follow from the
 * shapes of the program; what has another one is refused.
 */
export const messages = {
  backKey: message("right", "left", bytes(KEY_BYTES), {
    means: { en: "A key that these two parties have in common", zh: "这两方共有的密钥" },
    sizeMax: KEY_BYTES,
  }), // once
  onInputs: on("Masked inputs", "加掩的输入"),
  onBitInputs: on("Masked bits of inputs", "加掩的输入比特"),
  onShares: on("Shares of numbers that the program opens", "程序公开的数的份额"),
  onBitShares: on("Shares of bits that the program opens", "程序公开的比特的份额"),
  backProducts: back("Masked shares of products", "加掩的乘积份额"),
  backBitProducts: back("Masked shares of joined bits", "加掩的逻辑与份额"),
};

/** To the right-hand neighbour, from the left-hand one. */
export type OnKind = "Inputs" | "BitInputs" | "Shares" | "BitShares";
/** The other way. */
export type BackKind = "Products" | "BitProducts";
