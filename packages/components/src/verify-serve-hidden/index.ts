/**
 * Verification as a service over a table that stays with its owner: as verify-serve, by hidden retrieval. Protocol, leakage and
 * adversary: packages/protocols, query/hidden and pir/simple.
 */
import { IDS_MAX_HIDDEN } from "@tombolo/protocols/query/hidden";
import { z } from "zod";
import { paddingFaults } from "../authorisation.ts";
import { serviceOfQuestions } from "../catalogue/serving.ts";
import { component, model, one } from "../component.ts";
import { stepOf } from "../hidden/parameters.ts";
import { byRetrieval, messages, serveFromTable } from "../hidden/serving.ts";
import { disclosures, runGuest } from "../verify-serve/index.ts";

const parameters = z.strictObject({
  ...serviceOfQuestions,
  padTo: stepOf(IDS_MAX_HIDDEN, 1),
});

export const verifyServeHidden = component({
  name: "verify-serve-hidden",
  version: "1.0.0",
  title: { en: "Serve hidden verification", zh: "隐私检索核验服务" },
  summary: {
    en: "Says whether values belong together in a partner's table that stays there, yes or no, until an agreed moment; the partner works through its table for each key and learns only how many and when.",
    zh: "在约定时间内逐笔核验各要素是否与合作方同一条记录一致，数据表不离开合作方；合作方为每个键遍历整表，只知道核验数量与时间。",
  },
  roles: { guest: one, host: one },
  parameters,
  partyParameters: z.strictObject({}),
  inputs: { catalogue: model() },
  outputs: {},
  protocol: { name: "query/hidden", messages },
  serves: "verify",
  use: "both",
  faults: paddingFaults,
  discloses: ({ participants, parameters: given }) => disclosures(participants, given),
  run: {
    guest: (context) => runGuest(context, byRetrieval),
    host: (context) => serveFromTable(context, []),
  },
});
