/** A party's part of a regression model as it is stored. */
import { TomboloError } from "@tombolo/base";
import {
  checkGuestModel,
  checkHostModel,
  type GuestModel,
  type HostModel,
} from "@tombolo/federated/vertical/regression";
import { z } from "zod";
import { type Estimate, type Inference, inferenceShape } from "./inference.ts";

const stored = z.strictObject({
  kind: z.literal("regression"),
  version: z.literal(1),
  party: z.string(),
  /** What counts as 1 where the label is not 0 and 1 itself; null at a host. */
  positive: z.string().nullable(),
  parameters: z.record(z.string(), z.unknown()),
  inference: inferenceShape.nullable().default(null),
  part: z.unknown(),
});

export interface StoredRegression<P = GuestModel | HostModel> {
  readonly kind: "regression";
  readonly version: 1;
  readonly party: string;
  readonly positive: string | null;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly inference: Inference | null;
  readonly part: P;
}

/** Throws `input.model` for what training did not leave. */
export const storedGuestModel = (value: unknown): StoredRegression<GuestModel> => storedModel(value, checkGuestModel);
export const storedHostModel = (value: unknown): StoredRegression<HostModel> => storedModel(value, checkHostModel);

function storedModel<P>(value: unknown, check: (part: unknown) => P): StoredRegression<P> {
  const parsed = stored.safeParse(value);
  if (!parsed.success)
    throw new TomboloError("input.model", "this is not a regression model", {
      remedy: "Choose a model of regression-train.",
    });
  return { ...parsed.data, part: check(parsed.data.part) };
}

/** Either side's part. */
export const storedPart = (value: unknown): StoredRegression =>
  storedModel<GuestModel | HostModel>(value, (part) =>
    (part as { kind?: unknown } | null)?.kind === "regression/guest" ? checkGuestModel(part) : checkHostModel(part),
  );

/** What a part says of the fit to its owner; reports show it too. */
export interface RegressionFit {
  readonly family: string | null;
  readonly positive: string | null;
  readonly intercept: number | null;
  readonly inference: Omit<Inference, "terms"> & { readonly asked: boolean };
  readonly coefficients: readonly {
    readonly column: string;
    readonly category: string | null;
    readonly mean: number;
    readonly scale: number;
    readonly coefficient: number;
    readonly estimate: Estimate | null;
  }[];
}

export function fitOf({ part, positive, inference, parameters }: StoredRegression): RegressionFit {
  const { degrees = null, residual = null, intercept = null } = inference ?? {};
  return {
    family: typeof parameters.family === "string" ? parameters.family : null,
    positive,
    intercept: part.kind === "regression/guest" ? part.intercept : null,
    inference: { asked: parameters.inference === true, degrees, residual, intercept },
    coefficients: part.terms.map(({ column, category, mean, scale, coefficient }, i) => ({
      ...{ column, category, mean, scale, coefficient },
      estimate: inference?.terms[i] ?? null,
    })),
  };
}
