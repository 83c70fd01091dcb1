import { bytes, message, stream, u32s } from "@tombolo/channel";
import { baseOtMessages } from "../../oblivious-transfer/base/index.ts";

/** A small table: its owner sends as many bytes as it has, sealed, for each row that is chosen. */
export const ROWS_MAX = 2 ** 16;
export const TABLE_BYTES_MAX = 2 ** 26;
export const CHUNK_BYTES = 2 ** 20;

/** Once a row, in this order. */
export const messages = {
  sizes: message("host", "guest", u32s, {
    means: { en: "How many rows the table has, and how many bytes a row", zh: "表的行数与每行字节数" },
    sizeMax: 8,
  }), // 1
  ...baseOtMessages("host", "guest"), // 2, 3: a key of each pair, by the bits of the row's number
  rows: stream("host", "guest", bytes(CHUNK_BYTES), {
    means: {
      en: "All rows, each sealed under other keys, of which one can be opened",
      zh: "全部行，各以不同密钥加密，仅一行可解",
    },
    sizeMax: CHUNK_BYTES,
  }), // 4
};
