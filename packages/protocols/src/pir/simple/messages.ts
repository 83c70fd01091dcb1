import { TomboloError } from "@tombolo/base";
import { type Codec, fixedWidth, message, stream, u32s } from "@tombolo/channel";
import { exactly } from "../../exactly.ts";
import type { Description } from "./database.ts";
import { isLayout } from "./layout.ts";
import { COLUMNS_MAX, COUNT_MAX, ROWS_MAX, SEED_BYTES } from "./parameters.ts";

const NUMBERS_BYTES = 4 * 4;
const HEAD_BYTES = 3 * SEED_BYTES + NUMBERS_BYTES;
/** Of a description. */
export const DESCRIPTION_BYTES_MAX = HEAD_BYTES + COUNT_MAX / 2 ** 14;
export const HINT_CHUNK_WORDS = 2 ** 18;

export const description: Codec<Description> = {
  name: "pir-simple-description",
  encode({ id, hashSeed, matrixSeed, salts, groups, columns, segmentLength, valueBytes }) {
    const out = new Uint8Array(HEAD_BYTES + salts.length);
    [id, hashSeed, matrixSeed].forEach((each, i) => {
      out.set(each, i * SEED_BYTES);
    });
    out.set(new Uint8Array(Uint32Array.of(groups, columns, segmentLength, valueBytes).buffer), 3 * SEED_BYTES);
    out.set(salts, HEAD_BYTES);
    return out;
  },
  decode(value) {
    if (value.length < HEAD_BYTES) throw malformed();
    const part = (from: number, to?: number): Uint8Array<ArrayBuffer> => new Uint8Array(value.subarray(from, to));
    const [id, hashSeed, matrixSeed] = [0, 1, 2].map((i) => part(i * SEED_BYTES, (i + 1) * SEED_BYTES));
    const numbers = new Uint32Array(part(3 * SEED_BYTES, HEAD_BYTES).buffer);
    const [groups, columns, segmentLength, valueBytes] = numbers as unknown as [number, number, number, number];
    const layout = { groups, columns, segmentLength, valueBytes };
    if (!isLayout(layout) || value.length !== HEAD_BYTES + groups) throw malformed();
    return { ...layout, id: id!, hashSeed: hashSeed!, matrixSeed: matrixSeed!, salts: part(HEAD_BYTES) };
  },
};

const malformed = (): TomboloError => new TomboloError("protocol.malformed", "an impossible description of a database");

/** Offline, once a database. */
export const setupMessages = {
  description: message("host", "guest", description, {
    means: { en: "Sizes and seeds of the database", zh: "数据库的规模与种子" },
    sizeMax: DESCRIPTION_BYTES_MAX,
  }), // 1
  hint: stream("host", "guest", fixedWidth(4), {
    means: {
      en: "The database times a public matrix, which answers are read with",
      zh: "数据库与公开矩阵之积，用于解读应答",
    },
    sizeMax: 4 * HINT_CHUNK_WORDS,
  }), // 2: D·A
};

/** Online, until a query is empty. */
export const messages = {
  open: message("guest", "host", exactly(SEED_BYTES), {
    means: { en: "Which database will be asked", zh: "将要查询的数据库" },
    sizeMax: SEED_BYTES,
  }), // 1, once
  query: message("guest", "host", u32s, {
    means: { en: "An encrypted choice of columns; none: the last was asked", zh: "加密的列选择；为空表示查询结束" },
    sizeMax: 4 * COLUMNS_MAX,
  }), // 2: A·s + e + 2^24·(ones at three columns)
  answer: message("host", "guest", u32s, {
    means: { en: "The database times it", zh: "数据库与其乘积" },
    sizeMax: 4 * ROWS_MAX,
  }), // 3: D·query
};
