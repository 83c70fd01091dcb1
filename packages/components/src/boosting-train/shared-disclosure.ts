/** What training at level `shared` shows, in the words of an approver. The protocol's own account: packages/federated, boosting/shared/train.ts. */
import type { Disclosure, Participant } from "../component.ts";
import { earlyEnds, learns } from "../disclosing.ts";
import type { Parameters } from "./parameters.ts";

export function sharedDisclosures(
  guest: Participant,
  host: Participant,
  { trees, depth, weighted, scalePosWeight }: Parameters,
): Disclosure[] {
  const weights = weighted || scalePosWeight !== 1;
  return [
    learns(guest, host, "split-owners", {
      en: `(level shared) of each node of ${trees} complete trees of depth ${depth}: whether a split of ${host.party} was taken or one of its own, then which, or none; and how many rows, candidate splits and columns with any ${host.party} brings, and how many bins the one with most has. No row's node or branch, no number of rows in a node, no sum, gain or leaf weight, no column, threshold or value of ${host.party}`,
      zh: `（共享级别）${trees} 棵深度 ${depth} 的完全树的每个节点：采用的是 ${host.party} 的分裂还是自己的分裂（若为自己的，则知是哪一个，或未分裂），以及 ${host.party} 的行数、候选分裂数、有候选分裂的列数与单列最多分箱数。不含任何行所在节点或走向、节点行数、梯度和、增益、叶权重，也不含 ${host.party} 的列、阈值与取值`,
    }),
    learns(host, guest, "split-owners", {
      en: `(level shared) of each node of ${trees} complete trees of depth ${depth}: whether one of its own splits was taken, and which; and how many rows, candidate splits and columns with any ${guest.party} brings, and how many bins the one with most has${weights ? ", and how many bits the largest weight of a row has before the point, no weight" : ""}. No row's node, no number of rows in a node, no label, sum, gain, leaf weight or score, no column, threshold or value of ${guest.party}`,
      zh: `（共享级别）${trees} 棵深度 ${depth} 的完全树的每个节点：是否采用了自己的分裂及是哪一个，以及 ${guest.party} 的行数、候选分裂数、有候选分裂的列数与单列最多分箱数${weights ? "，最大样本权重整数部分的位数（不含任何权重）" : ""}。不含任何行所在节点、节点行数、标签、梯度和、增益、叶权重或分数，也不含 ${guest.party} 的列、阈值与取值`,
    }),
    ...[guest, host].map((recipient) =>
      learns(recipient, recipient === guest ? host : guest, "security-model", {
        en: "a share of each leaf's weight, which says nothing alone. This holds while either party follows the protocol and the two do not pool what they hold",
        zh: "每个叶权重的一个份额，单独不含任何信息。前提是双方均按协议执行，且不合并各自所持内容",
      }),
    ),
    ...earlyEnds([guest, host], FAILURES),
  ];
}

const FAILURES = {
  en: "that labels or columns are unusable (not which rows), or that neither party has a column that can be split",
  zh: "标签或列不可用（不说明是哪些行），或双方均无可分裂的列",
};
