/**
 * The offline half of hidden retrieval as a service: the host makes its table ready once, under a key of its own, and keeps it; who will
 * ask gets the hint and keeps that. No entry of the table leaves. Each run is an epoch of its own: rows that changed need a new one.
 * Protocols, leakage and adversary: packages/protocols, query/hidden and pir/simple.
 */
import { handOutMessages } from "@tombolo/protocols/query/hidden";
import { z } from "zod";
import { component, type Disclosure, model, one, onlyAt, type Participant, report, table } from "../component.ts";
import { betweenTwo, earlyEnds, learns } from "../disclosing.ts";
import { runGuest } from "./guest.ts";
import { runHost } from "./host.ts";
import { type Parameters, parameters } from "./parameters.ts";

export const queryPrepare = component({
  name: "query-prepare",
  version: "1.0.0",
  title: { en: "Prepare a table for hidden retrieval", zh: "准备隐私检索数据表" },
  summary: {
    en: "Makes a table ready to be asked key by key while it stays with its owner; the partner that will ask keeps a hint, once and for all questions of the epoch.",
    zh: "为逐键隐私检索准备数据表：数据始终留在所有方，查询方只保存一份提示数据，同一期内的全部查询共用。",
  },
  roles: { guest: one, host: one },
  parameters,
  partyParameters: z.strictObject({}),
  inputs: { data: onlyAt(table(), "host") },
  outputs: { catalogue: model(), report: report() },
  protocol: { name: "query/hidden-offline", messages: handOutMessages },
  use: "both",
  discloses: ({ participants, parameters: given }) => disclosures(participants, given),
  run: { guest: runGuest, host: runHost },
});

function disclosures(participants: readonly Participant[], given: Parameters): readonly Disclosure[] {
  const { padTo, idsMax, days, columns } = given;
  const names = columns.map(({ column }) => column).join(", ");
  const why = {
    en: "that ids are repeated or unusable (not which), or that the table is too large",
    zh: "存在重复或不可用的标识（不说明是哪些），或数据表过大",
  };
  return betweenTwo(participants, (guest, host) => [
    learns(guest, host, "table-size", {
      en: `how many rows the table of ${host.party} has, rounded up to a multiple of ${padTo}`,
      zh: `${host.party} 表的行数（按 ${padTo} 向上填充）`,
    }),
    learns(guest, host, "hint", {
      en: `sums over sealed entries of ${host.party}, one for each byte of an entry in each part of the table, under a key that ${host.party} keeps: they say nothing of an id until it is asked about, of at most ${idsMax} ids in ${days} days; no entry itself`,
      zh: `${host.party} 加密条目的线性和（密钥由其保管，不含任何条目本身）：仅在查询时才能判断某个标识，${days} 天内最多 ${idsMax} 个`,
    }),
    ...(names === ""
      ? []
      : [
          learns(guest, host, "matched-values", {
            en: `the values of ${names} in the rows of ${host.party}, for ids it asks about alone, of at most ${idsMax} ids in ${days} days`,
            zh: `${host.party} 各行 ${names} 的取值：仅限其查询的标识，${days} 天内最多 ${idsMax} 个`,
          }),
        ]),
    ...earlyEnds([guest, host], why),
  ]);
}
