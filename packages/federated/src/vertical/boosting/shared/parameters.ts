/** What level `shared` takes of the parameters of boosting: the rest is refused by name. */
import { TomboloError } from "@tombolo/base";
import { type BoostingParameters, checkParameters, defaultParameters } from "../parameters.ts";

export const SHARED_OBJECTIVES = ["binary", "regression"] as const;
export type SharedObjective = (typeof SHARED_OBJECTIVES)[number];

/** Rows of one product with a matrix in the clear. */
export const SHARED_ROWS_MAX = 2 ** 20;
/** Rows times columns of a party: up to 133 bytes each. */
export const SHARED_ENTRIES_MAX = 2 ** 25;
/** Candidate splits times columns times cells of a party: a byte each. */
export const SHARED_SIDES_MAX = 2 ** 29;
/** A tree is complete: its cost doubles with each level. */
export const SHARED_DEPTH_MAX = 8;

/** The largest weight of a row is below 2 to it. */
export const SHARED_WEIGHT_BITS_MAX = 20;

/** Taken as they are by default alone. */
const FIXED = [
  "maxLeaves",
  "forest",
  "guestOnlyTrees",
  "goss",
  "alpha",
  "maxDeltaStep",
  "colsample",
  "textEncoding",
  "gradientBits",
  "earlyStopping",
  "metric",
  "customMetric",
  "calibration",
  "hostColumns",
  "scheme",
] as const satisfies readonly (keyof BoostingParameters)[];

export interface Refused {
  readonly parameter: keyof BoostingParameters;
  /** What it has to be. */
  readonly expected: string;
}

/** The first parameter that this level does not take as it is given, if any. */
export function refusedParameter(parameters: BoostingParameters): Refused | undefined {
  if (!SHARED_OBJECTIVES.some((objective) => objective === parameters.objective))
    return { parameter: "objective", expected: SHARED_OBJECTIVES.join(" or ") };
  if (parameters.depth > SHARED_DEPTH_MAX) return { parameter: "depth", expected: `at most ${SHARED_DEPTH_MAX}` };
  if (parameters.learningRate > 1) return { parameter: "learningRate", expected: "at most 1" };
  const parameter = FIXED.find((name) => parameters[name] !== defaultParameters[name]);
  return parameter === undefined ? undefined : { parameter, expected: String(defaultParameters[parameter]) };
}

/** Throws `input.parameter` for the first parameter out of range, or not offered at this level. */
export function checkSharedParameters(
  parameters: BoostingParameters,
): BoostingParameters & { objective: SharedObjective } {
  checkParameters(parameters);
  const refused = refusedParameter(parameters);
  if (refused === undefined) return parameters as BoostingParameters & { objective: SharedObjective };
  throw new TomboloError(
    "input.parameter",
    `boosting parameter ${refused.parameter} at level shared must be ${refused.expected}`,
    {
      remedy: `Set ${refused.parameter} to ${refused.expected}, or train at level standard.`,
    },
  );
}
