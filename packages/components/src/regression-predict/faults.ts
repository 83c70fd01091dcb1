/** What goes with several hosts and what does not; checked before consent. */
import type { ParameterFault, Participant } from "../component.ts";
import type { Parameters } from "./parameters.ts";

export function severalFaults({ output }: Parameters, participants: readonly Participant[]): ParameterFault[] {
  if (output === "score" || participants.filter(({ role }) => role === "host").length < 2) return [];
  return [
    {
      parameter: "output",
      message: "bands, decisions and classes are told of models with one host",
      remedy: "Choose the score, of which the guest learns the hosts' sum alone.",
      zh: {
        message: "分段、决策与类别仅适用于只有一个数据方的模型",
        remedy: "请选择分数：发起方仅得知各数据方的合计。",
      },
    },
  ];
}
