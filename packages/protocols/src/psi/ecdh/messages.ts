import { TomboloError } from "@tombolo/base";
import { bytes, type Codec, empty, message, stream } from "@tombolo/channel";
import { COMMITMENT_BYTES, DIGEST_BYTES, POINT_BYTES, sm2 } from "@tombolo/crypto";
import { OPENING_BYTES, opening, PARTIES_MAX, placedList } from "../../coin-toss/index.ts";
import { exactly } from "../../exactly.ts";
import { ROWS_MAX } from "./steps.ts";

export interface Offer {
  readonly rows: number;
  readonly commitment: Uint8Array;
  /** For the zero shares among several hosts; another host multiplies it, which validates it. */
  readonly publicKey: Uint8Array;
}

export interface Roster {
  /** The receiver's place among all parties; the guest is 0. */
  readonly index: number;
  readonly guestRows: number;
  /** Of the guest and each host. */
  readonly commitments: Uint8Array;
  /** Of each host. */
  readonly publicKeys: Uint8Array;
}

const malformed = (what: string): TomboloError => new TomboloError("protocol.malformed", what);
const u32At = (value: Uint8Array, at: number): number =>
  new DataView(value.buffer, value.byteOffset, value.byteLength).getUint32(at, true);

function rowsAt(value: Uint8Array, at: number): number {
  const rows = u32At(value, at);
  if (rows > ROWS_MAX) throw malformed("more rows than the protocol allows");
  return rows;
}

const OFFER_BYTES = 4 + COMMITMENT_BYTES + POINT_BYTES;

const offer: Codec<Offer> = {
  name: "psi-ecdh-offer",
  encode({ rows, commitment, publicKey }) {
    const out = new Uint8Array(OFFER_BYTES);
    new DataView(out.buffer).setUint32(0, rows, true);
    out.set(commitment, 4);
    out.set(publicKey, 4 + COMMITMENT_BYTES);
    return out;
  },
  decode(value) {
    if (value.length !== OFFER_BYTES) throw malformed("an offer of wrong length");
    const commitment = value.slice(4, 4 + COMMITMENT_BYTES);
    return { rows: rowsAt(value, 0), commitment, publicKey: value.slice(4 + COMMITMENT_BYTES) };
  },
};

export const rosterBytes = (parties: number): number => 12 + parties * COMMITMENT_BYTES + (parties - 1) * POINT_BYTES;

const roster: Codec<Roster> = {
  name: "psi-ecdh-roster",
  encode({ index, guestRows, commitments, publicKeys }) {
    const parties = commitments.length / COMMITMENT_BYTES;
    const out = new Uint8Array(rosterBytes(parties));
    new Uint32Array(out.buffer, 0, 3).set([index, guestRows, parties]);
    out.set(commitments, 12);
    out.set(publicKeys, 12 + commitments.length);
    return out;
  },
  decode(value) {
    if (value.length < 12) throw malformed("a roster of wrong length");
    const [index, guestRows, parties] = [u32At(value, 0), rowsAt(value, 4), u32At(value, 8)];
    if (parties < 2 || parties > PARTIES_MAX || index < 1 || index >= parties) throw malformed("an impossible roster");
    if (value.length !== rosterBytes(parties)) throw malformed("a roster of wrong length");
    const keysAt = 12 + parties * COMMITMENT_BYTES;
    return { index, guestRows, commitments: value.slice(12, keysAt), publicKeys: value.slice(keysAt) };
  },
};

const digest = exactly(DIGEST_BYTES);

/** Points in one chunk of a stream, at most. */
export const CHUNK_ROWS_MAX = 2 ** 15;
/** Of the suite that has the longer points; `pointCount` holds chunks against the suite. */
const pointChunk = CHUNK_ROWS_MAX * sm2.pointBytes;
const points = bytes(pointChunk);

/** Between two parties: the receiver learns first, see receiver.ts. */
export const pairMessages = <Receiver extends string, Sender extends string>(receiver: Receiver, sender: Sender) => ({
  blinded: stream(receiver, sender, points, {
    means: { en: "Ids, hashed and blinded with the asker's own key", zh: "用己方密钥盲化的标识" },
    sizeMax: pointChunk,
  }), // a·H(x)
  evaluated: stream(sender, receiver, points, {
    means: { en: "The same blinded ids, blinded again with the answerer's key", zh: "用对方密钥再次盲化的标识" },
    sizeMax: pointChunk,
  }), // b·a·H(x)
  catalogue: stream(sender, receiver, bytes(pointChunk), {
    means: { en: "The answerer's ids as keyed fingerprints, sorted", zh: "应答方标识的密钥指纹(已排序)" },
    sizeMax: pointChunk,
  }), // of two parties: tags of b·H(y); in a star: a table of shares
  matched: stream(receiver, sender, bytes(pointChunk), {
    means: { en: "Which fingerprints matched", zh: "匹配成功的指纹" },
    sizeMax: pointChunk,
  }), // of two parties: places in the catalogue; in a star: tags of b·H(x) for matched x
});

const pair = pairMessages("guest", "host");

/** In this order; 3 and 4 overlap. H is HashToGroup, a the guest's and b a host's fresh key. */
export const messages = {
  offer: message("host", "guest", offer, {
    means: { en: "How many rows take part, and the start of a joint random number", zh: "参与行数与联合随机数承诺" },
    sizeMax: OFFER_BYTES,
  }), // 1
  roster: message("guest", "host", roster, {
    means: { en: "How many rows take part, and every party's commitment", zh: "参与行数与各方承诺" },
    sizeMax: rosterBytes(PARTIES_MAX),
  }), // 2
  blinded: pair.blinded, // 3: a·H(x)
  evaluated: pair.evaluated, // 4: b·a·H(x)
  catalogue: pair.catalogue, // 5
  opening: message("host", "guest", opening, {
    means: { en: "The host's part of the joint random number", zh: "数据方的联合随机数份额" },
    sizeMax: OPENING_BYTES,
  }), // 6
  waiting: stream("guest", "host", empty, {
    means: { en: "Still waiting for another host", zh: "仍在等待其他数据方" },
    sizeMax: 1,
  }),
  openings: message("guest", "host", placedList(OPENING_BYTES), {
    means: {
      en: "All parts of the joint random number, which orders the matched rows",
      zh: "决定匹配行次序的联合随机数",
    },
    sizeMax: 4 + PARTIES_MAX * OPENING_BYTES,
  }), // 7
  matched: pair.matched, // 8
  receipt: message("host", "guest", digest, {
    means: { en: "Hash of the matched rows' joint order", zh: "匹配结果次序的摘要" },
    sizeMax: DIGEST_BYTES,
  }), // 9
  agreed: message("guest", "host", empty, {
    means: { en: "All parties have the same result", zh: "各方结果一致" },
    sizeMax: 1,
  }), // 10
};
