/** What scoring shows, in the words of an approver. The protocols' own accounts: packages/federated, predict-guest.ts and predict-sum-guest.ts. */
import { TOTAL_BITS } from "@tombolo/federated/vertical/boosting";
import type { Disclosure, Participant } from "../component.ts";
import { earlyEnds, learns, sidesOf } from "../disclosing.ts";
import type { Parameters } from "./parameters.ts";

export function disclosures(participants: readonly Participant[], { form }: Parameters): Disclosure[] {
  const sides = sidesOf(participants);
  if (sides === undefined) return [];
  const { guest, hosts } = sides;
  if (hosts.length === 0) return [];
  const learnt = hosts.flatMap((host) => [
    learns(guest, host, "scores", {
      en: `the score of every matched row; ${guest.party} alone receives scores`,
      zh: `每个匹配行的分数；分数只由 ${guest.party} 获得`,
    }),
    form === "branches" ? rowBranches(guest, host) : rowTotals(guest, host),
    learns(host, guest, "row-count", {
      en: "how many rows are scored, with which model; no path and no score",
      zh: "打分的行数与所用模型；不含路径与分数",
    }),
  ]);
  const why = {
    en: "that a column of the model is missing or unusable, that rows were prepared otherwise than those it was trained on, or that the parts are of different models",
    zh: "模型所需的列缺失或不可用、数据的预处理与训练时不同，或各方持有的部分不属于同一模型",
  };
  return [...learnt, ...earlyEnds([guest, ...hosts], why)];
}

const rowBranches = (guest: Participant, host: Participant): Disclosure =>
  learns(guest, host, "row-branches", {
    en: `for each scored row, to which side it goes at splits of ${host.party}, also at some off the row's path; from these also how far ${host.party} as a whole moves each score; no column name, threshold or value`,
    zh: `每个打分行在 ${host.party} 各分裂处走向哪一侧，包括部分不在该行路径上的分裂；由此也可算出 ${host.party} 整体对每个分数的影响；不含列名、阈值与取值`,
  });

const rowTotals = (guest: Participant, host: Participant): Disclosure =>
  learns(guest, host, "row-totals", {
    en: `for each scored row, its total over all trees, rounded to ${TOTAL_BITS + 1} bits (of several classes one each), from which, knowing leaf weights and its own branches, it may narrow down to which sides the row goes at splits of ${host.party}; scoring a row again with other values of its own columns and subtracting tells more, as would a guest that does not keep to the protocol: up to 32 bits of the row's branches each time (of a model of level shared 64 bits of the leaves that it comes to); of a model of level shared the total in steps of 2^-16, while leaf weights stay unknown to it. No column name, threshold or value`,
    zh: `每个打分行在全部树上的合计，取整至 ${TOTAL_BITS + 1} 位（多分类时每类一个）；发起方知道叶权重与自己的走向，可据此缩小该行在 ${host.party} 各分裂处走向的范围；若更换自己列的取值后再次打分并相减，可得知更多；不守协议的发起方每次最多可读取该行走向的 32 位（共享级别的模型为该行所落叶的 64 位）；共享级别的模型，合计以 2^-16 为步长，且发起方不知道叶权重。不含列名、阈值与取值`,
  });
