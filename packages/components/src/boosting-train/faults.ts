/** What level `shared` does not go together with; checked before consent. */
import { refusedParameter } from "@tombolo/federated/vertical/boosting/shared";
import type { ParameterFault, Participant } from "../component.ts";
import { boostingParameters, type Parameters } from "./parameters.ts";

export function levelFaults(given: Parameters, participants: readonly Participant[]): ParameterFault[] {
  if (given.level !== "shared") return [];
  const hosts = participants.filter(({ role }) => role === "host").length;
  const refused = refusedParameter(boostingParameters(given));
  return [
    ...(hosts === 1 ? [] : [TWO_PARTIES]),
    ...(refused === undefined
      ? []
      : [
          {
            parameter: refused.parameter,
            message: `level shared does not offer this ${refused.parameter}`,
            remedy: `Set ${refused.parameter} to ${refused.expected}, or train at level standard.`,
            zh: {
              message: `披露级别“共享”不支持此 ${refused.parameter} 取值`,
              remedy: `将 ${refused.parameter} 设为 ${refused.expected}，或改用标准级别训练。`,
            },
          },
        ]),
  ];
}

const TWO_PARTIES: ParameterFault = {
  parameter: "level",
  message: "level shared takes a guest and exactly one host",
  remedy: "Train with one host, or at level standard.",
  zh: { message: "披露级别“共享”须由发起方与恰好一个数据方参与", remedy: "仅与一个数据方训练，或改用标准级别。" },
};
