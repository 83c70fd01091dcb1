/**
 * Columns of the guest along which the margin may only rise, or only fall. To hold a host's columns to a direction the guest
 * would have to be told which sums are of them, and which way they run: refused.
 */
import { TomboloError } from "@tombolo/base";
import type { Feature } from "./binning.ts";
import type { BoostingParameters } from "./parameters.ts";

export interface Directions {
  readonly rising: readonly string[];
  readonly falling: readonly string[];
}

/** By column 1, -1 or 0; undefined where all are 0. Throws `input.columns`, `input.parameter`. */
export function directionsOf(
  features: readonly Feature[],
  parameters: BoostingParameters,
  given: Directions | undefined,
): Int8Array | undefined {
  const named = [...(given?.rising ?? []), ...(given?.falling ?? [])];
  if (given === undefined || named.length === 0) return undefined;
  if (parameters.objective === "absolute" || parameters.objective === "multi-class")
    throw new TomboloError("input.parameter", "this objective takes no directions", {
      remedy: "Its leaves are medians, or its margins several: leave rising and falling columns out.",
    });
  const numeric = new Set(features.flatMap(({ kind, name }) => (kind === "numeric" ? [name] : [])));
  const wrong = named.find((name, i) => !numeric.has(name) || named.indexOf(name) !== i);
  if (wrong !== undefined)
    throw new TomboloError("input.columns", "a column with a direction is none of the numbers, or named twice", {
      remedy: "Name columns of numbers that take part, each once.",
      detail: { column: wrong },
    });
  const direction = (name: string): number => (given.rising.includes(name) ? 1 : given.falling.includes(name) ? -1 : 0);
  return Int8Array.from(features, ({ name }) => direction(name));
}
