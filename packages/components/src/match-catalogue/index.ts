/**
 * The offline half of matching few ids against a large table: the host makes a catalogue of keyed fingerprints of its
 * ids, with sealed records beside them if columns are chosen, or the next version of one, and the guest keeps it.
 * Protocols, leakage and adversary: packages/protocols, psi/unbalanced and query/keyword.
 */
import { publishMessages } from "@tombolo/protocols/psi/unbalanced";
import { z } from "zod";
import {
  component,
  type Disclosure,
  model,
  one,
  onlyAt,
  optional,
  type Participant,
  report,
  table,
} from "../component.ts";
import { betweenTwo, earlyEnds, learns } from "../disclosing.ts";
import { runGuest } from "./guest.ts";
import { runHost } from "./host.ts";
import { type Parameters, parameters } from "./parameters.ts";

export const matchCatalogue = component({
  name: "match-catalogue",
  version: "3.0.0",
  title: { en: "Make a catalogue for lookups", zh: "构建匿踪查询目录" },
  summary: {
    en: "A large table's ids as keyed fingerprints, with chosen columns sealed beside them if wanted, kept at the partner that will ask; made once, then refreshed.",
    zh: "把大表的标识做成密钥指纹目录（可附加密的选定列），存放在将要查询的一方；一次构建，之后增量更新。",
  },
  roles: { guest: one, host: one },
  parameters,
  partyParameters: z.strictObject({}),
  inputs: { data: onlyAt(table(), "host"), previous: optional(model()) },
  outputs: { catalogue: model(), report: report() },
  protocol: { name: "psi/unbalanced-offline", messages: publishMessages },
  use: "both",
  discloses: ({ participants, parameters: given }) => disclosures(participants, given),
  run: { guest: runGuest, host: runHost },
});

function disclosures(participants: readonly Participant[], given: Parameters): readonly Disclosure[] {
  const { padTo, idsMax, days } = given;
  const why = {
    en: "that ids are repeated or unusable (not which), or that the catalogue is too large or not the next version",
    zh: "存在重复或不可用的标识（不说明是哪些），或目录过大、版本不连续",
  };
  return betweenTwo(participants, (guest, host) => [
    learns(guest, host, "catalogue-size", {
      en: `how many ids ${host.party} has, rounded up by one to two times ${padTo}, and in a refresh how many were added and removed, rounded likewise`,
      zh: `${host.party} 的标识数量（向上填充 1 至 2 倍的 ${padTo}），更新时新增与移除的数量（同样填充）`,
    }),
    learns(guest, host, "catalogue-changes", {
      en: `in a refresh, of ids it has asked about, which were added or removed since the version before`,
      zh: `更新时，其查询过的标识中哪些是新增或移除的`,
    }),
    learns(guest, host, "catalogue", {
      en: `fingerprints of all ids of ${host.party} under a key that ${host.party} keeps: they say nothing of an id until it is asked about, of at most ${idsMax} ids in ${days} days`,
      zh: `${host.party} 全部标识的密钥指纹（密钥由其保管）：仅在查询时才能判断某个标识，${days} 天内最多 ${idsMax} 个`,
    }),
    ...recordsDisclosed(guest, host, given),
    ...earlyEnds([guest, host], why),
  ]);
}

function recordsDisclosed(guest: Participant, host: Participant, { columns, idsMax, days }: Parameters): Disclosure[] {
  if (columns.length === 0) return [];
  const names = columns.map(({ column }) => column).join(", ");
  return [
    learns(guest, host, "matched-values", {
      en: `the values of ${names} in the rows of ${host.party}, sealed: readable only for ids it asks about, of at most ${idsMax} ids in ${days} days, and for these in every version of the epoch`,
      zh: `${host.party} 各行 ${names} 的取值（已加密）：仅其查询过的标识可读，${days} 天内最多 ${idsMax} 个标识，且对同一期内的各版本均可读`,
    }),
    learns(guest, host, "changed-records", {
      en: `in a refresh, exactly how many ids stayed with other values; of ids it has not asked about, neither which nor what`,
      zh: `更新时，取值有变而标识不变的记录数（准确值）；未查询过的标识不知是哪些，也不知取值`,
    }),
  ];
}
