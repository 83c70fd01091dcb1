import { TomboloError } from "@tombolo/base";
import { bytes, type Codec, fixedWidth, message } from "@tombolo/channel";
import { DIGEST_BYTES, POINT_BYTES } from "@tombolo/crypto";

/** Of one question. */
export const IDS_MAX_ASKED = 2 ** 12;

export interface Which {
  readonly catalogue: Uint8Array;
  readonly version: number;
}

const WHICH_BYTES = DIGEST_BYTES + 4;

const which: Codec<Which> = {
  name: "query-keyword-which",
  encode({ catalogue, version }) {
    const out = new Uint8Array(WHICH_BYTES);
    out.set(catalogue);
    new DataView(out.buffer).setUint32(DIGEST_BYTES, version, true);
    return out;
  },
  decode(value) {
    if (value.length !== WHICH_BYTES) throw new TomboloError("protocol.malformed", "a catalogue of wrong length");
    const version = new DataView(value.buffer, value.byteOffset + DIGEST_BYTES, 4).getUint32(0, true);
    return { catalogue: value.slice(0, DIGEST_BYTES), version };
  },
};

/** Online. H is hashing to the group, a a fresh key of the guest for each question, k the catalogue's. */
export const messages = {
  open: message("guest", "host", which, {
    means: { en: "Which catalogue and version will be asked", zh: "将要查询的目录与版本" },
    sizeMax: WHICH_BYTES,
  }), // 1, once
  question: message("guest", "host", fixedWidth(POINT_BYTES), {
    means: {
      en: "Ids asked about, blinded and padded; none: the last question was asked",
      zh: "盲化并填充后的查询标识；为空表示查询结束",
    },
    sizeMax: IDS_MAX_ASKED * POINT_BYTES,
  }), // 2: a·H(x), any number of times
  answer: message("host", "guest", fixedWidth(POINT_BYTES), {
    means: { en: "The same, with the catalogue's key applied", zh: "叠加目录密钥后的盲化标识" },
    sizeMax: IDS_MAX_ASKED * POINT_BYTES,
  }), // 3: k·a·H(x), for each question in turn
};

export const COMPANION_BYTES_MAX = 2 ** 20;
/** Where each question comes with something that its answer depends on, right behind it: what, is for who asks and answers to agree. */
export const accompaniedMessages = {
  ...messages,
  companion: message("guest", "host", bytes(COMPANION_BYTES_MAX), {
    means: { en: "References to what the data subjects authorised, by hash", zh: "数据主体授权凭据（哈希）" },
    sizeMax: COMPANION_BYTES_MAX,
  }),
};
