import { message } from "@tombolo/channel";
import { POINT_BYTES } from "@tombolo/crypto";
import { exactly } from "../../exactly.ts";

/** Transfers in one run: as many as bits of security, which is what every extension starts from. */
export const BASE_COUNT = 128;

/** Rows to spread into another protocol's table. */
export const baseOtMessages = <Sender extends string, Receiver extends string>(sender: Sender, receiver: Receiver) => ({
  baseOtChoices: message(receiver, sender, exactly(2 * POINT_BYTES * BASE_COUNT), {
    means: { en: "128 pairs of points that hide secret choices", zh: "隐藏选择的 128 对群元素" },
    sizeMax: 2 * POINT_BYTES * BASE_COUNT,
  }), // r_0, r_1 of each transfer
  baseOtKeys: message(sender, receiver, exactly(POINT_BYTES * BASE_COUNT), {
    means: { en: "128 points to agree on keys", zh: "用于协商密钥的 128 个群元素" },
    sizeMax: POINT_BYTES * BASE_COUNT,
  }), // A of each transfer
});
