/** What goes with totals alone and what does not; checked before consent. */
import type { ParameterFault, Participant } from "../component.ts";
import type { Parameters } from "./parameters.ts";

export function formFaults(
  { form, contributions }: Parameters,
  participants: readonly Participant[],
): ParameterFault[] {
  if (form === "branches") return [];
  const several = participants.filter(({ role }) => role === "host").length > 1;
  return [...(several ? [ONE_HOST] : []), ...(contributions ? [NO_CONTRIBUTIONS] : [])];
}

const ONE_HOST: ParameterFault = {
  parameter: "form",
  message: "totals alone are told of models with one host",
  remedy: "Let branches be told, or train with one host.",
  zh: { message: "仅告知合计只适用于只有一个数据方的模型", remedy: "请选择告知走向，或以一个数据方训练。" },
};

const NO_CONTRIBUTIONS: ParameterFault = {
  parameter: "contributions",
  message: "what moves a score is worked out from branches, which are not told",
  remedy: "Set contributions to false, or let branches be told.",
  zh: { message: "特征贡献由走向算出，而走向未告知", remedy: "请关闭特征贡献，或选择告知走向。" },
};
