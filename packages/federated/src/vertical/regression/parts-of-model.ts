/** From what training gave each party to the parts of the model. */
import { TomboloError } from "@tombolo/base";
import { type Family, isOfClasses, type ScalarFamily } from "./families/index.ts";
import { type GuestModel, type HostModel, modelTerms } from "./model.ts";
import type { GivenParameters } from "./parameters.ts";
import { quantumOf } from "./predict.ts";
import type { TrainedPart } from "./sides.ts";

export function guestModel(
  { run, design, coefficients, intercepts }: TrainedPart,
  { family, power, missing }: GivenParameters,
  { hosts, offset }: { readonly hosts: readonly string[]; readonly offset: string | null },
): GuestModel {
  return {
    kind: "regression/guest",
    version: 1,
    modelId: run,
    family: scalar(family),
    power,
    intercept: intercepts[0]!,
    offset,
    hosts,
    missing,
    terms: modelTerms(design.terms, coefficients),
  };
}

function scalar(family: Family): ScalarFamily {
  if (!isOfClasses(family)) return family;
  throw new TomboloError("input.parameters", "a model of several classes has parts of their own");
}

export const hostModel = (
  { run, design, coefficients, contributions }: TrainedPart,
  { missing }: GivenParameters,
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
