/** What scoring shows, in the words of an approver. The protocol's own account: packages/federated, vertical/regression, predict.ts. */
import type { Disclosure, Participant, Text } from "../component.ts";
import { earlyEnds, learns, namesOf, sidesOf } from "../disclosing.ts";
import type { Parameters } from "./parameters.ts";

export function disclosures(participants: readonly Participant[], parameters: Parameters): Disclosure[] {
  const sides = sidesOf(participants);
  if (sides === undefined || sides.hosts.length === 0) return [];
  const { guest, hosts } = sides;
  const learnt = hosts.flatMap((host) => [
    ...told(guest, host, { hosts, parameters }),
    learns(host, guest, "row-count", {
      en: "how many rows are scored, with which model; no score",
      zh: "打分的行数与所用模型；不含分数",
    }),
  ]);
  return [...learnt, ...earlyEnds([guest, ...hosts], FAILURES)];
}

interface Telling {
  readonly hosts: readonly Participant[];
  readonly parameters: Parameters;
}

function told(guest: Participant, host: Participant, { hosts, parameters }: Telling): Disclosure[] {
  if (parameters.output === "score")
    return hosts.length > 1 ? sumsOf(guest, host, hosts) : scoresOf(guest, host, parameters);
  const all = hosts.length > 1 ? namesOf(hosts) : host.party;
  const own =
    parameters.output === "class"
      ? learns(guest, host, "row-classes", classesOf(guest, all))
      : learns(guest, host, "row-bands", bandsOf(guest, all, parameters));
  const first = hosts[0]!;
  return host === first ? [own] : [own, pooled(guest, first, host), pooled(first, guest, host)];
}

/** What computing by two rests on where there are more. */
const pooled = (recipient: Participant, partner: Participant, about: Participant): Disclosure =>
  learns(recipient, about, "coalition", {
    en: `only if it pools what it sees with ${partner.party}: of each row the rounded sum of what the columns of ${about.party} contribute, of a model of several classes for each class; the two compute for all, and must not pool`,
    zh: `仅当与 ${partner.party} 合谋时：每行中 ${about.party} 各列贡献之和（已舍入；多分类模型每类一个）；这两方代为计算，不得合谋`,
  });

const scoresOf = (guest: Participant, host: Participant, { hostColumnsMin, binSetsMin }: Parameters): Disclosure[] => [
  learns(guest, host, "scores", {
    en: `the score of every matched row, of a model of several classes the probability of each; ${guest.party} alone receives scores`,
    zh: `每个匹配行的分数（多分类模型为每类的概率）；分数只由 ${guest.party} 获得`,
  }),
  learns(guest, host, "row-totals", classTotalsOf(host, hostColumnsMin)),
  learns(guest, host, "row-bins", binsTold(guest, host, binSetsMin)),
];

/** Of a model on shared bins. */
export function binsTold(guest: Participant, host: Participant, binSetsMin: number): Text {
  const few = binSetsMin < 2 ** 16;
  return {
    en: `only of a model on shared bins, where ${guest.party} knows what each bin adds: for each scored row which sets of bins of ${host.party}'s columns give its total, among at least ${binSetsMin} sets${few ? ": so few that a total may tell the bins themselves" : ", that is many for most totals; of rare totals it may be one, and with it the row's bins"}. Where a few columns add by far the most, or the others nothing, it is their bins that a total tells. Bins are known by number, without edges or categories`,
    zh: `仅对共享分箱的模型（${guest.party} 知道每个分箱的贡献）：每个打分行的合计可能来自 ${host.party} 各列的哪些分箱组合，组合总数不少于 ${binSetsMin}${few ? "，组合过少时可由合计得知该行所在的分箱" : "，多数合计对应许多组合；少见的合计可能只对应一种，从而得知该行所在的分箱"}。若少数几列的贡献远大于其他列，或其他列系数为零，则可由合计得知这几列的分箱。分箱仅以编号表示，不含切点与类别`,
  };
}

/** A class alone. */
const classesOf = (guest: Participant, party: string): Text => ({
  en: `the likeliest class of every matched row, and neither probabilities nor totals; ${guest.party} alone receives it. With its own part, which it knows, it bounds how the sums of what ${party}'s columns contribute to that row compare`,
  zh: `每个匹配行概率最大的类别，不含概率与合计，仅 ${guest.party} 获得。结合其自知的己方部分，可得出 ${party} 各列在该行对各类贡献之和的大小关系`,
});

