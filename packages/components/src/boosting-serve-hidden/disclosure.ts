/** What a scoring service shows that hides who is scored. The protocol's own account: packages/protocols, query/keyword. */

import type { Disclosure, Participant } from "../component.ts";
import { earlyEnds, learns, sidesOf } from "../disclosing.ts";
import { shownToCallers, treeWords } from "../score-service/disclosure.ts";
import type { Parameters } from "./parameters.ts";

export function disclosures(participants: readonly Participant[], parameters: Parameters): Disclosure[] {
  const sides = sidesOf(participants);
  if (sides === undefined || sides.hosts.length === 0) return [];
  const { guest, hosts } = sides;
  const why = {
    en: "that too many ids were asked about, that a catalogue's epoch is over, or that it is of another model",
    zh: "查询数超限、目录已到期，或目录属于其他模型",
  };
  return [...hosts.flatMap((host) => between(guest, host, parameters)), ...earlyEnds([guest, ...hosts], why)];
}

function between(guest: Participant, host: Participant, parameters: Parameters): Disclosure[] {
  const { until, idsMax, padTo } = parameters;
  return [
    learns(guest, host, "scores", {
      en: `until ${until}, the score of any id it asks about, of ${idsMax} in all at most; less its own part of it, which it knows, that is the total of the other parties' parts`,
      zh: `在 ${until} 之前，其所查询任一标识（合计最多 ${idsMax} 个）的分数；减去其自知的己方部分，即为其他各方部分之和`,
    }),
    learns(guest, host, "id-known", {
      en: `of any id it asks about, whether ${host.party} had it when the catalogue was made and, where features are good for a time only, until which hour they are`,
      zh: `其所查询任一标识在目录构建时是否存在于 ${host.party}；约定了特征有效期时，还包括其有效截止小时`,
    }),
    learns(guest, host, "row-branches", {
      en: `for each id it asks about, to which side it goes at splits of ${host.party}, also at some off the row's path; no column name, threshold or value`,
      zh: `其查询的每个标识在 ${host.party} 各分裂处走向哪一侧，包括部分不在该行路径上的分裂；不含列名、阈值与取值`,
    }),
    ...shownToCallers(treeWords, guest, host, parameters),
    learns(host, guest, "asked-count", {
      en: `when ids are scored, and how many, rounded up to a multiple of ${padTo}; neither which, nor how many of them it has, nor which come again`,
      zh: `打分的时间与数量（按 ${padTo} 向上填充）；不知道是哪些标识、有多少为其所有，也不知道是否重复`,
    }),
  ];
}
