/**
 * Several classes: a tree a class and round, the softmax of a row's margins its probabilities. All gradients of a round
 * are those at its beginning, so that the classes' order does not matter.
 */
import { type Scored, scoreOf } from "./calibrate.ts";
import type { BoostingParameters } from "./parameters.ts";

/** Margins that a row has, and trees that a round grows. */
export const outputsOf = ({ objective, classes }: Pick<BoostingParameters, "objective" | "classes">): number =>
  objective === "multi-class" ? classes! : 1;

/** Trees of a whole training, over all classes. */
export const treesMax = (parameters: BoostingParameters): number => parameters.trees * outputsOf(parameters);

/** Trees in which hosts have no part. */
export const guestOnly = (parameters: BoostingParameters, tree: number): boolean =>
  tree < parameters.guestOnlyTrees * outputsOf(parameters);

/** log p of each class and row: a margin less the logarithm of the sum of all exponentials. */
export function logProbabilities(margins: readonly Float64Array[]): Float64Array[] {
  const rows = margins[0]!.length;
  const sums = Float64Array.from({ length: rows }, (_, row) => {
    let most = -Infinity;
    for (const own of margins) most = Math.max(most, own[row]!);
    let sum = 0;
    for (const own of margins) sum += Math.exp(own[row]! - most);
    return most + Math.log(sum);
  });
  return margins.map((own) => own.map((margin, row) => margin - sums[row]!));
}

/** Probabilities row by row, one after another: those of row i begin at i times the number of classes. */
export function probabilities(margins: readonly Float64Array[]): Float64Array {
  const out = new Float64Array(margins.length * margins[0]!.length);
  logProbabilities(margins).forEach((own, c) => {
    for (let row = 0; row < own.length; row++) out[row * margins.length + c] = Math.exp(own[row]!);
  });
  return out;
}

/** 1 for rows of this class. */
export const indicator = (labels: Float64Array, of: number): Float64Array => labels.map((y) => (y === of ? 1 : 0));

/** What rows with these margins are predicted: a number each, of several classes the probability of each. */
export const predictionsOf = (model: Scored, margins: readonly Float64Array[]): Float64Array =>
  model.objective === "multi-class" ? probabilities(margins) : margins[0]!.map((margin) => scoreOf(model, margin));
