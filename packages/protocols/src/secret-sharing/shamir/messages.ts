/** Of each pair of parties: the first is the one that comes before the other in the list of roles. */
import { bothWays } from "../../both-ways.ts";

export const MESSAGE_BYTES_MAX = 8 * 2 ** 20;

export const messages = {
  ...bothWays(
    "Shares",
    { en: "Shares of own numbers, for this party alone", zh: "自有数值的份额，仅给该方" },
    MESSAGE_BYTES_MAX,
  ),
  ...bothWays(
    "Commitments",
    { en: "Commitments that shares are checked against", zh: "用于校验份额的承诺" },
    MESSAGE_BYTES_MAX,
  ),
  ...bothWays("Digest", { en: "Digest of all commitments received", zh: "所收全部承诺的摘要" }, 32),
  ...bothWays("SumShares", { en: "Shares of the sums that are opened", zh: "所公开总和的份额" }, MESSAGE_BYTES_MAX),
};
