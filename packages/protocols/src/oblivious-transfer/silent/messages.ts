import { bytes, message } from "@tombolo/channel";
import { exactly } from "../../exactly.ts";
import { sumsBytes } from "../../vole/trees.ts";
import { otMessages } from "../softspoken/index.ts";
import { DEPTH_MAX, NOISE } from "./parameters.ts";

export const CHECK_BYTES = 16;
export const PROOF_BYTES = 32;
const SUMS_BYTES_MAX = sumsBytes({ trees: NOISE, depth: DEPTH_MAX });

/** Rows to spread into another protocol's table. */
export const silentOtMessages = <Sender extends string, Receiver extends string>(
  sender: Sender,
  receiver: Receiver,
) => ({
  ...otMessages(sender, receiver),
  otSums: message(sender, receiver, bytes(SUMS_BYTES_MAX), {
    means: {
      en: "Masked sums of seed trees, which leave one leaf of each unknown",
      zh: "种子树的加掩和，每棵仅一个叶子不可知",
    },
    sizeMax: SUMS_BYTES_MAX,
  }), // per tree and level both sides' sums under base transfers, then per tree the sum of its leaves + delta
  otCheck: message(receiver, sender, exactly(CHECK_BYTES), {
    means: { en: "A masked random sum to check the trees", zh: "用于校验种子树的加掩随机和" },
    sizeMax: CHECK_BYTES,
  }), // malicious: sum of the weights of the noise's places + masking bits
  otProof: message(sender, receiver, exactly(PROOF_BYTES), {
    means: { en: "A hash that proves the trees consistent", zh: "证明种子树一致的散列值" },
    sizeMax: PROOF_BYTES,
  }), // malicious: hash of the sender's side of the checked sum
});
