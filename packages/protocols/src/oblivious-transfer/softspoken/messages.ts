import { bytes, message, stream } from "@tombolo/channel";
import { baseOtMessages } from "../base/index.ts";
import { BATCH_OTS, BATCH_OVERHEAD_OTS, PROOF_BYTES, TREES_BYTES_MAX } from "./steps.ts";

/** Rows to spread into another protocol's table. The extension's sender is the receiver of the base transfers. */
export const otMessages = <Sender extends string, Receiver extends string>(sender: Sender, receiver: Receiver) => ({
  ...baseOtMessages(receiver, sender),
  otTrees: message(receiver, sender, bytes(TREES_BYTES_MAX), {
    means: {
      en: "Masked seeds, of which all but one of each tree can be opened",
      zh: "加掩的种子树，每棵仅有一个叶子不可知",
    },
    sizeMax: TREES_BYTES_MAX,
  }), // sums of each level under the base keys; malicious: what proves them consistent
  otCorrections: stream(receiver, sender, bytes(CHUNK_BYTES_MAX), {
    means: { en: "Masked choice bits of oblivious transfers", zh: "不经意传输的加掩选择位" },
    sizeMax: CHUNK_BYTES_MAX,
  }), // per batch u_i + u_0 of each tree but the first; malicious: a proof after it
});

const CHUNK_BYTES_MAX = (127 * (BATCH_OTS + BATCH_OVERHEAD_OTS)) / 8 + PROOF_BYTES;
