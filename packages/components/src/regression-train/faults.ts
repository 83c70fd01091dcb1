/** What standard errors go together with; checked before consent. Weights of rows and the number of terms show when it runs. */
import { familyOf } from "@tombolo/federated/vertical/regression";
import type { ParameterFault, Participant } from "../component.ts";
import type { Parameters } from "./parameters.ts";

export function inferenceFaults(
  { inference, family, power, solver, l1, l2 }: Parameters,
  participants: readonly Participant[],
): ParameterFault[] {
  const possible = familyOf({ family, power }).curvature !== null && solver === "quasi-newton" && l1 === 0 && l2 === 0;
  const several = participants.filter(({ role }) => role === "host").length > 1;
  if (!inference || (possible && !several)) return [];
  return [
    {
      parameter: "inference",
      message: "there are no standard errors of such a model",
      remedy: "Ask for them of a logistic or linear regression with one host by quasi-Newton, without penalties.",
      zh: {
        message: "此类模型不提供标准误",
        remedy: "仅适用于只有一个数据方、以拟牛顿法求解且无正则的逻辑或线性回归。",
      },
    },
  ];
}
