/** What standard errors and several classes go together with; checked before consent. Weights of rows and the number of terms show when it runs. */
import { isOfClasses, scalarFamilyOf } from "@tombolo/federated/vertical/regression";
import type { ParameterFault, Participant } from "../component.ts";
import type { Parameters } from "./parameters.ts";

export function inferenceFaults(
  { inference, family, power, solver, l1, l2 }: Parameters,
  participants: readonly Participant[],
): ParameterFault[] {
  const possible =
    !isOfClasses(family) &&
    scalarFamilyOf({ family, power }).curvature !== null &&
    solver === "quasi-newton" &&
    l1 === 0 &&
    l2 === 0;
  const several = participants.filter(({ role }) => role === "host").length > 1;
  if (!inference || (possible && !several)) return [];
  return [
    {
      parameter: "inference",
      message: "there are no standard errors of such a model",
      remedy: "Ask for them of a regression with one host by quasi-Newton, without penalties.",
      zh: {
        message: "此类模型不提供标准误",
        remedy: "仅适用于只有一个数据方、以拟牛顿法求解且无正则的回归。",
      },
    },
  ];
}

export function classFaults({ family, classes }: Parameters, participants: readonly Participant[]): ParameterFault[] {
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
  if (!several || participants.filter(({ role }) => role === "host").length < 2) return [];
  return [
    {
      parameter: "family",
      message: "a model of several classes has one host",
      remedy: "Train with one host, or choose another family.",
      zh: { message: "多分类模型仅支持一个数据方", remedy: "请只保留一个数据方，或选择其他回归类型。" },
    },
  ];
}
