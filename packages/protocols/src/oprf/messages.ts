import { fixedWidth, integer, message, stream } from "@tombolo/channel";
import { POINT_BYTES } from "@tombolo/crypto";
import { exactly } from "../exactly.ts";
import { PROOF_BYTES } from "./steps.ts";

export const INPUTS_MAX = 2 ** 27;
/** Elements in one chunk of a stream, at most; a proof covers one chunk. */
export const CHUNK_MAX = 4096;

export const messages = {
  count: message("client", "server", integer({ min: 0, max: INPUTS_MAX }), {
    means: { en: "How many inputs will be evaluated", zh: "将要计算的输入个数" },
  }), // 1
  publicKey: message("server", "client", exactly(POINT_BYTES), {
    means: { en: "The server's public key", zh: "服务方公钥" },
    sizeMax: POINT_BYTES,
  }), // 2
  blinded: stream("client", "server", fixedWidth(POINT_BYTES), {
    means: { en: "The client's inputs, each blinded with a fresh key", zh: "客户方逐个盲化的输入" },
    sizeMax: CHUNK_MAX * POINT_BYTES,
  }), // 3: r·H(x)
  evaluated: stream("server", "client", fixedWidth(POINT_BYTES), {
    means: {
      en: "The blinded inputs with the server's key applied, and in VOPRF a proof",
      zh: "服务方密钥作用后的盲化输入(VOPRF 含证明)",
    },
    sizeMax: CHUNK_MAX * POINT_BYTES + PROOF_BYTES,
  }), // 4: k·r·H(x), in VOPRF with a proof after each chunk
};
