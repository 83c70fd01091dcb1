import { TomboloError } from "@tombolo/base";
import { type Codec, message } from "@tombolo/channel";
import { COMMITMENT_BYTES, DIGEST_BYTES } from "@tombolo/crypto";
import { OPENING_BYTES } from "../../coin-toss/index.ts";
import { exactly } from "../../exactly.ts";
import { BUCKET_BITS_MAX } from "./capacity.ts";

export interface Offer {
  readonly rows: number;
  readonly commitment: Uint8Array;
  /** What an earlier attempt of the same task left: the hash of what was agreed then, or zeros. */
  readonly kept: Uint8Array;
  /** Buckets done then. */
  readonly done: number;
}

/** Sets of ids above this go in several matches: rows are numbered in 32 bits. */
export const ROWS_MAX = 2 ** 31;
const OFFER_BYTES = 8 + COMMITMENT_BYTES + DIGEST_BYTES;

const offer: Codec<Offer> = {
  name: "psi-buckets-offer",
  encode({ rows, commitment, kept, done }) {
    const out = new Uint8Array(OFFER_BYTES);
    const view = new DataView(out.buffer);
    view.setUint32(0, rows, true);
    view.setUint32(4, done, true);
    out.set(commitment, 8);
    out.set(kept, 8 + COMMITMENT_BYTES);
    return out;
  },
  decode(value) {
    if (value.length !== OFFER_BYTES) throw new TomboloError("protocol.malformed", "an offer of wrong length");
    const view = new DataView(value.buffer, value.byteOffset, value.byteLength);
    const [rows, done] = [view.getUint32(0, true), view.getUint32(4, true)];
    if (rows > ROWS_MAX || done > 2 ** BUCKET_BITS_MAX)
      throw new TomboloError("protocol.malformed", "more rows or buckets than the protocol allows");
    const keptAt = 8 + COMMITMENT_BYTES;
    return { rows, done, commitment: value.slice(8, keptAt), kept: value.slice(keptAt) };
  },
};

export interface Opened {
  readonly opening: Uint8Array;
  /** The receipt after the buckets that both sides have done, or zeros. */
  readonly receipt: Uint8Array;
}

const OPENED_BYTES = OPENING_BYTES + DIGEST_BYTES;

const opened: Codec<Opened> = {
  name: "psi-buckets-opened",
  encode({ opening, receipt }) {
    const out = new Uint8Array(OPENED_BYTES);
    out.set(opening);
    out.set(receipt, OPENING_BYTES);
    return out;
  },
  decode(value) {
    if (value.length !== OPENED_BYTES) throw new TomboloError("protocol.malformed", "an opening of wrong length");
    return { opening: value.slice(0, OPENING_BYTES), receipt: value.slice(OPENING_BYTES) };
  },
};

const offerMeans = {
  en: "How many rows take part, and the start of a joint random number",
  zh: "参与行数与联合随机数承诺",
};
const openedMeans = { en: "The part of the joint random number committed to", zh: "公开所承诺的联合随机数份额" };
const receiptMeans = { en: "Hash of the matched rows in their joint order", zh: "匹配结果次序的摘要" };
const digest = exactly(DIGEST_BYTES);

/** Each pair crosses on its way; between 2 and 3 the bucket protocol's own messages run once per bucket. */
export const messages = {
  guestOffer: message("guest", "host", offer, { means: offerMeans, sizeMax: OFFER_BYTES }), // 1
  hostOffer: message("host", "guest", offer, { means: offerMeans, sizeMax: OFFER_BYTES }),
  guestOpened: message("guest", "host", opened, { means: openedMeans, sizeMax: OPENED_BYTES }), // 2
  hostOpened: message("host", "guest", opened, { means: openedMeans, sizeMax: OPENED_BYTES }),
  guestReceipt: message("guest", "host", digest, { means: receiptMeans, sizeMax: DIGEST_BYTES }), // 3
  hostReceipt: message("host", "guest", digest, { means: receiptMeans, sizeMax: DIGEST_BYTES }),
};
