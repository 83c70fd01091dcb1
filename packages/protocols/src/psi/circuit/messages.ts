import { bytes, fixedWidth, message, stream } from "@tombolo/channel";
import { BLOCK_BYTES } from "@tombolo/crypto";
import { exactly } from "../../exactly.ts";
import { hintMessages, oprfMessages } from "../../opprf/index.ts";
import { PART_BINS, PARTS_MAX } from "./steps.ts";

const CHUNK_BYTES = 2 ** 20;
/** Two bits for each pair of parts of a bin, of which half are joined at a time. */
const MASKED_BYTES = (2 * (PARTS_MAX / 2) * PART_BINS) / 8;

/** In this order; 4 to 7 for each run of bins in turn, with the transfers of `softspoken` before them. */
export const messages = {
  circuitSeed: message("receiver", "sender", exactly(BLOCK_BYTES), {
    means: { en: "A random number that spreads ids over bins", zh: "决定标识分箱的随机数" },
    sizeMax: BLOCK_BYTES,
  }), // 1
  ...oprfMessages("receiver", "sender"), // 2
  ...hintMessages("receiver", "sender"), // 3, once for each two values of a bin
  equalChoices: stream("receiver", "sender", bytes(CHUNK_BYTES), {
    means: { en: "Masked choices of comparisons", zh: "比较所用的加掩选择" },
    sizeMax: CHUNK_BYTES,
  }), // 4: four bits a part
  equalTables: stream("sender", "receiver", fixedWidth(2), {
    means: { en: "Masked results of comparisons, of which one each can be read", zh: "加掩的比较结果，每组仅一项可读" },
    sizeMax: CHUNK_BYTES,
  }), // 5: sixteen bits a part
  receiverMasked: message("receiver", "sender", bytes(MASKED_BYTES), {
    means: { en: "Masked shares of comparisons", zh: "比较结果的加掩份额" },
    sizeMax: MASKED_BYTES,
  }), // 6, crossing with 7
  senderMasked: message("sender", "receiver", bytes(MASKED_BYTES), {
    means: { en: "Masked shares of comparisons", zh: "比较结果的加掩份额" },
    sizeMax: MASKED_BYTES,
  }), // 7
};
