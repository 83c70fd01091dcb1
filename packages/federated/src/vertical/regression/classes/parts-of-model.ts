/** From what training of several classes gave each party to the parts of the model. */
import { TomboloError } from "@tombolo/base";
import type { Design } from "../design.ts";
import { type ClassFamily, isOfClasses } from "../families/index.ts";
import type { GivenParameters } from "../parameters.ts";
import { quantumOf } from "../predict.ts";
import type { TrainedPart } from "../sides.ts";
import type { ClassTerm, GuestClassModel, HostClassModel } from "./model.ts";

export const guestClassModel = (
  { run, design, coefficients, intercepts }: TrainedPart,
  parameters: GivenParameters,
  { hosts }: Pick<GuestClassModel, "hosts">,
): GuestClassModel => ({
  kind: "regression/guest-classes",
  version: 1,
  modelId: run,
  family: classFamily(parameters),
  intercepts: [...intercepts],
  hosts,
  missing: parameters.missing,
  terms: classTerms(design, coefficients),
});

export const hostClassModel = (
  { run, design, coefficients, intercepts, contributions }: TrainedPart,
  parameters: GivenParameters,
  { hosts }: Pick<HostClassModel, "hosts">,
): HostClassModel => ({
  kind: "regression/host-classes",
  version: 1,
  modelId: run,
  family: classFamily(parameters),
  classes: intercepts.length,
  hosts,
  quantum: quantumOf(contributions),
  missing: parameters.missing,
  terms: classTerms(design, coefficients),
});

function classFamily({ family }: GivenParameters): ClassFamily {
  if (isOfClasses(family)) return family;
  throw new TomboloError("input.parameters", "a model of another family has no classes");
}

const classTerms = ({ terms }: Pick<Design, "terms">, coefficients: Float64Array): ClassTerm[] =>
  terms.map((term, i) => ({
    ...term,
    coefficients: Array.from(
      { length: coefficients.length / terms.length },
      (_, output) => coefficients[output * terms.length + i]!,
    ),
  }));
