/** What moved each row's score: own columns one by one, the hosts' as one. */
import { TomboloError } from "@tombolo/base";
import { playersOf } from "@tombolo/federated/vertical/regression";
import { contributionNames, type Mover } from "../boosting-predict/explain.ts";
import type { ParameterFault } from "../component.ts";
import type { GuestPart } from "../regression-train/model.ts";
import type { Parameters } from "./parameters.ts";

export interface Explained {
  /** Of the columns beside the score, in the order of the players. */
  readonly names: readonly string[];
  readonly movers: readonly Mover[];
  /** Where rows start. */
  readonly base: number;
}

/** Throws `input.model` for several classes, `input.columns` where two columns would be called the same. */
export function explainedBy(part: GuestPart, self: string): Explained {
  if (part.kind === "regression/guest-classes")
    throw new TomboloError("input.model", "what moves the scores of several classes is not told", {
      remedy: "Set contributions to false, or train a yes-or-no model of each class that matters.",
    });
  const { columns, others } = playersOf(part);
  const hosts = others ? [{ feature: null, party: part.hosts.join(", ") }] : [];
  return {
    names: contributionNames([
      ...columns.map((name) => ({ name })),
      ...(others ? [{ name: part.hosts.length === 1 ? part.hosts[0]! : "hosts" }] : []),
    ]),
    movers: [...columns.map((feature) => ({ feature, party: self })), ...hosts],
    base: part.intercept,
  };
}

export function explainFaults({ output, contributions }: Parameters): ParameterFault[] {
  if (output === "score" || !contributions) return [];
  return [
    {
      parameter: "contributions",
      message: "what moves a score is worked out from totals, which are told with scores alone",
      remedy: "Set contributions to false, or choose the score.",
      zh: { message: "特征贡献由贡献之和算出，仅在给出分数时可得", remedy: "请关闭特征贡献，或选择给出分数。" },
    },
  ];
}
