/**
 * The offline half of scoring that hides who is scored: each host works its part of a boosted model out for all of its
 * rows and hands it over as a catalogue, sealed row by row; the guest keeps it, and opens rows one by one with
 * boosting-serve-hidden. Each run is an epoch of its own: rows that changed need a new one.
 * Protocols, leakage and adversary: packages/protocols, psi/unbalanced and query/keyword; packages/federated,
 * vertical/boosting, tabulated.ts.
 */
import { tabulatingMessages } from "@tombolo/federated/vertical/boosting";
import { publishMessages } from "@tombolo/protocols/psi/unbalanced";
import { component, type Disclosure, many, model, one, onlyAt, type Participant, report, table } from "../component.ts";
import { earlyEnds, learns, sidesOf } from "../disclosing.ts";
import { runGuest } from "./guest.ts";
import { runHost } from "./host.ts";
import { type Parameters, parameters, partyParameters } from "./parameters.ts";

export const messages = { ...tabulatingMessages, ...publishMessages };

export const boostingTabulate = component({
  name: "boosting-tabulate",
  version: "2.0.0",
  title: { en: "Tabulate boosted trees", zh: "预先计算提升树的数据方部分" },
  summary: {
    en: "Works the hosts' parts of a joint model out for all of their rows, sealed, so that later nobody needs to say who is scored.",
    zh: "数据方对全部行预先计算其模型部分并加密，之后打分时无需透露被打分者。",
  },
  roles: { guest: one, host: many },
  parameters,
  partyParameters,
  inputs: { model: model("boosting"), data: onlyAt(table(), "host") },
  outputs: { catalogue: model(), report: report() },
  protocol: { name: "boosting/tabulate", messages },
  prepares: "score",
  use: "score",
  discloses: ({ participants, parameters: given }) => disclosures(participants, given),
  run: { guest: runGuest, host: runHost },
});

function disclosures(participants: readonly Participant[], given: Parameters): Disclosure[] {
  const sides = sidesOf(participants);
  if (sides === undefined || sides.hosts.length === 0) return [];
  const { guest, hosts } = sides;
  const why = {
    en: "that ids or columns of a host's table are unusable (not which), that its rows were prepared otherwise than those the model was trained on, that the catalogue is too large, or that the parts are of different models",
    zh: "数据方表中的标识或列不可用（不说明是哪些）、数据的预处理与训练时不同、目录过大，或各方持有的部分不属于同一模型",
  };
  return [...hosts.flatMap((host) => between(guest, host, given)), ...earlyEnds([guest, ...hosts], why)];
}

function between(
  guest: Participant,
  host: Participant,
  { padTo, idsMax, days, staleAfterHours }: Parameters,
): Disclosure[] {
  const aged =
    staleAfterHours === null ? ["", ""] : [", and until which hour its features are good", "，及其特征的有效截止小时"];
  return [
    learns(guest, host, "catalogue-size", {
      en: `how many ids ${host.party} has, rounded up by one to two times ${padTo}`,
      zh: `${host.party} 的标识数量（向上填充 1 至 2 倍的 ${padTo}）`,
    }),
    learns(guest, host, "catalogue", {
      en: `fingerprints of all ids of ${host.party} under a key that ${host.party} keeps: they say nothing of an id until it is asked about, of at most ${idsMax} ids in ${days} days`,
      zh: `${host.party} 全部标识的密钥指纹（密钥由其保管）：仅在查询时才能判断某个标识，${days} 天内最多 ${idsMax} 个`,
    }),
    learns(guest, host, "row-branches", {
      en: `to which side each row goes at splits of ${host.party}${aged[0]}, sealed: readable only for ids it asks about, of at most ${idsMax} ids in ${days} days; no column name, threshold or value`,
      zh: `各行在 ${host.party} 各分裂处走向哪一侧${aged[1]}（已加密）：仅其查询过的标识可读，${days} 天内最多 ${idsMax} 个标识；不含列名、阈值与取值`,
    }),
  ];
}
