import { TomboloError } from "@tombolo/base";
import { bytes, type Codec, fixedWidth, message, stream } from "@tombolo/channel";
import { BLOCK_BYTES, COMMITMENT_BYTES, DIGEST_BYTES } from "@tombolo/crypto";
import { OPENING_BYTES, opening } from "../../coin-toss/index.ts";
import { exactly } from "../../exactly.ts";
import { ROWS_MAX } from "./steps.ts";

/** What a party puts in, and how it takes the run to be set: both must be of one mind. */
export interface Terms {
  readonly rows: number;
  readonly setting: number;
  readonly oneSided: boolean;
  readonly labelBytes: number;
}

export const LABEL_BYTES_MAX = 4096;
const TERMS_BYTES = 8;
const malformed = (what: string): TomboloError => new TomboloError("protocol.malformed", what);

function encodeTerms({ rows, setting, oneSided, labelBytes }: Terms, out: Uint8Array): Uint8Array {
  const view = new DataView(out.buffer, out.byteOffset);
  view.setUint32(0, rows, true);
  view.setUint8(4, setting);
  view.setUint8(5, oneSided ? 1 : 0);
  view.setUint16(6, labelBytes, true);
  return out;
}

function decodeTerms(value: Uint8Array): Terms {
  const view = new DataView(value.buffer, value.byteOffset, TERMS_BYTES);
  const [rows, oneSided, labelBytes] = [view.getUint32(0, true), view.getUint8(5), view.getUint16(6, true)];
  if (rows > ROWS_MAX) throw malformed("more rows than the protocol allows");
  if (oneSided > 1 || labelBytes > LABEL_BYTES_MAX) throw malformed("impossible terms");
  return { rows, setting: view.getUint8(4), oneSided: oneSided === 1, labelBytes };
}

const terms: Codec<Terms> = {
  name: "psi-vole-terms",
  encode: (value) => encodeTerms(value, new Uint8Array(TERMS_BYTES)),
  decode(value) {
    if (value.length !== TERMS_BYTES) throw malformed("terms of wrong length");
    return decodeTerms(value);
  },
};

export interface Offer {
  readonly terms: Terms;
  readonly commitment: Uint8Array;
}

const OFFER_BYTES = TERMS_BYTES + COMMITMENT_BYTES;

const offer: Codec<Offer> = {
  name: "psi-vole-offer",
  encode(value) {
    const out = encodeTerms(value.terms, new Uint8Array(OFFER_BYTES));
    out.set(value.commitment, TERMS_BYTES);
    return out;
  },
  decode(value) {
    if (value.length !== OFFER_BYTES) throw malformed("an offer of wrong length");
    return { terms: decodeTerms(value), commitment: value.slice(TERMS_BYTES) };
  },
};

export const COIN_BYTES = 32;
/** Seed of the table's hash positions, fresh for each run, and the receiver's coin. */
export const ENCODING_BYTES = BLOCK_BYTES + COIN_BYTES;

/** Of a stream: one frame of the channel, so that nobody has to join a chunk from several. */
export const CHUNK_BYTES = 2 ** 18;
const CHUNK_BYTES_MAX = 2 ** 20;

/** In this order, with the correlations between 2 and 3. The table of a run has those of `vole` besides. */
export const psiMessages = <Receiver extends string, Sender extends string>(receiver: Receiver, sender: Sender) => ({
  psiOffer: message(sender, receiver, offer, {
    means: { en: "How many rows the sender puts in; commitment to a random number", zh: "发送方行数与随机数承诺" },
    sizeMax: OFFER_BYTES,
  }), // 1
  psiRequest: message(receiver, sender, terms, {
    means: { en: "How many rows the receiver puts in", zh: "接收方行数" },
    sizeMax: TERMS_BYTES,
  }), // 2
  psiEncoding: message(receiver, sender, exactly(ENCODING_BYTES), {
    means: { en: "Random numbers of the encoded set", zh: "编码集合所用随机数" },
    sizeMax: ENCODING_BYTES,
  }), // 3
  psiTable: stream(receiver, sender, fixedWidth(BLOCK_BYTES), {
    means: { en: "The receiver's set, encoded and masked", zh: "编码并加掩的接收方集合" },
    sizeMax: CHUNK_BYTES_MAX,
  }), // 4: A' = A + P
  psiOpening: message(sender, receiver, opening, {
    means: { en: "The random number committed to", zh: "公开所承诺的随机数" },
    sizeMax: OPENING_BYTES,
  }), // 5
  psiTags: stream(sender, receiver, bytes(CHUNK_BYTES_MAX), {
    means: { en: "The sender's rows as fingerprints, sorted", zh: "发送方各行的指纹(已排序)" },
    sizeMax: CHUNK_BYTES_MAX,
  }), // 6: F(x)
  psiLabels: stream(sender, receiver, bytes(CHUNK_BYTES_MAX), {
    means: { en: "Columns of the sender's rows, readable only where matched", zh: "发送方各行的列，仅匹配行可解密" },
    sizeMax: CHUNK_BYTES_MAX,
  }), // 7
  psiMatched: stream(receiver, sender, bytes(CHUNK_BYTES_MAX), {
    means: { en: "Which fingerprints matched", zh: "匹配成功的指纹" },
    sizeMax: CHUNK_BYTES_MAX,
  }), // 8: one bit a tag
  psiReceipt: message(receiver, sender, exactly(DIGEST_BYTES), {
    means: { en: "Proof that the receiver has what it says matched", zh: "匹配结果的证明" },
    sizeMax: DIGEST_BYTES,
  }), // 9
});
