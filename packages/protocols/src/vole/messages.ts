import { bytes, message } from "@tombolo/channel";
import { exactly } from "../exactly.ts";
import { otMessages } from "../oblivious-transfer/softspoken/index.ts";

const SUMS_BYTES_MAX = 2 ** 20;
export const CHECK_BYTES = 16;
export const PROOF_BYTES = 32;

/** Rows to spread into another protocol's table. */
export const voleMessages = <Receiver extends string, Sender extends string>(receiver: Receiver, sender: Sender) => ({
  ...otMessages(sender, receiver),
  voleSums: message(sender, receiver, bytes(SUMS_BYTES_MAX), {
    means: {
      en: "Masked sums of seed trees, which leave one leaf of each unknown",
      zh: "种子树的加掩和，每棵仅一个叶子不可知",
    },
    sizeMax: SUMS_BYTES_MAX,
  }), // per tree and level both sides' sums under random transfers, then per tree the sum of its leaves + w
  voleCheck: message(receiver, sender, exactly(CHECK_BYTES), {
    means: { en: "A masked random sum to check the trees", zh: "用于校验种子树的加掩随机和" },
    sizeMax: CHECK_BYTES,
  }), // malicious: x* = sum of weight·noise + masking noise
  voleProof: message(sender, receiver, exactly(PROOF_BYTES), {
    means: { en: "A hash that proves the trees consistent", zh: "证明种子树一致的散列值" },
    sizeMax: PROOF_BYTES,
  }), // malicious: hash of the sender's side of the checked sum
});