/** Of several hosts the sum alone: whoever has all other parts of it has the last one. */
const sumsOf = (guest: Participant, host: Participant, hosts: readonly Participant[]): Disclosure[] => [
  learns(guest, host, "scores", {
    en: `the score of every matched row, of a model of several classes the probability of each; ${guest.party} alone receives scores`,
    zh: `每个匹配行的分数（多分类模型为每类的概率）；分数只由 ${guest.party} 获得`,
  }),
  rowSums(guest, host, hosts),
  ...besideSums(guest, host, hosts),
];

export const rowSums = (guest: Participant, host: Participant, hosts: readonly Participant[]): Disclosure =>
  learns(guest, host, "row-sums", {
    en: `for each scored row the rounded sum of what the columns of ${namesOf(hosts)} contribute together, of a model of several classes for each class; not the part of ${host.party}`,
    zh: `每个打分行中 ${namesOf(hosts)} 各列贡献的合计（已舍入；多分类模型每类一个），不含 ${host.party} 单独的部分`,
  });

/** What goes with a sum of masked parts. */
export function besideSums(guest: Participant, host: Participant, hosts: readonly Participant[]): Disclosure[] {
  const others = hosts.filter((other) => other !== host);
  return [
    learns(guest, host, "coalition", {
      en: `only if it pools what it sees with ${namesOf(others)}: for each scored row the rounded sum of what ${host.party}'s columns contribute`,
      zh: `仅当与 ${namesOf(others)} 合谋时：每个打分行中 ${host.party} 各列贡献之和（已舍入）`,
    }),
    ...others.map((other) =>
      learns(other, host, "total-spread", {
        en: `between which powers of two the spread of ${host.party}'s contributions lay in training`,
        zh: `训练时 ${host.party} 贡献之和的离散程度位于哪两个 2 的幂之间`,
      }),
    ),
  ];
}

/** With the own part a band bounds the host's total: of a host of few columns that tells something. */
function bandsOf(guest: Participant, party: string, { output, bands }: Parameters): Text {
  const [what, zh] = output === "band" ? ["the band", "所属分段"] : ["the decision", "决策"];
  return {
    en: `${what} of every matched row, one of ${bands.length}, and no score; ${guest.party} alone receives it. With its own part, which it knows, it bounds the sum of what ${party}'s columns contribute to that row; jobs with other bounds over the same rows narrow it`,
    zh: `每个匹配行的${zh}（共 ${bands.length} 种），不含分数，仅 ${guest.party} 获得。结合其自知的己方部分，可得出 ${party} 各列在该行贡献之和的范围；对相同的行以其他界限再次作业会缩小该范围`,
  };
}

const FAILURES = {
  en: "that a column of the model is missing or unusable, that rows were prepared otherwise than those it was trained on, that the parts are of different models, or that too few columns or parties take part; of bands that their bounds are too near to 0 for scores of this size",
  zh: "模型所需的列缺失或不可用、数据的预处理与训练时不同、各方持有的部分不属于同一模型，参与方或其列数过少，或分段界限相对分数过于接近 0",
};

/** The same with what there is more of a model of several classes. */
export function classTotalsOf(host: Participant, hostColumnsMin: number): Text {
  const { en, zh } = totalsOf(host, hostColumnsMin);
  return {
    en: `${en}. Of a model of several classes there is a total for each class (multinomial: how far each is from that of the first class), and the columns are as many more as there are totals beyond one`,
    zh: `${zh}。多分类模型每类一个合计（multinomial 为与第一类之差），所需列数随之逐个增加`,
  };
}

const totalsOf = ({ party }: Participant, hostColumnsMin: number): Text => ({
  en: `for each scored row the rounded sum of what ${party}'s columns contribute, of at least ${hostColumnsMin} column${hostColumnsMin === 1 ? "" : "s"}; no single column's part, coefficient or value${hostColumnsMin < 3 ? ", except what so few columns give away" : ""}. Where the columns have few distinct values, the totals have few as well: rows with the same total can be grouped, and are alike in these columns`,
  zh: `每个打分行中 ${party} 各列贡献之和（已舍入），至少 ${hostColumnsMin} 列；不含单列的贡献、系数与取值${hostColumnsMin < 3 ? "，但列数过少时可能由此推知" : ""}。若各列取值种类很少，贡献之和的种类也很少：可将贡献之和相同的行归为一组，这些行在上述各列上大致相同`,
});
