/** What standard errors and several classes go together with; checked before consent. Weights of rows and the number of terms show when it runs. */
import { isOfClasses, scalarFamilyOf } from "@tombolo/federated/vertical/regression";
import type { ParameterFault } from "../component.ts";
import type { Parameters } from "./parameters.ts";

export function inferenceFaults({ inference, family, power, solver, l1, l2 }: Parameters): ParameterFault[] {
  const possible =
    !isOfClasses(family) &&
    scalarFamilyOf({ family, power }).curvature !== null &&
    solver === "quasi-newton" &&
    l1 === 0 &&
    l2 === 0;
  if (!inference || possible) return [];
  return [
    {
      parameter: "inference",
      message: "there are no standard errors of such a model",
      remedy: "Ask for them of a regression of one score by quasi-Newton, without penalties.",
      zh: {
        message: "此类模型不提供标准误",
        remedy: "仅适用于单一分数、以拟牛顿法求解且无正则的回归。",
      },
    },
  ];
}

export function classFaults({ family, classes }: Parameters): ParameterFault[] {
  const several = isOfClasses(family);
  if (several === (classes === null))
    return [
      {
        parameter: "classes",
        message: several ? "how many classes there are is missing" : "a model of one score has no classes",
        remedy: several
          ? "Give the number of different labels."
          : "Leave classes empty, or choose a family of several classes.",
        zh: {
          message: several ? "未给出类别数" : "单一分数的模型没有类别数",
          remedy: several ? "请填写标签的不同取值个数。" : "请留空类别数，或选择多分类的回归类型。",
        },
      },
    ];
  return [];
}

/** Of mini-batches alone. */
export function batchFaults({ solver, optimizer, l1, earlyStopping }: Parameters): ParameterFault[] {
  const faults: ParameterFault[] = [];
  if (earlyStopping !== null && solver !== "sgd")
    faults.push({
      parameter: "earlyStopping",
      message: "early stopping is for mini-batches: quasi-Newton ends by itself when it has converged",
      remedy: 'Choose the solver "sgd", or leave early stopping empty.',
      zh: { message: "早停仅用于小批量；拟牛顿法收敛后自行结束", remedy: "请选择随机梯度，或留空早停。" },
    });
  if (optimizer === "adam" && solver === "sgd" && l1 > 0)
    faults.push({
      parameter: "optimizer",
      message: "Adam's steps differ from column to column, and an L1 penalty's optimum is not where they lead",
      remedy: 'Choose "momentum", or quasi-Newton, or leave the L1 penalty out.',
      zh: {
        message: "Adam 对各列步长不同，与 L1 正则同用时不会收敛到其最优解",
        remedy: "请选择动量或拟牛顿法，或去掉 L1 正则。",
      },
    });
  return faults;
}
