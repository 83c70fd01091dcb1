/** What standard errors and several classes go together with; checked before consent. Weights of rows and the number of terms show when it runs. */
import { isOfClasses, scalarFamilyOf, takesSharedBins } from "@tombolo/federated/vertical/regression";
import type { ParameterFault, Participant } from "../component.ts";
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

/** Weights that stay with the guest: of which regressions, and with whom. */
export function binsFaults(
  { sharedBins, family, inference }: Parameters,
  participants: readonly Participant[],
  inputs: readonly string[],
): ParameterFault[] {
  const fault = (message: string, remedy: string, zh: ParameterFault["zh"]): ParameterFault => ({
    ...{ parameter: "sharedBins", message, remedy, zh },
  });
  const binned = inputs.includes("binning");
  if (sharedBins !== binned)
    return [
      sharedBins
        ? fault("shared bins take the model of the bin task", "Connect it to the input binning.", {
            message: "共享分箱需要分箱任务的模型",
            remedy: "请将其接入 binning 输入。",
          })
        : fault("a binning is there and is not used", "Set sharedBins to true, or leave the input binning empty.", {
            message: "接入了分箱模型但未使用",
            remedy: "请将 sharedBins 设为 true，或不接入 binning 输入。",
          }),
    ];
  if (!sharedBins) return [];
  const found: ParameterFault[] = [];
  if (!takesSharedBins(family) || inference)
    found.push(
      fault(
        "shared bins are for logistic and linear regressions without standard errors",
        "Choose such a family and leave standard errors out, or bin in the mode host-learns-woe.",
        {
          message: "共享分箱仅适用于不含标准误的逻辑回归与线性回归",
          remedy: "请选择相应的回归类型并关闭标准误，或以 host-learns-woe 模式分箱。",
        },
      ),
    );
  if (participants.filter(({ role }) => role === "host").length !== 1)
    found.push(
      fault("shared bins are of one data provider", "Train with one, or bin in the mode host-learns-woe.", {
        message: "共享分箱只适用于一个数据方",
        remedy: "请只与一个数据方训练，或以 host-learns-woe 模式分箱。",
      }),
    );
  if (inputs.includes("start"))
    found.push(
      fault("training on shared bins starts afresh", "Leave the earlier model out.", {
        message: "共享分箱的训练不能从已有模型开始",
        remedy: "请不要接入已有模型。",
      }),
    );
  return found;
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
