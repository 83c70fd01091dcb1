import { TomboloError } from "@tombolo/base";
import { bytes, type Codec, fixedWidth, message, stream } from "@tombolo/channel";
import { POINT_BYTES } from "@tombolo/crypto";
import { CHUNK_ROWS_MAX as POINT_CHUNK_ROWS } from "../cardinality/options.ts";
import { CHUNK_ROWS_MAX, ROWS_MAX } from "./options.ts";

const KEY_BYTES_MAX = 4 + 2 * 384;
const CIPHERTEXT_BYTES_MAX = 768;
const TAG_BYTES_MAX = 16;

export interface Offer {
  readonly rows: number;
  /** Of the sender's Paillier key, to be parsed and checked. */
  readonly publicKey: Uint8Array;
}

const malformed = (what: string): TomboloError => new TomboloError("protocol.malformed", what);

const offer: Codec<Offer> = {
  name: "psi-sum-offer",
  encode({ rows, publicKey }) {
    const out = new Uint8Array(4 + publicKey.length);
    new DataView(out.buffer).setUint32(0, rows, true);
    out.set(publicKey, 4);
    return out;
  },
  decode(value) {
    if (value.length < 4) throw malformed("an offer of wrong length");
    const rows = new DataView(value.buffer, value.byteOffset, 4).getUint32(0, true);
    if (rows > ROWS_MAX) throw malformed("more rows than the protocol allows");
    return { rows, publicKey: value.slice(4) };
  },
};

export interface Result {
  /** null: not for the guest. */
  readonly count: number | null;
  readonly ciphertext: Uint8Array;
}

const COUNT_MAX = 2 ** 40;

/** Count (f64; NaN: none) ‖ ciphertext. */
const result: Codec<Result> = {
  name: "psi-sum-result",
  encode({ count, ciphertext }) {
    const out = new Uint8Array(8 + ciphertext.length);
    new DataView(out.buffer).setFloat64(0, count ?? Number.NaN, true);
    out.set(ciphertext, 8);
    return out;
  },
  decode(value) {
    if (value.length < 8) throw malformed("a result of wrong length");
    const count = new DataView(value.buffer, value.byteOffset, 8).getFloat64(0, true);
    if (!Number.isNaN(count) && (!Number.isInteger(count) || Math.abs(count) > COUNT_MAX))
      throw malformed("an impossible count");
    return { count: Number.isNaN(count) ? null : count, ciphertext: value.slice(8) };
  },
};

/** In this order; 1 and 2, and 3 and 4, at once. H is HashToGroup, a the guest's and b the host's fresh key. */
export const messages = {
  guestOffer: message("guest", "host", offer, {
    means: { en: "How many rows of the guest take part, and its encryption key", zh: "发起方参与行数与加密公钥" },
    sizeMax: 4 + KEY_BYTES_MAX,
  }), // 1
  hostOffer: message("host", "guest", offer, {
    means: { en: "How many rows of the host take part, and its encryption key", zh: "数据方参与行数与加密公钥" },
    sizeMax: 4 + KEY_BYTES_MAX,
  }), // 2
  guestPoints: stream("guest", "host", fixedWidth(POINT_BYTES), {
    means: { en: "The guest's ids, blinded with its own key and shuffled", zh: "发起方盲化并打乱的标识" },
    sizeMax: POINT_CHUNK_ROWS * POINT_BYTES,
  }), // 3: a·H(x)
  hostRows: stream("host", "guest", bytes(CHUNK_ROWS_MAX * (POINT_BYTES + CIPHERTEXT_BYTES_MAX)), {
    means: {
      en: "The host's ids, blinded and shuffled, each with its values encrypted under the host's key",
      zh: "数据方盲化并打乱的标识及其密文取值",
    },
    sizeMax: CHUNK_ROWS_MAX * (POINT_BYTES + CIPHERTEXT_BYTES_MAX),
  }), // 4: b·H(y), Enc_host(t)
  masked: stream("guest", "host", bytes(CHUNK_ROWS_MAX * (TAG_BYTES_MAX + 2 * CIPHERTEXT_BYTES_MAX)), {
    means: {
      en: "The host's rows as fingerprints in an order that tells nothing, values masked, masks encrypted under the guest's key",
      zh: "以无意义次序排列的数据方指纹、加掩码的取值与发起方密钥加密的掩码",
    },
    sizeMax: CHUNK_ROWS_MAX * (TAG_BYTES_MAX + 2 * CIPHERTEXT_BYTES_MAX),
  }), // 5: tag of a·b·H(y), Enc_host(t + r), Enc_guest(r)
  result: message("host", "guest", result, {
    means: { en: "The sums, encrypted under the guest's key", zh: "以发起方密钥加密的求和结果" },
    sizeMax: 8 + CIPHERTEXT_BYTES_MAX,
  }), // 6
};
