/** What standard errors go together with; checked before consent. Weights of rows and the number of terms show when it runs. */
import { familyOf } from "@tombolo/federated/vertical/regression";
import type { ParameterFault } from "../component.ts";
import type { Parameters } from "./parameters.ts";

export function inferenceFaults({ inference, family, power, solver, l1, l2 }: Parameters): ParameterFault[] {
  const possible = familyOf({ family, power }).curvature !== null && solver === "quasi-newton" && l1 === 0 && l2 === 0;
  if (!inference || possible) return [];
  return [
    {
      parameter: "inference",
      message: "there are no standard errors of such a model",
      remedy: "Ask for them of a logistic or linear regression by quasi-Newton, without penalties.",
      zh: {
        message: "此类模型不提供标准误",
        remedy: "仅适用于以拟牛顿法求解且无正则的逻辑或线性回归。",
      },
    },
  ];
}
