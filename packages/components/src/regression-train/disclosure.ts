/** What training shows, in the words of an approver. The protocol's own account: packages/federated, vertical/regression. */
import type { Disclosure, Participant } from "../component.ts";
import { earlyEnds, learns, sidesOf } from "../disclosing.ts";
import type { Parameters } from "./parameters.ts";

export function disclosures(participants: readonly Participant[], parameters: Parameters): Disclosure[] {
  const sides = sidesOf(participants);
  if (sides === undefined) return [];
  const { guest, hosts } = sides;
  const learnt = hosts.flatMap((host) => [
    learns(guest, host, "column-count", {
      en: `how many columns of ${host.party} take part, a text column counted once for each category but one; no name, value or coefficient of them`,
      zh: `${host.party} 参与的列数（文本列按类别数减一计），不含其列名、取值与系数`,
    }),
    courseOf(guest, host, parameters),
    learns(host, guest, "column-count", {
      en: `how many columns of ${guest.party} take part, and whether its rows have weights or offsets; no name, value or coefficient of them`,
      zh: `${guest.party} 参与的列数，以及其行是否带有权重或偏移；不含列名、取值与系数`,
    }),
    courseOf(host, guest, parameters),
    ...(parameters.family === "linear" ? [spread(host, guest)] : []),
  ]);
  return hosts.length === 0 ? [] : [...learnt, ...earlyEnds([guest, ...hosts], FAILURES)];
}

const FAILURES = {
  en: "that labels or columns are unusable (not which rows), or that the labels can be told from the columns without error",
  zh: "标签或列不可用（不说明是哪些行），或各列可无误地判定标签",
};

/** Both learn it at once, and it is about the columns and labels of both. */
function courseOf(recipient: Participant, about: Participant, { solver, iterations, epochs }: Parameters): Disclosure {
  const text =
    solver === "sgd"
      ? {
          en: `the course of the training as sums over all rows and columns: for each of ${epochs} epochs the lengths of the weights and of the mean gradient and their product, and the weights' length some times in between; nothing for a row or a column`,
          zh: `以全部行与列的总和表示的训练过程：${epochs} 轮中每轮的权重长度、平均梯度长度及两者乘积，期间若干次权重长度；不涉及任何单行或单列`,
        }
      : {
          en: `the course of the training as sums over all rows and columns: for each gradient, of which there are up to a few in each of ${iterations} steps, its inner products with itself, with the weights and with those of the last six steps; nothing for a row or a column`,
          zh: `以全部行与列的总和表示的训练过程：最多 ${iterations} 步，每步少数几次梯度，每个梯度与其自身、与权重以及与最近六步的步长和梯度的内积；不涉及任何单行或单列`,
        };
  return learns(recipient, about, "training-course", text);
}

const spread = (host: Participant, guest: Participant): Disclosure =>
  learns(host, guest, "label-spread", {
    en: `between which powers of two the standard deviation of the label lies`,
    zh: "标签标准差位于哪两个 2 的幂之间",
  });
