/** From what training gave each party to the parts of the model. */
import { type GuestModel, type HostModel, modelTerms } from "./model.ts";
import type { RegressionParameters } from "./parameters.ts";
import { quantumOf } from "./predict.ts";
import type { TrainedPart } from "./sides.ts";

export function guestModel(
  { run, design, coefficients, intercept }: TrainedPart,
  { family, power, missing }: RegressionParameters,
  { hosts, offset }: { readonly hosts: readonly string[]; readonly offset: string | null },
): GuestModel {
  return {
    kind: "regression/guest",
    version: 1,
    modelId: run,
    family,
    power,
    intercept,
    offset,
    hosts,
    missing,
    terms: modelTerms(design.terms, coefficients),
  };
}

export const hostModel = (
  { run, design, coefficients, contributions }: TrainedPart,
  { missing }: RegressionParameters,
  { hosts }: Pick<HostModel, "hosts">,
): HostModel => ({
  kind: "regression/host",
  version: 1,
  modelId: run,
  hosts,
  quantum: quantumOf(contributions),
  missing,
  terms: modelTerms(design.terms, coefficients),
});
