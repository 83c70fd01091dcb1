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

const offerRow = <From extends string, To extends string>(from: From, to: To) =>
  message(from, to, offer, {
    means: { en: "How many rows take part, and the start of a joint random number", zh: "参与行数与联合随机数承诺" },
    sizeMax: OFFER_BYTES,
  });
const openedRow = <From extends string, To extends string>(from: From, to: To) =>
  message(from, to, opened, {
    means: { en: "The part of the joint random number committed to", zh: "公开所承诺的联合随机数份额" },
    sizeMax: OPENED_BYTES,
  });
const receiptRow = <From extends string, To extends string>(from: From, to: To) =>
  message(from, to, exactly(DIGEST_BYTES), {
    means: { en: "Hash of the matched rows in their joint order", zh: "匹配结果次序的摘要" },
    sizeMax: DIGEST_BYTES,
  });

/** Each pair crosses on its way; between 2 and 3 the bucket protocol's own messages run once per bucket. */
export const messages = {
  guestOffer: offerRow("guest", "host"), // 1
  hostOffer: offerRow("host", "guest"),
  guestOpened: openedRow("guest", "host"), // 2
  hostOpened: openedRow("host", "guest"),
  guestReceipt: receiptRow("guest", "host"), // 3
  hostReceipt: receiptRow("host", "guest"),
};

/** The same between any two of several hosts; the earlier is the one that the flow names first. */
export const hostMessages = {
  earlierOffer: offerRow("earlier host", "later host"), // 1
  laterOffer: offerRow("later host", "earlier host"),
  earlierOpened: openedRow("earlier host", "later host"), // 2
  laterOpened: openedRow("later host", "earlier host"),
  earlierReceipt: receiptRow("earlier host", "later host"), // 3
  laterReceipt: receiptRow("later host", "earlier host"),
};
