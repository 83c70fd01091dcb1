import { bytes, empty, message } from "@tombolo/channel";
import { COLUMNS_MAX, DESCRIPTION_BYTES_MAX, description, ROWS_MAX } from "../simple/index.ts";

/** With each of the two hosts, until a query is empty. */
export const messages = {
  open: message("guest", "host", empty, {
    means: { en: "The asker begins", zh: "查询开始" },
    sizeMax: 1,
  }), // 1, once
  description: message("host", "guest", description, {
    means: { en: "Sizes and seeds of the table", zh: "表的规模与种子" },
    sizeMax: DESCRIPTION_BYTES_MAX,
  }), // 2, once
  query: message("guest", "host", bytes(COLUMNS_MAX), {
    means: {
      en: "A share of the choice of columns, random by itself; none: the last was asked",
      zh: "列选择的一个份额，单独看是随机的；为空表示查询结束",
    },
    sizeMax: COLUMNS_MAX,
  }), // 3: r to one host, u - r to the other
  answer: message("host", "guest", bytes(ROWS_MAX), {
    means: { en: "The table times it", zh: "表与其乘积" },
    sizeMax: ROWS_MAX,
  }), // 4: D·share, modulo 256
};
