/**
 * Going on from an earlier version: its trees stay as they are and more follow, each party's after its own part. The
 * table may be another one with the same columns, binned anew. Which leaves its rows come to in the trees there are, the
 * guest learns as in scoring (`leavesGuest`); the margins so far follow.
 */
import { TomboloError } from "@tombolo/base";
import { treesMax } from "./classes.ts";
import type { ModelPart } from "./model.ts";
import type { BoostingParameters } from "./parameters.ts";

/** Whether more trees may follow this part on these columns. Throws `input.model`. */
export function checkContinued(part: ModelPart, columns: readonly string[], parameters: BoostingParameters): void {
  const known = part.kind === "boosting/guest" ? part.features : Object.keys(part.featureNumbers);
  const names = new Set(columns);
  if (known.length !== names.size || !known.every((name) => names.has(name)))
    throw refusal("has other columns", "Choose the columns that the earlier version was trained on.");
  if (part.trees.length >= treesMax(parameters))
    throw refusal("has so many trees already", "Set trees higher; they include those of the earlier version.");
  if (parameters.forest) throw refusal("cannot be the beginning of a forest", "Set forest to false.");
  if (part.kind === "boosting/host") return;
  if (part.objective !== parameters.objective || (part.classes ?? null) !== parameters.classes)
    throw refusal("predicts something else", "Choose the objective and the number of classes that it has.");
}

const refusal = (what: string, remedy: string): TomboloError =>
  new TomboloError("input.model", `the version to go on from ${what}`, { remedy });
