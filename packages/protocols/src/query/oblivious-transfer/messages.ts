import { TomboloError } from "@tombolo/base";
import { type Codec, fixedWidth, message, stream } from "@tombolo/channel";
import { ID_DIGEST_BYTES } from "@tombolo/crypto";
import { messages as rows } from "../../pir/oblivious-transfer/index.ts";

/** Each of them sends the whole table. */
export const IDS_MAX_CHOSEN = 1024;
export const KEYS_CHUNK_BYTES = 2 ** 16;

const count: Codec<number> = {
  name: "query-oblivious-transfer-count",
  encode: (value) => new Uint8Array(Uint32Array.of(value).buffer),
  decode(value) {
    const found = value.length === 4 ? new DataView(value.buffer, value.byteOffset, 4).getUint32(0, true) : 0;
    if (found < 1 || found > IDS_MAX_CHOSEN)
      throw new TomboloError("protocol.malformed", "an impossible number of questions");
    return found;
  },
};

/** The last four once for each row that is asked for. */
export const messages = {
  asks: message("guest", "host", count, {
    means: { en: "How many rows will be asked for", zh: "将要查询的行数" },
    sizeMax: 4,
  }), // 1
  keys: stream("host", "guest", fixedWidth(ID_DIGEST_BYTES), {
    means: { en: "Fingerprints of all keys of the table, sorted", zh: "表中全部键的指纹（已排序）" },
    sizeMax: KEYS_CHUNK_BYTES,
  }), // 2
  ...rows, // 3
};
