import { TomboloError } from "@tombolo/base";
import { bytes, type Codec, fixedWidth, message, stream } from "@tombolo/channel";
import { POINT_BYTES } from "@tombolo/crypto";
import { messages as circuit, ROWS_MAX } from "../../psi/circuit/index.ts";

/** Counts are told as bytes. */
export const HOSTS_MAX = 64;
export const RUN_BYTES = 32;
const CHUNK_BYTES = 2 ** 20;
/** Sixteen bits of each bin. */
export const TABLE_BYTES = 2;
export const TABLE_CHUNK_BYTES = 2 ** 20;
export const DIGIT_CHUNK_BYTES = 2 ** 20;

/** Some bytes and a number. */
function numbered(
  name: string,
  width: number,
  max: number,
): Codec<{ readonly value: Uint8Array; readonly count: number }> {
  return {
    name: `joint-count-${name}`,
    encode({ value, count }) {
      const out = new Uint8Array(width + 4);
      out.set(value);
      new DataView(out.buffer).setUint32(width, count, true);
      return out;
    },
    decode(encoded) {
      if (encoded.length !== width + 4) throw new TomboloError("protocol.malformed", "a message of wrong length");
      const count = new DataView(encoded.buffer, encoded.byteOffset + width, 4).getUint32(0, true);
      if (count > max) throw new TomboloError("protocol.malformed", "more rows than the protocol allows");
      return { value: new Uint8Array(encoded.subarray(0, width)), count };
    },
  };
}

export interface Introduction {
  readonly place: number;
  /** Of all hosts, in their order. */
  readonly keys: Uint8Array;
}

const introduction: Codec<Introduction> = {
  name: "joint-count-introduction",
  encode({ place, keys }) {
    const out = new Uint8Array(1 + keys.length);
    out[0] = place;
    out.set(keys, 1);
    return out;
  },
  decode(encoded) {
    const hosts = (encoded.length - 1) / POINT_BYTES;
    if (!Number.isInteger(hosts) || hosts < 2 || hosts > HOSTS_MAX || encoded[0]! >= hosts)
      throw new TomboloError("protocol.malformed", "an impossible list of hosts");
    return { place: encoded[0]!, keys: new Uint8Array(encoded.subarray(1)) };
  },
};

/** With each host, in this order. */
export const messages = {
  start: message("receiver", "sender", numbered("start", RUN_BYTES, ROWS_MAX), {
    means: {
      en: "A random number for this run, and how many ids are asked about",
      zh: "本次运行的随机数与查询标识个数",
    },
    sizeMax: RUN_BYTES + 4,
  }), // 1
  joins: message("sender", "receiver", numbered("joins", POINT_BYTES, ROWS_MAX), {
    means: {
      en: "A public key for the other hosts, and how many ids the list has",
      zh: "供其他数据方使用的公钥与名单标识个数",
    },
    sizeMax: POINT_BYTES + 4,
  }), // 2
  hosts: message("receiver", "sender", introduction, {
    means: { en: "All hosts' public keys, and which is this host's", zh: "全部数据方的公钥与本方序号" },
    sizeMax: 1 + POINT_BYTES * HOSTS_MAX,
  }), // 3
  ...circuit, // 4: shares of whether the host has the id of each bin
  flips: message("receiver", "sender", bytes(2 ** 22), {
    means: { en: "Masked own shares", zh: "加掩的己方份额" },
    sizeMax: 2 ** 22,
  }), // 5
  counts: stream("sender", "receiver", fixedWidth(2), {
    means: { en: "Masked counts of both shares, of which one can be read", zh: "两种份额下的加掩计数，仅一项可读" },
    sizeMax: CHUNK_BYTES,
  }), // 6
  digits: stream("receiver", "sender", fixedWidth(1), {
    means: {
      en: "Choices of one in sixteen, masked; only with a threshold, and only to the first host",
      zh: "十六选一的加掩选择；仅在设有阈值时发给首个数据方",
    },
    sizeMax: DIGIT_CHUNK_BYTES,
  }), // 7
  tables: stream("sender", "receiver", fixedWidth(TABLE_BYTES), {
    means: {
      en: "Sixteen masked bits of each bin, of which one can be read: whether the threshold is reached",
      zh: "每个桶的十六个加掩比特，仅一个可读：是否达到阈值",
    },
    sizeMax: TABLE_CHUNK_BYTES,
  }), // 8
};
