import { TomboloError } from "@tombolo/base";
import { bytes, type Codec, fixedWidth, message, stream } from "@tombolo/channel";
import { DIGEST_BYTES, POINT_BYTES } from "@tombolo/crypto";
import { exactly } from "../../exactly.ts";
import { type CatalogueHeader, decodeHeader, encodeHeader, HEADER_BYTES, SIGNATURE_BYTES } from "./header.ts";

export const TAG_CHUNK_BYTES = 2 ** 20;
export const POINTS_CHUNK_MAX = 2 ** 14;
export const ASKED_MAX = 2 ** 27;

export interface Ask {
  readonly catalogue: Uint8Array;
  readonly version: number;
  readonly count: number;
}

const ASK_BYTES = DIGEST_BYTES + 8;

const ask: Codec<Ask> = {
  name: "psi-unbalanced-ask",
  encode({ catalogue, version, count }) {
    const out = new Uint8Array(ASK_BYTES);
    out.set(catalogue);
    new DataView(out.buffer).setUint32(DIGEST_BYTES, version, true);
    new DataView(out.buffer).setUint32(DIGEST_BYTES + 4, count, true);
    return out;
  },
  decode(value) {
    if (value.length !== ASK_BYTES) throw new TomboloError("protocol.malformed", "a question of wrong length");
    const numbers = new DataView(value.buffer, value.byteOffset + DIGEST_BYTES, 8);
    const count = numbers.getUint32(4, true);
    if (count > ASKED_MAX) throw new TomboloError("protocol.malformed", "more ids than the protocol allows");
    return { catalogue: value.slice(0, DIGEST_BYTES), version: numbers.getUint32(0, true), count };
  },
};

export interface SignedHeader {
  readonly header: CatalogueHeader;
  readonly signature: Uint8Array;
}

const signedHeader: Codec<SignedHeader> = {
  name: "psi-unbalanced-header",
  encode({ header, signature }) {
    const out = new Uint8Array(HEADER_BYTES + SIGNATURE_BYTES);
    out.set(encodeHeader(header));
    out.set(signature, HEADER_BYTES);
    return out;
  },
  decode(value) {
    if (value.length !== HEADER_BYTES + SIGNATURE_BYTES)
      throw new TomboloError("protocol.malformed", "a signed header of wrong length");
    return { header: decodeHeader(value.subarray(0, HEADER_BYTES)), signature: value.slice(HEADER_BYTES) };
  },
};

/** Offline, once a version: the maker of a catalogue hands it over. */
export const publishMessages = {
  header: message("host", "guest", signedHeader, {
    means: { en: "What this version of the catalogue is, signed", zh: "目录版本说明（已签名）" },
    sizeMax: HEADER_BYTES + SIGNATURE_BYTES,
  }), // 1
  removed: stream("host", "guest", bytes(TAG_CHUNK_BYTES), {
    means: {
      en: "Keyed fingerprints no longer in the catalogue, with sealed records if it has any, padded and sorted",
      zh: "目录移除的密钥指纹及其加密记录（如有；已填充、排序）",
    },
    sizeMax: TAG_CHUNK_BYTES,
  }), // 2
  added: stream("host", "guest", bytes(TAG_CHUNK_BYTES), {
    means: {
      en: "Keyed fingerprints new in the catalogue, with sealed records if it has any, padded and sorted",
      zh: "目录新增的密钥指纹及其加密记录（如有；已填充、排序）",
    },
    sizeMax: TAG_CHUNK_BYTES,
  }), // 3
  stored: message("guest", "host", exactly(DIGEST_BYTES), {
    means: { en: "The version is stored", zh: "该版本已保存" },
    sizeMax: DIGEST_BYTES,
  }), // 4: hash of the header
};

/** Online: who holds the catalogue asks about its ids. H is HashToGroup, a the guest's fresh key, k the catalogue's. */
export const messages = {
  ask: message("guest", "host", ask, {
    means: { en: "Which catalogue, and how many ids will be asked about", zh: "使用的目录与查询的标识个数" },
    sizeMax: ASK_BYTES,
  }), // 1
  blinded: stream("guest", "host", fixedWidth(POINT_BYTES), {
    means: { en: "The guest's ids, blinded with its own key", zh: "发起方用自己密钥盲化的标识" },
    sizeMax: POINTS_CHUNK_MAX * POINT_BYTES,
  }), // 2: a·H(x)
  evaluated: stream("host", "guest", fixedWidth(POINT_BYTES), {
    means: { en: "The same, with the catalogue's key applied", zh: "叠加目录密钥后的盲化标识" },
    sizeMax: POINTS_CHUNK_MAX * POINT_BYTES,
  }), // 3: k·a·H(x)
};
