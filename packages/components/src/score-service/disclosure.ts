/** What a scoring service shows, in the words of an approver. The protocol's own account: packages/federated, vertical/serving. */
import type { Disclosure, Participant, Text } from "../component.ts";
import { earlyEnds, learns, sidesOf } from "../disclosing.ts";
import type { Answering, Parameters } from "./parameters.ts";

/** What depends on the kind of model. */
export interface ModelWords {
  /** What the guest learns of the host's row, for each id scored. */
  row(guest: Participant, host: Participant): readonly Disclosure[];
  /** What callers see of the host in reasons, where they may name its part. */
  hostReasons(host: Participant): Text;
  /** What own features in reasons tell callers beyond themselves. */
  ownReasons(host: Participant): Text;
}

export const treeWords: ModelWords = {
  row: (guest, host) => [
    learns(guest, host, "row-branches", {
      en: `for each id scored, to which side it goes at splits of ${host.party}, also at some off the row's path; no column name, threshold or value`,
      zh: `每个打分标识在 ${host.party} 各分裂处走向哪一侧，包括部分不在该行路径上的分裂；不含列名、阈值与取值`,
    }),
  ],
  hostReasons: ({ party }) => ({
    en: ` and how much features of ${party} moved it, by anonymous numbers`,
    zh: `，以及 ${party} 各特征（匿名编号）的影响`,
  }),
  // Reasons are shares of the margin: with enough of them a caller adds up what a band or a decision leaves out.
  ownReasons: ({ party }) => ({
    en: `, and how much own features moved it, which depends on the branches at ${party} and may add up to the score`,
    zh: `，以及自有特征的影响（取决于 ${party} 处的分支，可能据此推出分数）`,
  }),
};

export function disclosures(
  words: ModelWords,
  participants: readonly Participant[],
  parameters: Parameters,
): Disclosure[] {
  const sides = sidesOf(participants);
  if (sides === undefined || sides.hosts.length === 0) return [];
  const { guest, hosts } = sides;
  const why = {
    en: "that ids or columns of a host's table are unusable (not which), that its rows were prepared otherwise than those the model was trained on, or that the parts are of different models",
    zh: "数据方表中的标识或列不可用（不说明是哪些）、数据的预处理与训练时不同，或各方持有的部分不属于同一模型",
  };
  return [...hosts.flatMap((host) => between(words, guest, host, parameters)), ...earlyEnds([guest, ...hosts], why)];
}

function between(words: ModelWords, guest: Participant, host: Participant, parameters: Parameters): Disclosure[] {
  const { until } = parameters;
  const stale =
    parameters.staleAfterHours === null ? ["", ""] : [", and whether its features are too old", "，及其特征是否过旧"];
  return [
    learns(guest, host, "scores", {
      en: `until ${until}, the score of any id it asks about; less its own part of it, which it knows, that is the total of the other parties' parts`,
      zh: `在 ${until} 之前，其所查询任一标识的分数；减去其自知的己方部分，即为其他各方部分之和`,
    }),
    learns(guest, host, "id-known", {
      en: `of any id it asks about, whether ${host.party} has it${stale[0]}`,
      zh: `其所查询任一标识是否存在于 ${host.party}${stale[1]}`,
    }),
    ...words.row(guest, host),
    ...shownToCallers(words, guest, host, parameters),
    learns(host, guest, "scored-ids", {
      en: `which of its own ids are scored, and when; of ids it does not have, those it finds by trying, as with phone numbers. No path, no score and no column of ${guest.party}`,
      zh: `自己的哪些标识在何时被打分；对于自己没有的标识，可通过试探（如手机号）得知。不含路径、分数与 ${guest.party} 的任何列`,
    }),
  ];
}

export function shownToCallers(
  words: ModelWords,
  guest: Participant,
  host: Participant,
  { output, reasons, hostReasons }: Answering,
): Disclosure[] {
  const what = {
    score: ["the score", "分数"],
    band: ["the band of the score", "分数所在分段"],
    decision: ["the decision", "决策"],
    class: ["the likeliest class", "概率最大的类别"],
  }[output];
  const nothing = { en: "", zh: "" };
  const ofHost = reasons > 0 && hostReasons ? words.hostReasons(host) : nothing;
  const own = reasons > 0 ? words.ownReasons(host) : nothing;
  return [
    learns(guest, host, "callers", {
      en: `and hands to whoever may call its service: ${what[0]}${ofHost.en}${own.en}; and where an agreed rule answers, why: that ${host.party} does not know the id, that its row is too old, or that it is away`,
      zh: `并交给有权调用其服务者：${what[1]}${ofHost.zh}${own.zh}；按约定规则应答时还包括原因：${host.party} 没有该标识、其数据过旧或其离线`,
    }),
  ];
}
