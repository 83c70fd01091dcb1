/** What bands and policies must be to go together; checked before consent. */
import type { ParameterFault } from "../component.ts";
import type { Answering } from "./parameters.ts";

export const POLICIES = ["unknownId", "staleFeature", "missingHost", "timeOut"] as const;

export const answeringFaults = (given: Answering): ParameterFault[] => [...bandFaults(given), ...policyFaults(given)];

export function bandFaults({ output, bands }: Pick<Answering, "output" | "bands">): ParameterFault[] {
  const fault = (message: string, zh: string): ParameterFault[] => [
    {
      parameter: "bands",
      message,
      remedy: "Give every band a bound above the one before, and the last one none.",
      zh: { message: zh, remedy: "每个分段的上界须高于前一段，最后一段不设上界。" },
    },
  ];
  if ((output === "score" || output === "class") && bands.length === 0) return [];
  if (bands.length < 2) return fault("a band or a decision needs two or more to tell apart", "分段或决策至少需要两段");
  const bounds = bands.map(({ below }) => below);
  const ordered = bounds.every((below, i) =>
    i === bounds.length - 1 ? below === null : below !== null && (i === 0 || below > bounds[i - 1]!),
  );
  return ordered ? [] : fault("the bands are not in order", "分段未按顺序排列");
}

function policyFaults(given: Answering): ParameterFault[] {
  const asking = POLICIES.find((policy) => given[policy] === "default");
  if (asking === undefined || given.defaultScore !== null) return [];
  return [
    {
      parameter: "defaultScore",
      message: `${asking} gives a default score, and there is none`,
      remedy: "Set the default score, or refuse.",
      zh: { message: `${asking} 使用默认分，但未设默认分`, remedy: "请设置默认分，或改为拒绝。" },
    },
  ];
}
