/**
 * Keyword query as a service over a table that stays with its owner: as query-serve, by hidden retrieval. Protocol, leakage and
 * adversary: packages/protocols, query/hidden and pir/simple.
 */
import { IDS_MAX_HIDDEN } from "@tombolo/protocols/query/hidden";
import { z } from "zod";
import { paddingFaults } from "../authorisation.ts";
import { columns } from "../catalogue/asking.ts";
import { serviceOfQuestions } from "../catalogue/serving.ts";
import { component, model, one } from "../component.ts";
import { stepOf } from "../hidden/parameters.ts";
import { byRetrieval, messages, serveFromTable } from "../hidden/serving.ts";
import { disclosures, runGuest } from "../query-serve/index.ts";

const parameters = z.strictObject({
  columns,
  ...serviceOfQuestions,
  padTo: stepOf(IDS_MAX_HIDDEN, 1),
});

export const queryServeHidden = component({
  name: "query-serve-hidden",
  version: "1.0.0",
  title: { en: "Serve hidden retrieval", zh: "隐私检索服务" },
  summary: {
    en: "Answers single questions about a partner's table that stays there, until an agreed moment; the partner works through its table for each key and learns only how many and when.",
    zh: "在约定时间内逐笔应答对合作方数据表的查询，数据表不离开合作方；合作方为每个键遍历整表，只知道查询数量与时间。",
  },
  roles: { guest: one, host: one },
  parameters,
  partyParameters: z.strictObject({}),
  inputs: { catalogue: model() },
  outputs: {},
  protocol: { name: "query/hidden", messages },
  serves: "query",
  use: "both",
  faults: paddingFaults,
  discloses: ({ participants, parameters: given }) => disclosures(participants, given),
  run: {
    guest: (context) => runGuest(context, byRetrieval),
    host: (context) => serveFromTable(context, context.parameters.columns),
  },
});
