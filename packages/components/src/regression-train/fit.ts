/** What a part says of the fit to its owner; reports and the model's page show it. */

import type { GuestBinsModel, LookupTerm } from "@tombolo/federated/vertical/regression";
import type { Estimate, Inference } from "./inference.ts";
import type { StoredRegression } from "./model.ts";

export interface FitCoefficient {
  readonly column: string;
  readonly category: string | null;
  readonly mean: number;
  readonly scale: number;
  readonly coefficient: number;
  readonly estimate: Estimate | null;
  /** Of several classes the number of this one, from 0 on. */
  readonly class: number | null;
}

export interface RegressionFit {
  readonly family: string | null;
  readonly positive: string | null;
  readonly intercept: number | null;
  /** Null: one score. What the guest alone knows is null at a host. */
  readonly classes: {
    readonly count: number;
    readonly names: readonly string[] | null;
    readonly intercepts: readonly number[] | null;
  } | null;
  readonly inference: Omit<Inference, "terms"> & { readonly asked: boolean };
  readonly coefficients: readonly FitCoefficient[];
}

export function fitOf(model: StoredRegression): RegressionFit {
  const { part, positive, inference, parameters } = model;
  const { degrees = null, residual = null, dispersion = null, intercept = null } = inference ?? {};
  return {
    family: typeof parameters.family === "string" ? parameters.family : null,
    positive,
    intercept: "intercept" in part ? part.intercept : null,
    classes: classesOf(model),
    inference: { asked: parameters.inference === true, degrees, residual, dispersion, intercept },
    coefficients: coefficientsOf(model),
  };
}

function classesOf({ part, classes: names }: StoredRegression): RegressionFit["classes"] {
  if (part.kind === "regression/guest-classes")
    return { count: part.intercepts.length, names, intercepts: part.intercepts };
  return part.kind === "regression/host-classes" ? { count: part.classes, names, intercepts: null } : null;
}

function coefficientsOf({ part, inference }: StoredRegression): FitCoefficient[] {
  if (part.kind === "regression/host-bins") return [];
  if (part.kind === "regression/guest-classes" || part.kind === "regression/host-classes")
    return part.terms.flatMap(({ column, category, mean, scale, coefficients }) =>
      coefficients.map((coefficient, place) => ({
        ...{ column, category, mean, scale, coefficient },
        estimate: null,
        class: place,
      })),
    );
  const own = part.terms.map(({ column, category, mean, scale, coefficient }, i) => ({
    ...{ column, category, mean, scale, coefficient },
    estimate: inference?.terms[i] ?? null,
    class: null,
  }));
  return part.kind === "regression/guest-bins" ? [...own, ...lookedUp(part)] : own;
}

/** Of the host's columns, whose weights are here: by name where it is shown, else by number. */
const lookedUp = ({ hosts, lookups: { columns } }: GuestBinsModel): FitCoefficient[] =>
  columns.map(({ id, name, mean, scale, coefficient }) => ({
    ...{ column: lookupName(hosts[0]!, { id, name }), category: null, mean, scale, coefficient },
    estimate: null,
    class: null,
  }));

export const lookupName = (host: string, { id, name }: Pick<LookupTerm, "id" | "name">): string =>
  `${host}: ${name ?? id + 1}`;
