import { bytes, fixedWidth, integer, message, stream } from "@tombolo/channel";
import { POINT_BYTES } from "@tombolo/crypto";
import { CHUNK_ROWS_MAX, ROWS_MAX } from "./options.ts";

const rows = integer({ min: 0, max: ROWS_MAX });
const points = fixedWidth(POINT_BYTES);
const pointChunk = CHUNK_ROWS_MAX * POINT_BYTES;

/** In this order; 1 and 2, and 3 and 4, at once. H is HashToGroup, a the guest's and b the host's fresh key. */
export const messages = {
  guestRows: message("guest", "host", rows, {
    means: { en: "How many rows of the guest take part", zh: "发起方参与行数" },
  }), // 1
  hostRows: message("host", "guest", rows, {
    means: { en: "How many rows of the host take part", zh: "数据方参与行数" },
  }), // 2
  guestPoints: stream("guest", "host", points, {
    means: { en: "The guest's ids, blinded with its own key and shuffled", zh: "发起方盲化并打乱的标识" },
    sizeMax: pointChunk,
  }), // 3: a·H(x)
  hostPoints: stream("host", "guest", points, {
    means: { en: "The host's ids, blinded with its own key and shuffled", zh: "数据方盲化并打乱的标识" },
    sizeMax: pointChunk,
  }), // 4: b·H(y)
  doubled: stream("guest", "host", bytes(pointChunk), {
    means: {
      en: "The host's blinded ids with the guest's key applied, as fingerprints in an order that tells nothing",
      zh: "叠加发起方密钥后的数据方标识指纹(次序无意义)",
    },
    sizeMax: pointChunk,
  }), // 5: tags of a·b·H(y), sorted
  count: message("host", "guest", integer({ min: -(2 ** 40), max: 2 ** 40 }), {
    means: { en: "How many ids match, with noise where agreed", zh: "匹配数量(按约定可加噪)" },
  }), // 6
};
